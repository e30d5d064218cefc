"""Shards as a catalogue: every image within reach, or the training images left in their stream."""

import hashlib
import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import IO

from pellucid.data.catalogue import Catalogue, LeftOut, Sample
from pellucid.data.shards.index import Shard, Shards, open_shards
from pellucid.data.shards.names import lasting
from pellucid.data.shards.tar import TarSample
from pellucid.errors import DataError
from pellucid.images.raw import image_error
from pellucid.images.read import Picture, decode_image

#: Training images of a stream that are looked at before it begins: for mean, spread and symmetry.
LOOK = 4096
#: Of shards that have no validation part, one in so many becomes one.
_VAL_EVERY = 10


class SliceSource:
    """Images that are pieces of files. Safe to use from several threads."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._files: list[int] = []
        self._stamps: list[str] = []
        self._file, self._start, self._size = array("l"), array("q"), array("q")
        self._finalizer = weakref.finalize(self, _close, self._files)

    def add_file(self, file: IO[bytes], stamp: str) -> None:
        """Further images are in this file; the source keeps a descriptor of its own."""
        self._files.append(os.dup(file.fileno()))
        self._stamps.append(stamp)

    def add(self, name: str, start: int, size: int) -> None:
        """An image in the last file."""
        self.names.append(name)
        self._file.append(len(self._files) - 1)
        self._start.append(start)
        self._size.append(size)

    def load(self, index: int, enough: int | None = None) -> Picture:
        """Read and decode one image.

        Raises:
            ImageError: see :func:`pellucid.images.read.decode_image`.
        """
        return decode_image(self.content(index), self.names[index], enough=enough)

    def content(self, index: int) -> bytes:
        """The file of one image as it is.

        Raises:
            ImageError: it cannot be read any more.
        """
        name, size = self.names[index], self._size[index]
        descriptor = self._files[self._file[index]]
        try:
            data = os.pread(descriptor, size, self._start[index])
        except OSError as error:
            raise image_error(name, "unreadable", error.strerror or "") from error
        if len(data) != size:
            raise image_error(name, "truncated")
        return data

    def stamp(self, index: int) -> str:
        """That of its file, and its place there."""
        return f"{self._stamps[self._file[index]]}:{self._start[index]}:{self._size[index]}"

    def close(self) -> None:
        """Close the files."""
        self._finalizer()


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
    descriptors.clear()


@dataclass(frozen=True)
class Stream:
    """Training images that stay where they are, and are read anew each epoch.

    Attributes:
        shards: that hold them.
    """

    shards: Shards

    @property
    def unseen(self) -> int:
        """Of them, those that are not looked at before the training."""
        return max(0, self.shards.samples - LOOK)


def read_shards(
    address: str, *, stream: bool = False, advance: Callable[[int], None] | None = None
) -> Catalogue:
    """The samples of a set of shards.

    Shards on this machine's disks are checked (size and checksum, where there is an index) and
    then read at any place, unless a stream is asked for. Of others, and of a stream, only
    validation and test images and a first look at the training images are kept, in a temporary
    file; the training images are the catalogue's ``stream``.

    Args:
        address: see :func:`pellucid.data.shards.index.open_shards`.
        stream: do not read the training images before the training.
        advance: told the number of samples of shards without an index.

    Raises:
        DataError: a shard is missing, damaged or hostile, or there is nothing to validate on.
    """
    shards = open_shards(address, advance)
    shards = replace(shards, address=lasting(address))
    if len(shards.classes) < 2:
        raise DataError(f"{address!r} has only one class: a classifier needs at least two.")
    if stream or not shards.local:
        return _streamed(shards)
    source = SliceSource()
    samples: list[Sample] = []
    left_out: list[LeftOut] = []
    for shard in shards.shards:
        _check(shard)
        with Path(shard.name).expanduser().open("rb") as file:
            source.add_file(file, str(os.fstat(file.fileno()).st_mtime_ns))
        for found in shards.samples_of(shard, images=False):
            if _take(found, shard, shards, samples, left_out):
                source.add(samples[-1].name, found.start, found.size)
    return _catalogue(shards, samples, left_out, source, None)


def _catalogue(
    shards: Shards,
    samples: list[Sample],
    left_out: list[LeftOut],
    source: SliceSource,
    stream: Stream | None,
) -> Catalogue:
    root = Path(shards.address)
    return Catalogue(
        root, "shards", shards.classes, samples, tuple(left_out), source, shards.address, stream
    )


def _take(
    found: TarSample,
    shard: Shard,
    shards: Shards,
    samples: list[Sample],
    left_out: list[LeftOut],
) -> bool:
    """Add a sample to those of a catalogue, or to those left out."""
    name = f"{shard.name.rpartition('/')[2]}/{found.key}"
    label = shards.label(found)
    if label is None:
        why = "no .cls member" if found.label is None else f"unknown class {found.label!r}"
        left_out.append(LeftOut(name, "no-class", why))
        return False
    samples.append(Sample(name, label, shard.split))
    return True


def _check(shard: Shard) -> None:
    """Compare a local shard with what the index says.

    Raises:
        DataError: it is missing or another.
    """
    path = Path(shard.name).expanduser()
    try:
        size = path.stat().st_size
        if shard.size is not None and size != shard.size:
            raise DataError(
                f"the shard {shard.name!r} has {size:,} bytes, and its index says {shard.size:,}: "
                "copy it again."
            )
        with path.open("rb") as file:
            if shard.sha256 not in (None, hashlib.file_digest(file, "sha256").hexdigest()):
                raise DataError(
                    f"the shard {shard.name!r} is not what its index says (its checksum differs): "
                    "copy it again."
                )
    except OSError as error:
        raise DataError(f"cannot read the shard {shard.name!r}: {error.strerror}.") from error


def _streamed(shards: Shards) -> Catalogue:
    """Validation and test images and a look at the training images, spooled; the rest a stream."""
    train, kept = _parts(shards)
    source = SliceSource()
    samples: list[Sample] = []
    left_out: list[LeftOut] = []
    with tempfile.TemporaryFile() as spool:
        source.add_file(spool, shards.address)
        for shard, found in chain(_first(train), _all(kept)):
            if _take(found, shard, shards, samples, left_out):
                source.add(samples[-1].name, spool.tell(), found.size)
                spool.write(found.image)
    return _catalogue(shards, samples, left_out, source, Stream(train))


def _parts(shards: Shards) -> tuple[Shards, Shards]:
    """Shards to learn from, and the others. Those of no part are to learn from.

    Raises:
        DataError: there are too few to validate on one of them.
    """
    learn = [replace(s, split="train") for s in shards.shards if s.split in ("train", None)]
    others = [s for s in shards.shards if s.split in ("val", "test")]
    if not any(shard.split == "val" for shard in others):
        if len(learn) < 2:
            raise DataError(
                f"{shards.address!r} cannot be streamed: it needs shards named val-…, or at least "
                "two to learn from, of which one can be kept to validate on."
            )
        taken = max(1, len(learn) // _VAL_EVERY)
        others += [replace(shard, split="val") for shard in learn[-taken:]]
        learn = learn[:-taken]
    return replace(shards, shards=tuple(learn)), replace(shards, shards=tuple(others))


def _all(shards: Shards) -> Iterator[tuple[Shard, TarSample]]:
    for shard in shards.shards:
        for found in shards.samples_of(shard):
            yield shard, found


def _first(shards: Shards) -> Iterator[tuple[Shard, TarSample]]:
    return islice(_all(shards), LOOK)
