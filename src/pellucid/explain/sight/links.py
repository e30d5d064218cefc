"""How the positions of one result come from those of another: forwards and backwards.

A link says which elements of a node's input feed which elements of its result, by structure alone
(a weight that happens to be 0 feeds nothing, but the link is there). Masks are boolean arrays of
the results' full shapes.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Shape = tuple[int, ...]


class Link(Protocol):
    """From one argument of a node to its result."""

    def back(self, mask: Mask, /) -> Mask:
        """The elements of the argument that feed any of these elements of the result."""

    def forth(self, mask: Mask, /) -> Mask:
        """The elements of the result that any of these elements of the argument feed."""


@dataclass(frozen=True, eq=False)
class Moved:
    """Every element of the result is a copy of one element of the argument, or of none.

    Attributes:
        source: of the result's shape; for each element the flat index of the argument's element
            that it copies, −1 for none.
        shape: of the argument.
    """

    source: NDArray[np.int64]
    shape: Shape

    def back(self, mask: Mask) -> Mask:
        """See :class:`Link`."""
        found = np.zeros(self.shape, np.bool_)
        copied = self.source[mask]
        found.ravel()[copied[copied >= 0]] = True
        return found

    def forth(self, mask: Mask) -> Mask:
        """See :class:`Link`."""
        return np.append(mask.ravel(), np.False_)[self.source]  # −1 is the one appended


class Readers(Hashable, Protocol):
    """A window along one axis, as :mod:`pellucid.geometry` has them."""

    @property
    def length(self) -> int:
        """Cells of the input."""

    @property
    def output(self) -> int:
        """Number of outputs."""

    def inputs_of(self, output: int, /) -> tuple[int, ...]:
        """The input cells that feed an output."""


@dataclass(frozen=True, eq=False)
class AllOf:
    """Along one axis, every input feeds every output."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Along one axis, any inputs feed any outputs.

    Attributes:
        matrix: (outputs, inputs), true where one feeds the other.
    """

    matrix: NDArray[np.bool_]

    def follow(self, mask: Mask, axis: int, *, back: bool) -> Mask:
        """The other side of an axis of a mask."""
        matrix = self.matrix.T if back else self.matrix
        # One product of two matrices is far quicker than one for each of the other axes. Counts
        # of true ones are small whole numbers: exact in float32.
        moved = np.moveaxis(mask, axis, -1)
        rows = moved.astype(np.float32, order="C").reshape(-1, moved.shape[-1])
        counts: NDArray[np.float32] = rows @ matrix.T.astype(np.float32)
        return np.moveaxis((counts > 0).reshape(*moved.shape[:-1], -1), -1, axis)


@dataclass(frozen=True, eq=False)
class Part:
    """Along one axis, one side is a run of the other.

    Attributes:
        start: where the run begins.
        part: its length.
        whole: length of the longer side.
        cut: the result is the run (a crop); else the argument is (one of several joined).
    """

    start: int
    part: int
    whole: int
    cut: bool

    def follow(self, mask: Mask, axis: int, *, back: bool) -> Mask:
        """The other side of an axis of a mask."""
        end = self.start + self.part
        if back != self.cut:
            return mask[(slice(None),) * axis + (slice(self.start, end),)]
        sides = [(0, 0)] * mask.ndim
        sides[axis] = (self.start, self.whole - end)
        return np.pad(mask, sides)


#: Along one axis; of None the same position feeds the same.
Along = AllOf | Pairs | Part | None
SAME: Along = None


@lru_cache(maxsize=512)
def pairs(axis: Readers) -> Pairs:
    """Which inputs of an axis feed which outputs.

    >>> from pellucid.geometry import Axis
    >>> pairs(Axis(4, kernel=2, stride=2)).matrix.astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    """
    found = np.zeros((axis.output, axis.length), np.bool_)
    for output in range(axis.output):
        found[output, list(axis.inputs_of(output))] = True
    return Pairs(found)


@dataclass(frozen=True, eq=False)
class Separable:
    """Position by position along every axis on its own: convolution, pooling, sums, broadcasting.

    Attributes:
        inputs: shape of the argument; axes of length 1 may have been added.
        outputs: shape of the result, with as many axes.
        along: what feeds what along each axis.
        shape: of the argument as it is.
        result: shape of the result as it is.
    """

    inputs: Shape
    outputs: Shape
    along: Sequence[Along]
    shape: Shape
    result: Shape

    def back(self, mask: Mask) -> Mask:
        """See :class:`Link`."""
        return self._follow(mask, self.outputs, self.inputs, back=True).reshape(self.shape)

    def forth(self, mask: Mask) -> Mask:
        """See :class:`Link`."""
        return self._follow(mask, self.inputs, self.outputs, back=False).reshape(self.result)

    def _follow(self, mask: Mask, given: Shape, wanted: Shape, *, back: bool) -> Mask:
        if not mask.any():
            return np.zeros(wanted, np.bool_)
        mask = self._joined(mask.reshape(given))
        for axis, along in enumerate(self.along):
            if isinstance(along, Pairs | Part):
                mask = along.follow(mask, axis, back=back)
        spread: Mask = np.broadcast_to(mask, wanted)
        return spread

    def _joined(self, mask: Mask) -> Mask:
        """Axes where all feeds all, and those that repeat one value, with length 1."""
        each = list(enumerate(self.along))
        joined = tuple(axis for axis, along in each if isinstance(along, AllOf))
        repeated = [axis for axis, along in each if along is SAME and mask.strides[axis] == 0]
        for axis in repeated:
            mask = mask[(slice(None),) * axis + (slice(1),)]
        return np.asarray(mask.any(axis=joined, keepdims=True)) if joined else mask
