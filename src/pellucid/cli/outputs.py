"""Images in, images out: where the result of each input goes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pellucid.cli.inputs import named_paths
from pellucid.errors import DataError, StorageError, UsageError
from pellucid.images.save import SUFFIXES, format_of


@dataclass(frozen=True, slots=True)
class Job:
    """One image to read and one to write.

    Attributes:
        source: path of the image.
        target: path of its result.
    """

    source: str
    target: Path


def jobs(
    inputs: Sequence[str], output: Path, *, overwrite: bool, complain: Callable[[str], None]
) -> list[Job]:
    """What is to be read and written: a file to a file, anything more into a folder.

    In the folder a file keeps its name, and what lies below an input folder keeps its place below
    it. An image of a format that Pellucid does not write gets ``.png`` added to its name.

    Args:
        inputs: files and folders.
        output: for one file, a file (its suffix says the format) or a folder; else a folder.
        overwrite: whether files may be replaced.
        complain: told about each folder that cannot be listed.

    Raises:
        UsageError: a file is wanted for several results, its format is unknown, or two results
            would have the same name.
        StorageError: a result exists, and may not be replaced.
        DataError: there is no image.
    """
    if len(inputs) == 1 and not Path(inputs[0]).is_dir() and not _is_folder(output):
        format_of(output)  # refuses what cannot be written
        found = [Job(inputs[0], output)]
    else:
        _check_folder(output)
        found = [job for word in inputs for job in _in_folder(word, output, complain)]
    if not found:
        raise DataError(f"expected images in {', '.join(inputs)}, found none.")
    _check_names(found)
    if not overwrite:
        refuse_existing([job.target for job in found])
    return found


def refuse_existing(paths: Sequence[Path]) -> None:
    """Refuse to replace files.

    Raises:
        StorageError: naming the first, and how many more there are.
    """
    existing = [path for path in paths if path.exists()]
    if existing:
        more = f" (and {len(existing) - 1:,} more)" if len(existing) > 1 else ""
        raise StorageError(
            f"{existing[0]} exists{more}: choose another output, or add --overwrite."
        )


def _is_folder(output: Path) -> bool:
    return output.is_dir() or not output.suffix


def _check_folder(output: Path) -> None:
    if output.suffix.lower() in SUFFIXES or output.is_file():
        raise UsageError(f"expected a folder for several results, found the file name {output}.")


def _in_folder(word: str, output: Path, complain: Callable[[str], None]) -> list[Job]:
    sources = named_paths([word], complain)
    base = word if Path(word).is_dir() else os.path.dirname(word)  # noqa: PTH120
    return [
        Job(source, output / _named(os.path.relpath(source, base or "."))) for source in sources
    ]


def _named(name: str) -> str:
    return name if Path(name).suffix.lower() in SUFFIXES else f"{name}.png"


def _check_names(found: Sequence[Job]) -> None:
    taken: dict[Path, str] = {}
    for job in found:
        if job.target in taken:
            raise UsageError(
                f"{taken[job.target]} and {job.source} would both become {job.target}: give them "
                "in two calls."
            )
        taken[job.target] = job.source
