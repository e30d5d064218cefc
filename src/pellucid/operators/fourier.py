"""Large kernels by the convolution theorem: tiles of the image times the kernel's spectrum."""

from collections.abc import Callable
from math import ceil, prod
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.operators.border import padded
from pellucid.operators.direct import spread
from pellucid.operators.problem import Problem
from pellucid.operators.rounding import stored
from pellucid.operators.sheets import planes_of, sheets
from pellucid.operators.sliding import DEPTHS
from pellucid.threads import cores, in_turn

#: Sides of tiles: OpenCV's transform is fastest on powers of two, and these stay in the cache.
_SIDES = (64, 128, 256, 512)


def by_fourier(problem: Problem) -> NDArray[Any]:
    """N×C×H'×W': overlap-save (Oppenheim and Schafer, Discrete-Time Signal Processing, 8.7.3).

    Each tile of n×n cells gives (n − kh + 1)×(n − kw + 1) results: the rest of the circular
    correlation F⁻¹(F(tile)·conj F(kernel)) is wrapped around, and thrown away.
    """
    values = problem.values
    if values.dtype.name not in DEPTHS:
        values = values.astype(problem.work)
    down, across = problem.vertical, problem.horizontal
    kernel = spread(problem.kernel, down, across)
    parts = sheets(padded(values, down, across))
    made = [_sheet(part, kernel, problem)[:: down.stride, :: across.stride] for part in parts]
    return planes_of(made, values.shape[0])


def _sheet(source: NDArray[Any], kernel: NDArray[np.float64], problem: Problem) -> NDArray[Any]:
    """A padded sheet H×W×c with a kernel, at stride 1: (H − kh + 1)×(W − kw + 1)×c."""
    shape = tuple(n - k + 1 for n, k in zip(source.shape, kernel.shape, strict=False))
    side = tile_side(kernel.shape, source.shape[:2])
    steps = [side - k + 1 for k in kernel.shape]
    result = np.empty((*shape, source.shape[2]), problem.dtype)
    framed = np.zeros((side, side), problem.work)
    framed[: kernel.shape[0], : kernel.shape[1]] = kernel
    spectrum = cv2.dft(framed)
    corners = [(y, x) for y in range(0, shape[0], steps[0]) for x in range(0, shape[1], steps[1])]

    def worker() -> Callable[[int], None]:
        tile = np.zeros((source.shape[2], side, side), problem.work)

        def work(item: int) -> None:
            y, x = corners[item]
            seen = np.moveaxis(source[y : y + side, x : x + side], 2, 0)
            target = result[y : y + steps[0], x : x + steps[1]]
            if seen.shape != tile.shape:
                tile.fill(0)
            tile[:, : seen.shape[1], : seen.shape[2]] = seen
            for plane in tile:
                cv2.dft(plane, plane)
                cv2.mulSpectrums(plane, spectrum, 0, plane, True)
                cv2.dft(plane, plane, cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT)
            sums = tile[:, : target.shape[0], : target.shape[1]]
            stored(sums, problem.bias, target)

        return work

    in_turn(len(corners), worker, cores())
    return result


def tile_side(kernel: tuple[int, ...], image: tuple[int, ...]) -> int:
    """The side of the tiles that cover an image with the fewest cells.

    Args:
        kernel: rows and columns of the kernel.
        image: rows and columns of the image, with its padding.

    >>> tile_side((15, 15), (1014, 1014)), tile_side((15, 15), (34, 44))
    (128, 64)
    """
    sides = [side for side in _SIDES if side > max(kernel)] or [1 << max(kernel).bit_length()]
    return min(sides, key=lambda side: cells_a_result(side, kernel, image))


def cells_a_result(side: int, kernel: tuple[int, ...], image: tuple[int, ...]) -> float:
    """Cells of all tiles, for each result: each is transformed, multiplied, transformed back."""
    results = [n - k + 1 for n, k in zip(image, kernel, strict=True)]
    tiles = [ceil(found / (side - k + 1)) for found, k in zip(results, kernel, strict=True)]
    return prod(tiles) * side * side / prod(results)
