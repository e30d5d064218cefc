"""The receptive field: which cells of the image an output can see, as three numbers an axis."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Protocol

from pellucid.errors import UsageError

#: Whole, except below layers that enlarge.
Number = int | Fraction


class HasField(Protocol):
    """A layer along one axis, as far as :class:`ReceptiveField` must know it."""

    @property
    def field(self) -> "ReceptiveField":
        """The field of the layer's outputs on the layer's own input."""


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """Size, jump and offset along one axis: output i sees offset + i·jump … + size − 1.

    The field reaches from the first to the last cell (there may be gaps between them where
    strides or dilations leave some: :class:`pellucid.geometry.Chain` knows each cell), and it
    overhangs the image where layers are padded. Through layers k = 1 … L of span f_k, stride s_k
    and padding p_k, the first nearest the image (Araujo, Norris and Sim 2019, Computing receptive
    fields of convolutional neural networks, Distill):

        jump = Π s_k,  size = 1 + Σ (f_k − 1)·Π_{i<k} s_i,  offset = −Σ p_k·Π_{i<k} s_i

    A layer that enlarges (a transposed convolution, nearest upsampling) has a stride of 1/s, so
    the three may be fractions; then the outputs see between floor(size) − 1 and floor(size) cells,
    those that :meth:`cells` gives.

    Attributes:
        size: cells from the first to the last, at least 1.
        jump: cells of the image between the fields of neighbouring outputs.
        offset: position of the first cell of output 0's field; below 0 in the padding.

    >>> field = ReceptiveField()  # a pixel sees itself
    >>> from pellucid.geometry import Axis
    >>> for axis in (Axis(224, kernel=7, stride=2, before=3, after=3), Axis(112, 3, 2)):
    ...     field = field.through(axis)
    >>> field
    ReceptiveField(size=11, jump=4, offset=-3)
    >>> field.cells(0), field.inside(0, 224), field.centre(0)
    (range(-3, 8), range(0, 8), 2)
    """

    size: Number = 1
    jump: Number = 1
    offset: Number = 0

    def __post_init__(self) -> None:
        for name in ("size", "jump", "offset"):
            value = getattr(self, name)
            if type(value) is not int:
                object.__setattr__(self, name, _plain(Fraction(value)))
        if self.size < 1 or self.jump <= 0:
            raise UsageError(
                f"expected a field of at least one cell and a jump above 0, "
                f"found size {self.size} and jump {self.jump}."
            )

    def through(self, layer: HasField) -> "ReceptiveField":
        """The field of a layer's outputs, where this is the field of its inputs."""
        own = layer.field
        return ReceptiveField(
            self.size + (own.size - 1) * self.jump,
            self.jump * own.jump,
            self.offset + own.offset * self.jump,
        )

    def join(self, *others: "ReceptiveField") -> "ReceptiveField":
        """The field of branches that are added or concatenated: from the first to the last cell.

        Raises:
            UsageError: the jumps differ, so that output i of one branch does not lie over output
                i of another.

        >>> ReceptiveField(1, 2, 0).join(ReceptiveField(5, 2, -2))  # a residual block
        ReceptiveField(size=5, jump=2, offset=-2)
        """
        fields = (self, *others)
        jumps = sorted({field.jump for field in fields})
        if len(jumps) > 1:
            raise UsageError(
                f"expected branches of one jump to be joined, found jumps of "
                f"{' and '.join(map(str, jumps))}: their outputs lie over different pixels."
            )
        first = min(field.offset for field in fields)
        end = max(field.offset + field.size for field in fields)
        return ReceptiveField(end - first, self.jump, first)

    def cells(self, output: int) -> range:
        """The cells from the first to the last that an output sees, the overhang included."""
        first = self.offset + output * self.jump
        return range(ceil(first), floor(first + self.size - 1) + 1)

    def inside(self, output: int, length: int) -> range:
        """The same, clipped to an image of ``length`` cells; empty where none is inside."""
        cells = self.cells(output)
        first = min(max(cells.start, 0), length)
        return range(first, max(first, min(cells.stop, length)))

    def centre(self, output: int) -> Number:
        """The position at the middle of an output's field."""
        return _plain(self.offset + output * self.jump + Fraction(self.size - 1) / 2)

    def outputs(self, cell: int, count: int) -> range:
        """Those of ``count`` outputs whose field reaches over a cell.

        >>> ReceptiveField(3, 2, -1).outputs(3, 10)
        range(1, 3)
        """
        first = max(0, ceil(Fraction(cell - self.offset - self.size + 1) / self.jump))
        last = min(count - 1, floor(Fraction(cell - self.offset) / self.jump))
        return range(first, max(first, last + 1))


def _plain(number: Number) -> Number:
    return int(number) if number.denominator == 1 else number
