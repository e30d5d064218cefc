"""A 1-D kernel as a matrix: what each block of outputs weighs, border, stride and all.

A convolution is a product with a banded (Toeplitz) matrix (Goodfellow, Bengio and Courville 2016,
Deep Learning, section 9.1). For B neighbouring outputs only (B − 1)·s + span of its columns are
not zero: dense blocks of that size waste few products, and BLAS runs through them many times as
fast as a loop over the weights.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis
from pellucid.operators.border import cells


@dataclass(frozen=True)
class Block:
    """Outputs ``first`` to ``last`` − 1 are ``matrix`` times the input cells from ``low`` on.

    Attributes:
        first: the first output.
        last: the one after the last output.
        low: the first input cell that they read.
        matrix: (last − first)×cells.
        turned: its transpose, laid out row by row: BLAS is faster on small matrices that lie so.
    """

    first: int
    last: int
    low: int
    matrix: NDArray[Any]
    turned: NDArray[Any]

    @property
    def high(self) -> int:
        """The input cell after the last that is read."""
        return self.low + int(self.matrix.shape[1])


class Bands:
    """The matrix of one axis, by blocks of ``size`` outputs; the last may be smaller.

    Attributes:
        step: input cells from one block to the next.

    >>> axis = Axis(5, kernel=3, before=1, after=1, mode="replicate")
    >>> bands = Bands(axis, np.ones(3), 2, np.dtype("float32"))
    >>> bands.block(0).low, bands.block(0).matrix.tolist()
    (0, [[2.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    >>> len(bands), bands.inner()
    (3, range(1, 2))
    """

    def __init__(
        self, axis: Axis, taps: NDArray[np.float64], size: int, dtype: np.dtype[Any]
    ) -> None:
        self.step = size * axis.stride
        self._axis, self._taps, self._size, self._dtype = axis, taps, size, dtype
        self._cells = cells(axis)
        count = len(self)
        whole = [item for item in range(count) if self._is_inner(item)]
        self._inner = range(whole[0], whole[-1] + 1) if whole else range(0)
        apart = [item for item in range(count) if item not in self._inner]
        self._blocks = {item: self._made(item) for item in (*apart, *self._inner[:1])}

    def __len__(self) -> int:
        return (self._axis.output + self._size - 1) // self._size

    def inner(self) -> range:
        """The blocks that are whole and read no padding: all have the same matrix."""
        return self._inner

    def block(self, item: int) -> Block:
        """The block with the number ``item``."""
        if item not in self._inner:
            return self._blocks[item]
        alike = self._blocks[self._inner[0]]
        first = item * self._size
        return Block(first, first + self._size, self._axis.start(first), alike.matrix, alike.turned)

    def _is_inner(self, item: int) -> bool:
        first, last = item * self._size, (item + 1) * self._size
        axis = self._axis
        reads = axis.start(last - 1) + axis.span
        return last <= axis.output and axis.start(first) >= 0 and reads <= axis.length

    def _made(self, item: int) -> Block:
        axis = self._axis
        first = item * self._size
        last = min(first + self._size, axis.output)
        outputs = np.arange(first, last)[:, None] * axis.stride
        read = self._cells[outputs + np.arange(axis.kernel) * axis.dilation]
        inside = read >= 0
        low, high = (read[inside].min(), read[inside].max() + 1) if inside.any() else (0, 1)
        matrix = np.zeros((last - first, high - low), self._dtype)
        rows = np.broadcast_to(np.arange(last - first)[:, None], read.shape)
        weights = np.broadcast_to(self._taps, read.shape)
        np.add.at(matrix, (rows[inside], read[inside] - low), weights[inside])
        return Block(first, last, int(low), matrix, np.ascontiguousarray(matrix.T))
