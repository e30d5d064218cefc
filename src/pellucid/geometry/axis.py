"""A window that slides along one axis: the arithmetic under every convolution and pooling."""

from dataclasses import dataclass

from pellucid.errors import UsageError
from pellucid.geometry.padding import check_mode, source


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
        UsageError: a length or padding below 0; a kernel, stride or dilation below 1; an unknown
            mode.

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
            if (value := getattr(self, name)) < least:
                raise UsageError(f"expected {name} of at least {least}, found {value}.")
        check_mode(self.mode)

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
        self._check(output, self.output, "output")
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
        self._check(cell, self.length, "input cell")
        if self.mode != "zeros":  # the padding may repeat the cell anywhere
            return tuple(i for i in range(self.output) if cell in self.taps(i))
        place = cell + self.before
        first = max(0, -(-(place - self.span + 1) // self.stride))
        last = min(self.output - 1, place // self.stride)
        return tuple(
            i for i in range(first, last + 1) if (place - i * self.stride) % self.dilation == 0
        )

    def coverage(self) -> tuple[int, ...]:
        """How often each input cell is read: the number of (output, tap) pairs that do."""
        counts = [0] * self.length
        for output in range(self.output):
            for cell in self.taps(output):
                if cell is not None:
                    counts[cell] += 1
        return tuple(counts)

    def _source(self, position: int) -> int | None:
        # What sticks out beyond the padding in ceil mode is nothing, whatever the padding holds.
        if position >= self.length + self.after:
            return None
        return source(position, self.length, self.mode)

    def _check(self, index: int, count: int, name: str) -> None:
        if not 0 <= index < count:
            there = f"from 0 to {count - 1}" if count else "but there is none"
            raise UsageError(f"expected an {name} {there}, found {index}.")


_LEAST = {"length": 0, "kernel": 1, "stride": 1, "dilation": 1, "before": 0, "after": 0}
