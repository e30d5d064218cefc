"""A window that slides over a series (1-D) or an image (2-D): one :class:`Axis` a direction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import cast

from pellucid.errors import UsageError
from pellucid.geometry.axis import Axis
from pellucid.geometry.padding import Padding, resolve
from pellucid.geometry.whole import entries, lengths_of, per_axis


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window, axis by axis: (T,) for a series, (H, W) for an image.

    Attributes:
        axes: one :class:`Axis` a direction, the vertical one first.

    Raises:
        UsageError: not one axis, two or three.
    """

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if len(self.axes) not in (1, 2, 3):
            raise UsageError(f"expected a window of 1, 2 or 3 axes, found {len(self.axes)}.")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Cells of the input: (T,) or (H, W)."""
        return tuple(axis.length for axis in self.axes)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Outputs: (T',) or (H', W'); 0 where the window does not fit."""
        return tuple(axis.output for axis in self.axes)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """Taps of the kernel: (f,) or (kh, kw)."""
        return tuple(axis.kernel for axis in self.axes)

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        """Cells (before, after) of each axis."""
        return tuple((axis.before, axis.after) for axis in self.axes)

    def taps(self, output: Sequence[int]) -> tuple[tuple[int, ...] | None, ...]:
        """The input cell that each tap of an output reads, row by row; None for zeros.

        Raises:
            UsageError: there is no such output.
        """
        each = [axis.taps(i) for axis, i in self._by_axis(output)]
        return tuple(_cell(cell) for cell in product(*each))

    def inputs_of(self, output: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """The input cells that feed an output, each once, row by row.

        Raises:
            UsageError: there is no such output.
        """
        each = (axis.inputs_of(i) for axis, i in self._by_axis(output))
        return tuple(product(*each))

    def outputs_of(self, cell: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """The outputs that use an input cell, row by row.

        Raises:
            UsageError: there is no such input cell.
        """
        each = (axis.outputs_of(j) for axis, j in self._by_axis(cell))
        return tuple(product(*each))

    def coverage(self) -> tuple[tuple[int, ...], ...]:
        """How often each cell of an image is read, (H, W); a series is one row, (1, T).

        Raises:
            UsageError: the window has three axes.

        The lecture's "edges are under-represented", as numbers: without padding the corner of an
        image feeds one output, a cell in the middle kh·kw.

        >>> window((4, 4), 3).coverage()
        ((1, 2, 2, 1), (2, 4, 4, 2), (2, 4, 4, 2), (1, 2, 2, 1))
        >>> window((4, 4), 3, padding="same").coverage()
        ((4, 6, 6, 4), (6, 9, 9, 6), (6, 9, 9, 6), (4, 6, 6, 4))
        """
        if len(self.axes) > 2:
            raise UsageError("expected a window of 1 or 2 axes for a map of its coverage, found 3.")
        *upper, across = (axis.coverage() for axis in self.axes)
        down = upper[0] if upper else (1,)
        return tuple(tuple(rows * columns for columns in across) for rows in down)

    @property
    def taps_inside(self) -> int:
        """(Output, tap) pairs whose position is an input cell, not in the padding."""
        return prod(axis.taps_inside for axis in self.axes)

    def _by_axis(self, indices: Sequence[int]) -> Iterator[tuple[Axis, int]]:
        each = cast(list[int], entries(indices, 1))  # an axis refuses what is no index
        if len(each) != len(self.axes):
            raise UsageError(f"expected {len(self.axes)} indices (one an axis), found {indices!r}.")
        return zip(self.axes, each, strict=True)


def _cell(cell: tuple[int | None, ...]) -> tuple[int, ...] | None:
    inside = tuple(index for index in cell if index is not None)
    return inside if len(inside) == len(cell) else None


def window(
    shape: int | Sequence[int],
    kernel: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "valid",
    mode: str = "zeros",
    ceil: bool = False,
) -> Window:
    """The window of a kernel over an input.

    Args:
        shape: cells of the input: T, (T,) or (H, W).
        kernel: taps, for all axes or one number an axis; likewise the next two.
        stride: cells from one window to the next.
        dilation: cells from one tap to the next.
        padding: ``valid``, ``same``, ``full``; cells on every side; or one entry an axis, cells
            on both sides or (before, after).
        mode: what stands in the padding: ``zeros``, ``reflect``, ``replicate`` or ``circular``.
        ceil: whether a last window may stick out (pooling's ceil mode).

    Raises:
        UsageError: an argument is out of range, or has not one entry an axis.

    >>> window((227, 227), 11, stride=4).output_shape  # AlexNet's first layer
    (55, 55)
    >>> window((28, 28), 3, padding="same").padding
    ((1, 1), (1, 1))
    """
    lengths = lengths_of(shape)
    axes = len(lengths)
    kernels = per_axis(kernel, axes, "kernel")
    strides = per_axis(stride, axes, "stride")
    dilations = per_axis(dilation, axes, "dilation")
    spans = [d * (f - 1) + 1 for f, d in zip(kernels, dilations, strict=True)]
    padded = resolve(padding, lengths, spans, strides)
    each = zip(lengths, kernels, strides, dilations, padded, strict=True)
    return Window(
        tuple(
            Axis(length, taps, step, gap, before, after, mode, ceil)
            for length, taps, step, gap, (before, after) in each
        )
    )
