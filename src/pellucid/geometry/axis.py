"""A window that slides along one axis: the arithmetic under every convolution and pooling."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from math import gcd

from pellucid.geometry.padding import check_mode, source
from pellucid.geometry.receptive import ReceptiveField
from pellucid.geometry.whole import check_index, whole


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a sliding window.

    Output i reads the positions i·stride − before + k·dilation, k = 0 … kernel − 1; those below 0
    or not below ``length`` lie in the padding (Dumoulin and Visin 2016, A guide to convolution
    arithmetic for deep learning, section 2).

    Attributes:
        length: n, cells of the input, at least 0.
        kernel: f, taps of the kernel.
        stride: s, cells between the windows of two neighbouring outputs.
        dilation: d, cells between two neighbouring taps.
        before: cells of padding before the first input cell.
        after: cells of padding after the last one.
        mode: what stands in the padding, one of :data:`pellucid.geometry.MODES`.
        ceil: whether a last window may stick out beyond the padding, as pooling's ceil mode has
            it; it must start at or before the last input cell or in the padding before it.

    Raises:
        UsageError: a length or padding that is no whole number or below 0; a kernel, stride or
            dilation below 1; an unknown mode; an empty axis whose padding has no cell to repeat.

    >>> axis = Axis(7, kernel=3, stride=2, before=1, after=1)
    >>> axis.output, axis.taps(0), axis.coverage()
    (4, (None, 0, 1), (1, 2, 1, 2, 1, 2, 1))
    """

    length: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    mode: str = "zeros"
    ceil: bool = False

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            object.__setattr__(self, name, whole(getattr(self, name), name, least))
        check_mode(self.mode)
        if self.before or self.after:
            source(-1, self.length, self.mode)  # refuses to repeat a cell where there is none

    @property
    def span(self) -> int:
        """Cells from the first to the last tap: d·(f − 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def padded(self) -> int:
        """Cells with the padding: before + n + after."""
        return self.before + self.length + self.after

    @property
    def output(self) -> int:
        """Number of outputs: floor((before + n + after − span) / s) + 1, or 0 if it does not fit.

        With ``ceil`` the quotient is rounded up, and a last window that would start beyond the
        last input cell is dropped (PyTorch's rule for pooling).
        """
        room = self.padded - self.span
        if not self.ceil:
            return max(0, room // self.stride + 1)
        count = -(-room // self.stride) + 1
        if (count - 1) * self.stride >= self.length + self.before:
            count -= 1
        return max(0, count)

    def start(self, output: int) -> int:
        """The position of the first tap of an output's window; below 0 in the padding."""
        return output * self.stride - self.before

    def positions(self, output: int) -> range:
        """The positions that an output's taps read, padding included."""
        start = self.start(output)
        return range(start, start + self.span, self.dilation)

    def taps(self, output: int) -> tuple[int | None, ...]:
        """The input cell that each of the f taps of an output reads; None for zeros.

        Raises:
            UsageError: there is no such output.
        """
        check_index(output, self.output, "output")
        return tuple(self._source(position) for position in self.positions(output))

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The input cells that feed an output, ascending, each once.

        Raises:
            UsageError: there is no such output.
        """
        return tuple(sorted({cell for cell in self.taps(output) if cell is not None}))

    def outputs_of(self, cell: int) -> tuple[int, ...]:
        """The outputs that use an input cell, ascending.

        Raises:
            UsageError: there is no such input cell.
        """
        check_index(cell, self.length, "input cell")
        copies = (p for p in self._padding() if source(p, self.length, self.mode) == cell)
        readers = {i for place in chain((cell,), copies) for i in self._readers(place)}
        return tuple(sorted(readers))

    def coverage(self) -> tuple[int, ...]:
        """How often each input cell is read: the number of (output, tap) pairs that do.

        Cells repeated in the padding count wherever they are read. The time taken grows with the
        padded length, not with the kernel.
        """
        counts = [len(self._readers(place)) for place in range(self.length)]
        for place in self._padding():
            cell = source(place, self.length, self.mode)
            if cell is not None:
                counts[cell] += len(self._readers(place))
        return tuple(counts)

    @property
    def taps_inside(self) -> int:
        """(Output, tap) pairs whose position is an input cell, not in the padding.

        >>> Axis(7, kernel=3, before=1, after=1).taps_inside  # of 7·3
        19
        """
        places = range(self.before, self.before - self.span, -self.dilation)
        return sum(len(landing(at, self.stride, self.length, self.output)) for at in places)

    @property
    def field(self) -> ReceptiveField:
        """What the outputs see of this axis' input: span, stride and minus the padding before."""
        return ReceptiveField(self.span, self.stride, -self.before)

    def _padding(self) -> Iterator[int]:
        """The positions of padding that may repeat a cell; of zeros none does."""
        if self.mode == "zeros":
            return iter(())
        return chain(range(-self.before, 0), range(self.length, self.length + self.after))

    def _readers(self, position: int) -> range:
        """The outputs that read a position of the padded axis, by one tap each.

        Output i does so where i·s + k·d = before + position for a k from 0 to f − 1. By g, the
        greatest common divisor of s and d, i is one residue modulo d/g, or there is none.
        """
        place = position + self.before
        common = gcd(self.stride, self.dilation)
        if place % common:
            return range(0)
        step = self.dilation // common
        residue = place // common * pow(self.stride // common, -1, step)
        first = max(0, -(-(place - self.span + 1) // self.stride))
        first += (residue - first) % step
        return range(first, min(self.output, place // self.stride + 1), step)

    def _source(self, position: int) -> int | None:
        # What sticks out beyond the padding in ceil mode is nothing, whatever the padding holds.
        if position >= self.length + self.after:
            return None
        return source(position, self.length, self.mode)


def landing(place: int, stride: int, cells: int, count: int) -> range:
    """The i from 0 to count − 1 for which i·stride − place is a cell, from 0 to cells − 1.

    >>> landing(1, 2, 7, 4)  # the first tap of Axis(7, kernel=3, stride=2, before=1, after=1)
    range(1, 4)
    """
    first = max(0, -(-place // stride))
    return range(first, max(first, min(count, (cells - 1 + place) // stride + 1)))


_LEAST = {"length": 0, "kernel": 1, "stride": 1, "dilation": 1, "before": 0, "after": 0}
