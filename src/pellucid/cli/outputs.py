"""Where the pictures go that a command makes of pictures: a file for one, a folder for several."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pellucid.errors import StorageError, UsageError


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to read, and where what is made of it is written.

    Attributes:
        source: the file to read.
        target: the file to write; None where none is asked for.
    """

    source: str
    target: Path | None


def jobs_for(
    words: Iterable[str], paths: Iterable[str], output: Path | None, *, overwrite: bool
) -> list[Job]:
    """A target for each picture, before the first is read.

    One file goes to ``output`` itself, unless that is a folder (or ends in a slash). Several
    files, or a folder's, go into the folder ``output`` under their own names; those of a folder
    keep their sub-folders. A suffix that cannot be written gets ``.png`` behind it.

    Args:
        words: files and folders as the user named them.
        paths: the pictures that they stand for, each folder's below it
            (:func:`pellucid.cli.inputs.named_paths`).
        output: from the user; None where nothing is to be written.
        overwrite: whether files that exist may be replaced.

    Raises:
        UsageError: an unknown suffix, two pictures with one target, or a picture that would
            replace itself.
        StorageError: a target exists, or ``output`` is a file where a folder is needed.
    """
    words, paths = list(words), list(paths)
    if output is None:
        return [Job(path, None) for path in paths]
    alone = len(words) == 1 and not Path(words[0]).is_dir()
    if alone and not output.is_dir():
        targets = [_as_file(output)]
    else:
        targets = _in_folder(words, paths, output)
    jobs = [Job(path, target) for path, target in zip(paths, targets, strict=True)]
    _check(jobs, overwrite)
    return jobs


def make_parent(target: Path) -> None:
    """The folder of a target, with all above it.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make the folder {target.parent}: {error.strerror or error}."
        ) from error


def _as_file(output: Path) -> Path:
    from pellucid.images.save import format_of

    format_of(output)
    return output


def _in_folder(words: list[str], paths: list[str], output: Path) -> list[Path]:
    if output.exists() and not output.is_dir():
        raise StorageError(f"{output} is a file: name a folder for the pictures made of these.")
    folders = [word for word in words if Path(word).is_dir()]
    return [output / _written_name(path, folders) for path in paths]


def _written_name(path: str, folders: list[str]) -> Path:
    """The name below the output folder."""
    from pellucid.images.save import SUFFIXES

    home = next((folder for folder in folders if path.startswith(_with_slash(folder))), None)
    name = path[len(_with_slash(home)) :] if home is not None else Path(path).name
    relative = Path(name)
    known = relative.suffix.lower() in SUFFIXES
    return relative if known else relative.with_name(f"{relative.name}.png")


def _with_slash(folder: str) -> str:
    """As :func:`pellucid.cli.inputs.named_paths` puts it before the names of its pictures."""
    return os.path.join(folder, "")  # noqa: PTH118


def _check(jobs: list[Job], overwrite: bool) -> None:
    seen: dict[Path, str] = {}
    for job in jobs:
        assert job.target is not None
        first = seen.setdefault(job.target, job.source)
        if first is not job.source:
            raise UsageError(
                f"{first} and {job.source} would both be written to {job.target}: "
                "give them one at a time, or the folder that has both."
            )
        if job.target.exists() and job.target.resolve() == Path(job.source).resolve():
            raise UsageError(f"{job.source} would be replaced by its own result: name another -o.")
    there = [job.target for job in jobs if job.target is not None and job.target.exists()]
    if there and not overwrite:
        more = f" (and {len(there) - 1:,} more)" if len(there) > 1 else ""
        raise StorageError(
            f"{there[0]}{more} exists: choose another -o, or replace it with --overwrite."
        )
