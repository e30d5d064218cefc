"""Samples that lie in arrays, not in files of their own."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.images.depth import Scaling, scaling, split_alpha
from pellucid.images.raw import Raw, image_error
from pellucid.images.read import Picture, digest_of, finish


@dataclass(frozen=True, slots=True)
class Block:
    """The images of one array.

    Attributes:
        file: where they came from.
        name: of the array, for messages and names of samples.
        values: (N, H, W, C) of any real type; C is 1, 3 or 4 (the fourth is alpha).
    """

    file: Path
    name: str
    values: NDArray[Any]


class ArraySource:
    """Loads sample *i* from arrays in memory; safe to use from several threads.

    How numbers become 8 bits is decided once for all arrays, by their finite images: see
    :func:`pellucid.images.depth.scaling`.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        """Take over the arrays.

        Raises:
            DataError: their values are not real numbers.
        """
        self._blocks = blocks
        self._starts = [0, *accumulate(len(block.values) for block in blocks)]
        self._stamps = [_file_stamp(block.file) for block in blocks]
        self._scaling: Scaling = scaling(blocks[0].name, *map(_finite_part, blocks))

    def load(self, index: int, enough: int | None = None) -> Picture:
        """Image ``index`` as 8 bits, always whole.

        Raises:
            ImageError: ``non-finite``.
        """
        block, place = self._find(index)
        values = self._blocks[block].values[place]
        if not _finite_images(values[None])[0]:
            raise image_error(f"{self._blocks[block].name}[{place}]", "non-finite")
        colors, alpha, mode = split_alpha(values, self._scaling)
        note = self._scaling.note
        raw = Raw(colors, "array", mode, alpha, notes=(note,) if note else ())
        pixels, notes = finish(raw)
        digest = digest_of(repr(pixels.shape).encode() + pixels.tobytes())
        return Picture(pixels, "array", mode, digest, notes)

    def stamp(self, index: int) -> str:
        """Size and time of the array's file, and the position among all images."""
        block, _ = self._find(index)
        return f"{self._stamps[block]}:{index}"

    def close(self) -> None:
        """Let go of the arrays."""
        self._blocks = ()

    def _find(self, index: int) -> tuple[int, int]:
        block = bisect_right(self._starts, index) - 1
        return block, index - self._starts[block]


def _finite_images(values: NDArray[Any]) -> NDArray[np.bool_]:
    """(N,): which of the images (N, …) have no NaN and no infinity."""
    if values.dtype.kind != "f":
        return np.ones(len(values), np.bool_)
    finite: NDArray[np.bool_] = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    return finite


def _finite_part(block: Block) -> NDArray[Any]:
    finite = _finite_images(block.values)
    return block.values if finite.all() else block.values[finite]


def _file_stamp(file: Path) -> str:
    status = file.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"
