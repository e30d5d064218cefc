"""Long kernels of low rank as products with banded matrices, in blocks that stay in the cache."""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from pellucid.operators.banded import Bands
from pellucid.operators.problem import Problem
from pellucid.operators.rank import Factor
from pellucid.operators.rounding import stored
from pellucid.operators.sheets import planes_of, sheets
from pellucid.operators.sliding import DEPTHS
from pellucid.threads import cores, in_turn, one_blas_thread

#: Outputs of a block, down and across.
_BLOCK = 32
#: Products (M·N·K) of two matrices that are multiplied in one call: BLAS has a quick way for small
#: ones, and needs no threads for them.
_SMALL = 1 << 18


def by_matrices(problem: Problem, terms: Sequence[Factor]) -> NDArray[Any]:
    """N×C×H'×W' of a kernel that is the sum of ``terms``: two products with matrices each.

    Rows are taken in blocks: down by one product, across by another, and rounded, all before the
    next block, so that what lies between stays in the cache.
    """
    values = problem.values
    if values.dtype.name not in DEPTHS:
        values = values.astype(problem.work)
    made = [_Sheet(sheet, problem, terms).filtered() for sheet in sheets(values)]
    return planes_of(made, values.shape[0])


class _Sheet:
    """One sheet H×W×c on its way."""

    def __init__(self, source: NDArray[Any], problem: Problem, terms: Sequence[Factor]) -> None:
        down, across = problem.vertical, problem.horizontal
        self._source, self._problem = source, problem
        work = problem.work
        self._terms = [
            (Bands(down, column, _BLOCK, work), Bands(across, row, _BLOCK, work))
            for column, row in terms
        ]
        shape = (down.output, across.output, source.shape[2])
        self._result = np.empty(shape, problem.dtype)

    def filtered(self) -> NDArray[Any]:
        """H'×W'×c."""
        with one_blas_thread():
            in_turn(len(self._terms[0][0]), self._worker, cores())
        return self._result

    def _worker(self) -> Callable[[int], None]:
        """What computes one block of rows, in memory of its own."""
        _, wide, depth = self._source.shape
        work = self._problem.work
        rows = np.empty((_BLOCK, wide * depth), work)
        flat = np.zeros((depth, _BLOCK, wide), work)
        lines = depth * _BLOCK
        sums = np.empty((2, depth, _BLOCK, self._problem.horizontal.output), work)

        def run(item: int) -> None:
            for number, (down, across) in enumerate(self._terms):
                block = down.block(item)
                count = block.last - block.first
                read = self._source[block.low : block.high]
                read = read.reshape(len(read), -1).astype(work, copy=False)
                _down(block.matrix, read, rows[:count])
                _split(rows[:count].reshape(count, wide, depth), flat[:, :count])
                target = sums[min(number, 1)]
                _across(flat.reshape(lines, -1), across, target.reshape(lines, -1))
                if number:
                    sums[0, :, :count] += sums[1, :, :count]
            stored(sums[0, :, :count], self._problem.bias, self._result[block.first : block.last])

        return run


def _down(matrix: NDArray[Any], read: NDArray[Any], target: NDArray[Any]) -> None:
    """target = matrix · read, in chunks of columns."""
    width = max(8, min(64, _SMALL // matrix.size))
    whole = read.shape[1] // width
    into = _windows(target, whole, width, width)
    np.matmul(matrix, _windows(read, whole, width, width), out=into)
    rest = whole * width
    if rest < read.shape[1]:
        np.matmul(matrix, read[:, rest:], out=target[:, rest:])


def _windows(rows: NDArray[Any], count: int, width: int, step: int) -> NDArray[Any]:
    """Windows of ``width`` columns, ``step`` apart: count×rows×width, a view."""
    shape = (count, rows.shape[0], width)
    return as_strided(rows, shape, (step * rows.itemsize, *rows.strides))


def _split(rows: NDArray[Any], planes: NDArray[Any]) -> None:
    """rows×W×c to c×rows×W."""
    if len(planes) == 1:
        planes[0] = rows[..., 0]
    else:
        cv2.split(rows, list(planes))


def _across(rows: NDArray[Any], bands: Bands, target: NDArray[Any]) -> None:
    """target = rows · matrixᵀ, some rows at a time."""
    largest = max(bands.block(item).matrix.size for item in (0, *bands.inner()[:1]))
    pieces = -(-len(rows) * largest // _SMALL)
    some = -(-len(rows) // pieces)
    for first in range(0, len(rows), some):
        _lines_across(rows[first : first + some], bands, target[first : first + some])


def _lines_across(rows: NDArray[Any], bands: Bands, target: NDArray[Any]) -> None:
    """The inner blocks in one call."""
    inner = bands.inner()
    for item in range(len(bands)):
        if item not in inner:
            block = bands.block(item)
            read = rows[:, block.low : block.high]
            np.matmul(read, block.turned, out=target[:, block.first : block.last])
    if inner:
        block = bands.block(inner[0])
        width, outputs = block.turned.shape
        read = _windows(rows[:, block.low :], len(inner), width, bands.step)
        into = _windows(target[:, block.first :], len(inner), outputs, outputs)
        np.matmul(read, block.turned, out=into)
