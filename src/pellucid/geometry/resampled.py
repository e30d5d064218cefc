"""Resizing to any number of cells: which cells of the old axis make which of the new one."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal, get_args

from pellucid.errors import UsageError, unknown_name
from pellucid.geometry.receptive import Number
from pellucid.geometry.whole import check_index, whole

#: How a resized axis comes about (see :class:`ResampledAxis`).
Resampling = Literal["linear", "cubic"]


@dataclass(frozen=True, slots=True)
class ResampledAxis:
    """One axis of an image that is resized by interpolation.

    Of n cells and m outputs, output i lies over the position x = (i + ½)·step − ½, step = n / m:

    - ``linear`` weighs the two cells around x (clipped to the axis), or the one at x.
    - ``cubic`` weighs the four around x, those outside replaced by the nearest inside.

    Attributes:
        length: n, cells of the input, at least 1.
        output: m, number of outputs, at least 1.
        kind: one of the above.
        step: cells from one output to the next where that is not n / m, as torch has it of a
            factor that makes no whole number of outputs.
        corners: ``linear`` and ``cubic`` have the centres of the first and of the last cell
            coincide: x = i·(n − 1)/(m − 1) (torch's ``align_corners``).

    Raises:
        UsageError: a number below 1, or no such kind.

    (Averaging areas has the windows of :class:`pellucid.geometry.AdaptiveAxis`.)

    >>> axis = ResampledAxis(2, 4, "linear")
    >>> [axis.inputs_of(output) for output in range(4)]
    [(0,), (0, 1), (0, 1), (1,)]
    """

    length: int
    output: int
    kind: Resampling
    step: Number | None = None
    corners: bool = False

    def __post_init__(self) -> None:
        for name in ("length", "output"):
            object.__setattr__(self, name, whole(getattr(self, name), name, 1))
        if self.kind not in get_args(Resampling):
            raise unknown_name("way to resize", str(self.kind), get_args(Resampling))
        if self.step is not None and self.step <= 0:
            raise UsageError(f"expected a step above 0, found {self.step}.")

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The input cells that feed an output, ascending.

        Raises:
            UsageError: there is no such output.
        """
        check_index(output, self.output, "output")
        step = Fraction(self.length, self.output) if self.step is None else Fraction(self.step)
        last = self.length - 1
        place = self._place(output, step)
        if self.kind == "linear":
            place = min(max(place, Fraction(0)), Fraction(last))
        below = floor(place)
        near = 0 if place == below else 1 if self.kind == "linear" else 2
        first = below - near + 1 if near else below
        return tuple(sorted({min(max(x, 0), last) for x in range(first, below + near + 1)}))

    def outputs_of(self, cell: int) -> tuple[int, ...]:
        """The outputs that use an input cell, ascending.

        Raises:
            UsageError: there is no such input cell.
        """
        check_index(cell, self.length, "input cell")
        return tuple(i for i in range(self.output) if cell in self.inputs_of(i))

    def _place(self, output: int, step: Fraction) -> Fraction:
        if self.corners:
            return Fraction(output * (self.length - 1), max(1, self.output - 1))
        return (output + Fraction(1, 2)) * step - Fraction(1, 2)
