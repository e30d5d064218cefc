"""From the words on the command line to paths of images, one after the other."""

import os
from collections.abc import Callable, Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path

from pellucid.images.suffixes import has_image_suffix

STDIN = "-"
_BLOCK = 1 << 16


def image_paths(
    words: Iterable[str], stdin: BufferedIOBase, end: bytes, complain: Callable[[str], None]
) -> Iterator[Path]:
    """The images that ``words`` name, in their order, without holding them all.

    Args:
        words: files, taken whatever they are called; folders, searched for images as
            :func:`walk` does; ``-`` for a list of paths on ``stdin``.
        stdin: where the list comes from.
        end: the byte that ends each path of the list, a newline or NUL.
        complain: told about each folder that cannot be listed.
    """
    for word in words:
        if word == STDIN:
            yield from (Path(os.fsdecode(item)) for item in split_stream(stdin, end))
        else:
            yield from _named(word, complain)


def count_images(words: Iterable[str]) -> int:
    """How many paths :func:`image_paths` gives for files and folders."""
    return sum(1 for word in words for _ in _named(word, lambda sentence: None))


def _named(word: str, complain: Callable[[str], None]) -> Iterator[Path]:
    path = Path(word)
    return walk(path, complain) if path.is_dir() else iter([path])


def walk(folder: Path, complain: Callable[[str], None]) -> Iterator[Path]:
    """Files below ``folder`` that are named as images, by name within each folder.

    Hidden files and folders are passed over, and links to folders are not followed, so that a
    loop of links cannot trap the walk.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        complain(f"{folder}: the folder cannot be listed ({error.strerror}).")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from walk(folder / entry.name, complain)
        elif has_image_suffix(entry.name) and not entry.is_dir():
            yield folder / entry.name


def split_stream(stream: BufferedIOBase, end: bytes) -> Iterator[bytes]:
    r"""The pieces of a stream that ``end`` ends, read in blocks; empty pieces are passed over.

    >>> from io import BytesIO
    >>> list(split_stream(BytesIO(b"a.png\n\nb c.png"), b"\n"))
    [b'a.png', b'b c.png']
    """
    rest = b""
    while block := stream.read1(_BLOCK):  # what is there now, so that a slow list flows too
        *pieces, rest = (rest + block).split(end)
        yield from filter(None, pieces)
    if rest:
        yield rest
