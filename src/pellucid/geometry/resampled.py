"""Resizing to any number of cells: what each cell of the old axis weighs in the new one."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal, get_args

from pellucid.errors import UsageError, unknown_name
from pellucid.geometry.receptive import Number
from pellucid.geometry.whole import check_index, whole

#: How a resized axis comes about (see :class:`ResampledAxis`).
Resampling = Literal["area", "linear", "cubic"]


@dataclass(frozen=True, slots=True)
class ResampledAxis:
    """One axis of an image that is resized; each output is a weighted sum of cells.

    Of n cells and m outputs, output i lies over the position x = (i + ½)·step − ½, step = n / m:

    - ``area`` weighs the cells that i·step … (i + 1)·step covers by the length covered.
    - ``linear`` weighs the two cells around x (clipped to the axis) by their nearness.
    - ``cubic`` weighs the four around x, those outside replaced by the nearest inside, by Keys'
      polynomials with a = −¾ (Keys 1981, Cubic convolution interpolation for digital image
      processing, section 2).

    Attributes:
        length: n, cells of the input, at least 1.
        output: m, number of outputs, at least 1.
        kind: one of the above.
        step: cells from one output to the next where that is not n / m, as torch has it of a
            factor that makes no whole number of outputs.
        corners: of ``linear`` and ``cubic``, whether to have the centres of the first and of the
            last cell coincide: x = i·(n − 1)/(m − 1) (torch's ``align_corners``).

    Raises:
        UsageError: a number below 1, or no such kind.

    >>> axis = ResampledAxis(2, 4, "linear")
    >>> [axis.inputs_of(output) for output in range(4)], axis.weights(1)
    ([(0,), (0, 1), (0, 1), (1,)], ((0, 0.75), (1, 0.25)))
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

    def weights(self, output: int) -> tuple[tuple[int, float], ...]:
        """The input cells that feed an output, ascending, with their weights, which add up to 1.

        Raises:
            UsageError: there is no such output.
        """
        check_index(output, self.output, "output")
        step = Fraction(self.length, self.output) if self.step is None else Fraction(self.step)
        if self.kind == "area":
            return _covered(output * step, (output + 1) * step)
        place = self._place(output, step)
        if self.kind == "linear":
            place = min(max(place, Fraction(0)), Fraction(self.length - 1))
        below = floor(place)
        part = float(place - below)
        factors = [1 - part, part] if self.kind == "linear" else _keys(part)
        found: dict[int, float] = {}
        for cell, factor in enumerate(factors, below - len(factors) // 2 + 1):
            inside = min(max(cell, 0), self.length - 1)
            found[inside] = found.get(inside, 0.0) + factor
        return tuple((cell, weight) for cell, weight in found.items() if weight)

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The same without the weights.

        Raises:
            UsageError: there is no such output.
        """
        return tuple(cell for cell, _ in self.weights(output))

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


def _covered(begin: Fraction, end: Fraction) -> tuple[tuple[int, float], ...]:
    """Cells by the part of the interval that lies over them."""
    found = []
    for cell in range(floor(begin), ceil(end)):
        covered = min(Fraction(cell + 1), end) - max(Fraction(cell), begin)
        found.append((cell, float(covered / (end - begin))))
    return tuple(found)


def _keys(part: float) -> list[float]:
    """Weights of the four cells around a position, ``part`` of a cell after the second."""
    a = -0.75

    def near(x: float) -> float:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: float) -> float:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [far(part + 1), near(part), near(1 - part), far(2 - part)]
