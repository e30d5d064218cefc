"""From the words on the command line to paths of images."""

import os
from collections.abc import Callable, Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path

from pellucid.data.naming import natural_key
from pellucid.data.walk import walk

STDIN = "-"
_BLOCK = 1 << 16


def named_paths(words: Iterable[str], complain: Callable[[str], None]) -> list[str]:
    """Files as they are, and in place of each folder the images below it, in natural order.

    A folder is walked as for training: hidden and system files, and files without the suffix of
    an image, are passed over; links are followed, loops are not.

    Args:
        words: files, taken whatever they are called; folders; :data:`STDIN`, which stays.
        complain: told about each folder below that cannot be listed.

    Raises:
        OSError: one of the folders cannot be listed.
    """
    paths: list[str] = []
    for word in words:
        if not Path(word).is_dir():
            paths.append(word)
            continue
        found = walk(word)
        for item in found.left_out:
            if item.why == "unreadable":
                complain(f"{os.path.join(word, item.name)}: {item.detail}.")  # noqa: PTH118
        paths += (os.path.join(word, name) for name in sorted(found.images, key=natural_key))  # noqa: PTH118
    return paths


def with_list(paths: Iterable[str], stdin: BufferedIOBase, end: bytes) -> Iterator[str]:
    """The paths, and in place of :data:`STDIN` those listed on ``stdin``, read as they come.

    Args:
        paths: from :func:`named_paths`.
        stdin: where the list comes from.
        end: the byte that ends each path of the list, a newline or NUL.
    """
    for path in paths:
        if path == STDIN:
            yield from map(os.fsdecode, split_stream(stdin, end))
        else:
            yield path


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
