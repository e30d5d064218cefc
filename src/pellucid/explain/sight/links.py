"""How the positions of one result come from those of another: forwards and backwards.

A link says which elements of a node's input feed which elements of its result, by structure alone
(a weight that happens to be 0 feeds nothing, but the link is there). Masks are boolean arrays of
the results' full shapes.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
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


#: Along one axis: the same position; all positions; or (outputs, inputs), true where one feeds
#: the other.
Along = NDArray[np.bool_] | None
SAME: Along = None


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


@lru_cache(maxsize=512)
def pairs(axis: Readers) -> NDArray[np.bool_]:
    """Which inputs of an axis feed which outputs, (outputs, inputs).

    >>> from pellucid.geometry import Axis
    >>> pairs(Axis(4, kernel=2, stride=2)).astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    """
    found = np.zeros((axis.output, axis.length), np.bool_)
    for output in range(axis.output):
        found[output, list(axis.inputs_of(output))] = True
    found.setflags(write=False)  # shared by all who ask
    return found


@dataclass(frozen=True, eq=False)
class AllOf:
    """Along one axis, every input feeds every output."""


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
    along: Sequence["Along | AllOf"]
    shape: Shape
    result: Shape

    def back(self, mask: Mask) -> Mask:
        """See :class:`Link`."""
        return self._follow(mask, self.outputs, self.inputs, back=True).reshape(self.shape)

    def forth(self, mask: Mask) -> Mask:
        """See :class:`Link`."""
        return self._follow(mask, self.inputs, self.outputs, back=False).reshape(self.result)

    def _follow(self, mask: Mask, given: Shape, wanted: Shape, *, back: bool) -> Mask:
        mask = mask.reshape(given)
        if self._joined:
            mask = np.asarray(mask.any(axis=self._joined, keepdims=True))
        for axis, along in enumerate(self.along):
            if isinstance(along, np.ndarray):
                mask = _along(mask, along.T if back else along, axis)
        spread: Mask = np.broadcast_to(mask, wanted)
        return spread

    @cached_property
    def _joined(self) -> tuple[int, ...]:
        return tuple(axis for axis, along in enumerate(self.along) if isinstance(along, AllOf))


def _along(mask: Mask, matrix: NDArray[np.bool_], axis: int) -> Mask:
    """Any of the positions that a (wanted, given) matrix names, along one axis."""
    if not mask.any():
        shape = list(mask.shape)
        shape[axis] = len(matrix)
        return np.zeros(shape, np.bool_)
    # Counts of true ones are small whole numbers: exact in float32.
    moved = np.moveaxis(mask, axis, -1).astype(np.float32)
    counts: NDArray[np.float32] = moved @ matrix.T.astype(np.float32)
    return np.moveaxis(counts > 0, -1, axis)
