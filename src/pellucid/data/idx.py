"""MNIST's idx format: images and labels in two files, gzipped or not.

Format: two zero bytes, a byte for the type (8: unsigned byte), a byte for the number of
dimensions, each dimension as a big-endian 32-bit integer, then the values.
(Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".)
"""

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from pellucid.data.arrays import ArraySource, Block
from pellucid.data.assemble import Record, assemble
from pellucid.data.catalogue import Catalogue, Split
from pellucid.data.naming import natural_key, split_named
from pellucid.errors import DataError

_IMAGES = re.compile(r"(?P<set>.+)-images[-.]idx3-ubyte(\.gz)?", re.I)
_UNSIGNED_BYTE = 8
#: Deflate cannot do better than this (zlib technical details: 1032 to 1).
_MAX_RATIO = 1032
_CLASSES_FILE = "classes.txt"


@dataclass(frozen=True, slots=True)
class IdxPair:
    """Two files that belong together.

    Attributes:
        images: ``SET-images-idx3-ubyte`` or the same with ``.gz``.
        labels: ``SET-labels-idx1-ubyte`` likewise.
        split: by the last word of ``SET``: ``train``, ``t10k`` (test), ``test``, ``val``, …
    """

    images: Path
    labels: Path
    split: Split | None


def is_idx_images(path: Path) -> bool:
    """Whether a file's name is that of an idx file of images.

    >>> is_idx_images(Path("t10k-images-idx3-ubyte.gz")), is_idx_images(Path("a.gz"))
    (True, False)
    """
    return _IMAGES.fullmatch(path.name) is not None


def read_idx(path: str | Path) -> Catalogue:
    """The images of a folder of idx files, or of one idx file of images.

    Classes are the lines of a ``classes.txt`` beside the files, the first for label 0; else the
    labels themselves.

    Args:
        path: a folder with ``*-images-idx3-ubyte[.gz]`` and ``*-labels-idx1-ubyte[.gz]``, or
            one of the former.

    Raises:
        DataError: labels are missing, a header is wrong, or header, length and partner disagree.

    Example::

        catalogue = read_idx("mnist")
        catalogue.classes        # ('0', '1', …, '9')
        catalogue.samples[0]     # Sample(name='train-images-idx3-ubyte.gz[0]', label=5, …)
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    files = [file for file in path.iterdir() if is_idx_images(file)] if path.is_dir() else [path]
    pairs = [_pair(file) for file in sorted(files, key=lambda file: natural_key(file.name))]
    _refuse_two_of_a_split(folder, pairs)
    blocks, labels = [], []
    for pair in pairs:
        images = read_idx_array(pair.images, dimensions=3)
        labels.append(read_idx_array(pair.labels, dimensions=1))
        if len(images) != len(labels[-1]):
            raise DataError(
                f"{str(pair.images)!r} has {len(images)} images, but {str(pair.labels)!r} has "
                f"{len(labels[-1])} labels: they do not belong together."
            )
        blocks.append(Block(pair.images, pair.images.name, images[..., None]))
    classes = _classes(folder, max((int(part.max(initial=0)) for part in labels), default=0))
    records = [
        Record(f"{pair.images.name}[{index}]", classes[label], pair.split)
        for pair, part in zip(pairs, labels, strict=True)
        for index, label in enumerate(part.tolist())
    ]
    return assemble(path, "idx", records, ArraySource(blocks), known=classes)


def read_idx_array(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array of one idx file of unsigned bytes, checked against its header.

    No more is ever unpacked than the header promises and one byte, and no header is believed
    that promises more than the file can hold.

    Raises:
        DataError: wrong type or number of dimensions, no values, too short or too long.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=plain) if packed else plain  # type: ignore[assignment]
            shape = _header(stream, path, dimensions)
            promised = int(np.prod(shape, dtype=object))
            if promised > size * (_MAX_RATIO if packed else 1):
                raise _wrong(path, f"its header promises {promised:,} values, too many for it")
            values = stream.read(promised + 1)
    except (EOFError, zlib.error, OSError) as error:
        raise _wrong(path, f"it cannot be read ({error})") from error
    if len(values) != promised:
        have = f"only {len(values):,}" if len(values) < promised else "more"
        raise _wrong(path, f"its header promises {promised:,} values, it has {have}")
    return np.frombuffer(values, np.uint8).reshape(shape)


def _header(stream: IO[bytes], path: Path, dimensions: int) -> tuple[int, ...]:
    """The shape that a file of unsigned bytes promises."""
    length = 4 + 4 * dimensions
    head = stream.read(length)
    expected = bytes([0, 0, _UNSIGNED_BYTE, dimensions])
    if head[:4] != expected:
        raise _wrong(path, f"it starts with {head[:4].hex(' ')}, expected {expected.hex(' ')}")
    if len(head) < length:
        raise _wrong(path, "it ends within its header")
    shape = tuple(np.frombuffer(head, ">u4", dimensions, 4).tolist())
    if 0 in shape:
        raise _wrong(path, f"its header says {' by '.join(map(str, shape))}, that is nothing")
    return shape


def _wrong(path: Path, what: str) -> DataError:
    return DataError(f"{str(path)!r} is not a sound idx file: {what}; get a fresh copy of it.")


def _pair(images: Path) -> IdxPair:
    """The labels and the split of a file of images."""
    match = _IMAGES.fullmatch(images.name)
    if match is None:
        raise DataError(f"{str(images)!r} is not named like '*-images-idx3-ubyte' or the same .gz.")
    name = match["set"]
    word = re.split("[-_.]", name)[-1]
    split = "test" if word.lower() == "t10k" else split_named(word)
    plain = re.sub(r"\.gz$", "", images.name, flags=re.I)
    stem = plain[: len(name)] + plain[len(name) :].replace("images", "labels").replace(
        "idx3", "idx1"
    )
    for labels in (images.with_name(stem), images.with_name(stem + ".gz")):
        if labels.exists():
            return IdxPair(images, labels, split)
    raise DataError(
        f"{str(images)!r} has no labels: expected {stem!r} or {stem + '.gz'!r} beside it."
    )


def _refuse_two_of_a_split(folder: Path, pairs: list[IdxPair]) -> None:
    seen: dict[Split | None, str] = {}
    for pair in pairs:
        name = pair.images.name
        if pair.split in seen:
            raise DataError(
                f"{str(folder)!r} has {seen[pair.split]!r} and {name!r} for the same split: "
                f"keep one, or name one of them."
            )
        seen[pair.split] = name


def _classes(folder: Path, largest: int) -> list[str]:
    """Class names for labels 0 … largest."""
    file = folder / _CLASSES_FILE
    if not file.exists():
        return [str(label) for label in range(largest + 1)]
    names = [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    if len(names) <= largest:
        raise DataError(
            f"{str(file)!r} names {len(names)} classes, but there is a label {largest}: "
            f"expected a name a line, the first for label 0."
        )
    if len(set(names)) < len(names):
        raise DataError(f"{str(file)!r} names a class twice: each name is to be different.")
    return names
