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
from pellucid.operators.threads import cores, in_turn

#: Outputs of a block, down and across. A product of this size with any kernel up to about 60 is
#: below OpenBLAS's limit for threads of its own, which are slower here than one of ours a core.
_BLOCK = 32
#: Numbers of a row that one product down covers.
_CHUNK = 64


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
    whole = read.shape[1] // _CHUNK
    np.matmul(matrix, _chunks(read, whole), out=_chunks(target, whole))
    rest = whole * _CHUNK
    if rest < read.shape[1]:
        np.matmul(matrix, read[:, rest:], out=target[:, rest:])


def _chunks(rows: NDArray[Any], count: int) -> NDArray[Any]:
    """The first columns of rows×columns as count×rows×_CHUNK, a view."""
    return _windows(rows, count, _CHUNK, _CHUNK)


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
    """target = rows · matrixᵀ, the inner blocks in one call."""
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
