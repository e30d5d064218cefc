"""Pooling to a wanted number of outputs, whatever the length, along one axis."""

from dataclasses import dataclass

from pellucid.errors import UsageError
from pellucid.geometry.axis import Axis
from pellucid.geometry.receptive import ReceptiveField
from pellucid.geometry.whole import check_index, whole


@dataclass(frozen=True, slots=True)
class AdaptiveAxis:
    """One axis of adaptive pooling: n cells to m outputs.

    Output i reads the cells from floor(i·n/m) up to, but not including, ceil((i + 1)·n/m): this is
    PyTorch's rule (``AdaptiveAvgPool2d``). Where m divides n these are windows of n/m cells, n/m
    apart; else neighbours overlap by a cell, and their sizes differ.

    Attributes:
        length: n, cells of the input, at least 1.
        output: m, number of outputs, at least 1.

    Raises:
        UsageError: either is no whole number or below 1.

    >>> [AdaptiveAxis(7, 3).cells(i) for i in range(3)]
    [range(0, 3), range(2, 5), range(4, 7)]
    """

    length: int
    output: int

    def __post_init__(self) -> None:
        for name in ("length", "output"):
            object.__setattr__(self, name, whole(getattr(self, name), name, 1))

    @property
    def field(self) -> ReceptiveField:
        """What the outputs see of the input, as size, jump and offset.

        Raises:
            UsageError: the windows differ in size, so that three numbers do not tell them.
        """
        if self.length % self.output:
            raise UsageError(
                f"expected a number of cells that {self.output} outputs divide evenly, "
                f"found {self.length}: their windows differ in size."
            )
        size = self.length // self.output
        return Axis(self.length, size, size).field

    def cells(self, output: int) -> range:
        """The input cells that an output reads.

        Raises:
            UsageError: there is no such output.
        """
        check_index(output, self.output, "output")
        return range(
            output * self.length // self.output, -(-(output + 1) * self.length // self.output)
        )

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The same, ascending."""
        return tuple(self.cells(output))

    def outputs_of(self, cell: int) -> tuple[int, ...]:
        """The outputs that use an input cell, ascending.

        Raises:
            UsageError: there is no such cell.

        >>> AdaptiveAxis(7, 3).outputs_of(2)
        (0, 1)
        """
        check_index(cell, self.length, "input cell")
        first = cell * self.output // self.length
        near = range(max(0, first - 1), min(self.output, first + 2 + self.output // self.length))
        return tuple(output for output in near if cell in self.cells(output))
