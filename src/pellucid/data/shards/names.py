"""What names a set of shards, and how a shard is opened for reading."""

import itertools
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pellucid.errors import DataError

#: A command whose output is a shard, as in WebDataset.
PIPE = "pipe:"
#: Between the shards of a list, as in WebDataset.
LIST = "::"
INDEX = "index.json"
#: More shards than this in one name are a slip of the keyboard.
_MOST = 1_000_000
_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


def is_shards(name: str | Path) -> bool:
    """Whether a name means shards: a folder with their index, or tar files wherever they lie.

    >>> is_shards("photos-{00..09}.tar"), is_shards("s3://bucket/a.tar"), is_shards("photos.csv")
    (True, True, False)
    """
    text = str(name)
    if text.startswith(PIPE) or LIST in text or text.endswith((".tar", f"/{INDEX}")):
        return True
    return "://" in text or text == INDEX or (Path(text).expanduser() / INDEX).is_file()


def is_path(name: str) -> bool:
    """Whether a name is a path as it is; a list, a pipe or a URL must not be treated as one.

    >>> [is_path(name) for name in ("a.tar", "a.tar::b.tar", "s3://bucket/a.tar")]
    [True, False, False]
    """
    return LIST not in name and is_local(name)


def is_local(name: str) -> bool:
    """Whether a shard, or each of a list, is a file of this machine that is read at any place."""
    return not any(part.startswith(PIPE) or "://" in part for part in name.split(LIST))


def lasting(address: str) -> str:
    """An address as it can be used from another folder.

    >>> lasting("/data/a.tar::pipe:cat b.tar"), lasting("s3://bucket/a.tar")
    ('/data/a.tar::pipe:cat b.tar', 's3://bucket/a.tar')
    """
    parts = address.split(LIST)
    return LIST.join(str(Path(p).expanduser().absolute()) if is_local(p) else p for p in parts)


def expand(text: str) -> list[str]:
    """The shards that a list or a pattern names; in a pipe's command braces are the shell's.

    Raises:
        DataError: a range is upside down or far too long.

    >>> expand("a-{08..10}.tar::{b,c}.tar")
    ['a-08.tar', 'a-09.tar', 'a-10.tar', 'b.tar', 'c.tar']
    """
    names: list[str] = []
    for part in text.split(LIST):
        names += [part] if part.startswith(PIPE) else _expand_braces(part)
    return names


def _expand_braces(text: str) -> list[str]:
    pieces = _BRACES.split(text)  # what is in braces has odd places
    choices = [
        _choices(piece, text) if place % 2 else [piece] for place, piece in enumerate(pieces)
    ]
    count = 1
    for each in choices:
        count *= len(each)
    if count > _MOST:
        raise DataError(f"{text!r} names {count:,} shards: expected at most {_MOST:,}.")
    return ["".join(combination) for combination in itertools.product(*choices)]


def _choices(piece: str, text: str) -> list[str]:
    found = _RANGE.fullmatch(piece)
    if found is None:
        return piece.split(",")
    first, last = found.groups()
    if not 0 <= int(last) - int(first) < _MOST:
        raise DataError(
            f"{{{piece}}} in {text!r} is no range of shards: expected {{000..009}} or the like."
        )
    return [str(number).zfill(len(first)) for number in range(int(first), int(last) + 1)]


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """A shard, or another file beside shards, to be read from front to back.

    Raises:
        DataError: it cannot be opened, or the command of a pipe failed.
    """
    if name.startswith(PIPE):
        with _pipe(name.removeprefix(PIPE)) as stream:
            yield stream
    elif is_local(name):
        try:
            file = Path(name).expanduser().open("rb")
        except OSError as error:
            raise DataError(f"cannot open the shard {name!r}: {error.strerror}.") from error
        with file:
            yield file
    else:
        with _remote(name) as stream:
            yield stream


@contextmanager
def _pipe(command: str) -> Iterator[IO[bytes]]:
    """What a shell command writes. The user typed it: names in an index are never commands."""
    with subprocess.Popen(command, shell=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        except DataError as error:
            if not process.stdout.read(1) and process.wait():
                raise _failed(command, process.returncode) from error  # why the shard is cut short
            process.kill()
            raise
        except BaseException:
            process.kill()
            raise
        while process.stdout.read(1 << 16):  # what follows the last sample
            pass
    if process.returncode:
        raise _failed(command, process.returncode)


def _failed(command: str, code: int) -> DataError:
    return DataError(f"the command {command!r} ended with code {code}.")


@contextmanager
def _remote(url: str) -> Iterator[IO[bytes]]:
    try:
        import fsspec
    except ImportError as error:
        raise DataError(
            f"reading {url!r} needs fsspec: install it with 'pip install pellucid[remote]'."
        ) from error
    try:
        file = fsspec.open(url, "rb").open()
    except Exception as error:  # each file system has errors of its own
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"cannot open the shard {url!r}: {reason}.") from error
    with file:
        yield file
