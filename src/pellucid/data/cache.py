"""Decoded and fitted images, each made once: in memory, or in a file where memory is too small."""

import errno
import math
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cachefolder import entry_named, find_entry, new_entry, writing
from pellucid.data.catalogue import Catalogue
from pellucid.data.fingerprint import fingerprint
from pellucid.data.memory import available_memory
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.scan import Scan, scan
from pellucid.data.scanfile import load_scan, save_scan
from pellucid.errors import DataError
from pellucid.images.read import Picture, Pixels

#: N, H, W, C.
Shape = tuple[int, int, int, int]

#: Faults that can go away while the file stays as it is, so that they are not to be remembered.
_PASSING = {"missing", "unreadable"}


class PixelCache(ABC):
    """N fitted images (H, W, C) uint8; those that could not be decoded are all 0.

    Attributes:
        shape: N, H, W, C.
        path: the file that holds them, or None where they are in memory.
    """

    def __init__(self, shape: Shape, path: Path | None) -> None:
        self.shape = shape
        self.path = path

    def __len__(self) -> int:
        return self.shape[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def gather(self, indices: NDArray[np.intp]) -> Pixels:
        """A batch: a new array (n, H, W, C) of the images at ``indices`` (n,), in their order.

        Several threads may call it at once.

        Raises:
            IndexError: an index is not in 0 … N - 1.
            DataError: the cache file cannot be read.
        """
        if indices.size and not (indices.min() >= 0 and indices.max() < len(self)):
            raise IndexError(
                f"image indices are 0 to {len(self) - 1}, not {indices.min()} to {indices.max()}."
            )
        return self._gather(indices)

    @abstractmethod
    def _gather(self, indices: NDArray[np.intp]) -> Pixels: ...

    @abstractmethod
    def put(self, index: int, image: Pixels) -> None:
        """Store a fitted image (H, W, C); for filling, by any thread."""

    @abstractmethod
    def close(self) -> None:
        """Release the memory or the file; the cache cannot be used afterwards."""


class MemoryPixels(PixelCache):
    """Images in one array.

    Example:
        >>> cache = MemoryPixels((3, 1, 1, 1))
        >>> cache.put(2, np.array([[[7]]], np.uint8))
        >>> cache.gather(np.array([2, 0])).ravel().tolist()
        [7, 0]
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape, None)
        self._pixels = np.zeros(shape, np.uint8)

    def put(self, index: int, image: Pixels) -> None:
        self._pixels[index] = image

    def _gather(self, indices: NDArray[np.intp]) -> Pixels:
        return self._pixels.take(indices, axis=0)

    def close(self) -> None:
        self._pixels = np.zeros((0, *self.shape[1:]), np.uint8)


class FilePixels(PixelCache):
    """Images one after another in a file, read row by row.

    The file is read, not mapped: mapped pages count as this process's memory for as long as
    they stay, so that it would seem to grow to the size of the data set.
    """

    def __init__(self, shape: Shape, path: Path, mode: Literal["rb", "x+b"] = "rb") -> None:
        super().__init__(shape, path)
        self._row = math.prod(shape[1:])
        self._file = path.open(mode, buffering=0)

    @classmethod
    def create(cls, shape: Shape, path: Path) -> Self:
        """A new file for images of this shape, all 0.

        Its space is claimed at once, so that a full disk shows before hours of decoding.

        Raises:
            OSError: the disk is full, or the file exists.
        """
        cache = cls(shape, path, "x+b")
        try:
            if sys.platform == "linux":
                os.posix_fallocate(cache._file.fileno(), 0, math.prod(shape))
            else:
                cache._file.truncate(math.prod(shape))
        except OSError:
            cache.close()
            raise
        return cache

    def __reduce__(self) -> tuple[type[Self], tuple[Shape, Path | None]]:
        """Pickled as shape and path: another process opens the same file."""
        return type(self), (self.shape, self.path)

    def put(self, index: int, image: Pixels) -> None:
        row = np.ascontiguousarray(image).data
        with writing():
            if os.pwrite(self._file.fileno(), row, index * self._row) != self._row:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _gather(self, indices: NDArray[np.intp]) -> Pixels:
        batch = np.empty((len(indices), *self.shape[1:]), np.uint8)
        descriptor = self._file.fileno()
        try:
            for row, index in zip(batch, indices.tolist(), strict=True):
                if os.preadv(descriptor, [row.data], index * self._row) != self._row:
                    raise OSError(f"the file ends before image {index}")
        except OSError as error:
            raise DataError(
                f"the decoded images in {self.path} cannot be read: {error}; "
                "remove the file and start again."
            ) from error
        return batch

    def close(self) -> None:
        self._file.close()


def load_pixels(
    catalogue: Catalogue,
    preprocessing: Preprocessing,
    *,
    memory_limit: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[Scan, PixelCache]:
    """Scan a data set and fit its images, in one pass.

    Past the memory limit the images go to a file in the user's cache folder
    (:mod:`pellucid.data.cachefolder`), which later runs on the same content use instead of
    decoding again.

    Args:
        catalogue: the data set.
        preprocessing: how to fit an image; mean and std do not matter here.
        memory_limit: bytes of pixels to keep in memory; None takes a quarter of what is
            available.
        advance: called with the number of samples finished since its last call.

    Raises:
        StorageError: the disk is full, or the cache folder cannot be written.
        DataError: the data set's files cannot be read any more (see
            :func:`~pellucid.data.scan.scan`).
    """
    shape = (len(catalogue), preprocessing.height, preprocessing.width, preprocessing.channels)
    limit = available_memory() // 4 if memory_limit is None else memory_limit
    if math.prod(shape) <= limit:
        cache = MemoryPixels(shape)
        return _fill(cache, catalogue, preprocessing, advance), cache
    name = fingerprint(catalogue, preprocessing)
    kept = _reuse(name, shape)
    if kept is None:
        return _fill_file(name, shape, catalogue, preprocessing, advance)
    if advance is not None:
        advance(len(catalogue))
    return kept


def _fill(
    cache: PixelCache,
    catalogue: Catalogue,
    preprocessing: Preprocessing,
    advance: Callable[[int], None] | None,
) -> Scan:
    def visit(index: int, picture: Picture) -> None:
        cache.put(index, preprocessing.fit(picture.pixels))

    return scan(catalogue, visit=visit, advance=advance)


def _fill_file(
    name: str,
    shape: Shape,
    catalogue: Catalogue,
    preprocessing: Preprocessing,
    advance: Callable[[int], None] | None,
) -> tuple[Scan, PixelCache]:
    with ExitStack() as undo:
        with new_entry(name, math.prod(shape)) as draft:
            with writing():
                cache = FilePixels.create(shape, draft.pixels)
            undo.callback(cache.close)
            found = _fill(cache, catalogue, preprocessing, advance)
            with writing():
                save_scan(found, draft.scan)
        undo.pop_all()
    cache.path = entry_named(name).pixels
    return found, cache


def _reuse(name: str, shape: Shape) -> tuple[Scan, PixelCache] | None:
    """An earlier run's entry. One that is damaged or outdated is removed, to be made again."""
    entry = find_entry(name)
    if entry is None:
        return None
    found = load_scan(entry.scan)
    if (
        found is None
        or len(found) != shape[0]
        or entry.pixels.stat().st_size != math.prod(shape)
        or _PASSING.intersection(fault.why for fault in found.faults)
    ):
        entry.drop()
        return None
    return found, FilePixels(shape, entry.pixels)
