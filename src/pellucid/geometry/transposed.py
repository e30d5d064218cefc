"""Transposed convolution: the window that spreads every input cell over several outputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from pellucid.errors import UsageError
from pellucid.geometry.axis import Axis, landing
from pellucid.geometry.padding import Padding, resolve
from pellucid.geometry.receptive import ReceptiveField
from pellucid.geometry.whole import check_index, lengths_of, per_axis, whole


@dataclass(frozen=True, slots=True)
class TransposedAxis:
    """One axis of a transposed convolution: the adjoint (gradient) of an :class:`Axis`.

    Input cell i adds to the outputs i·stride − before + k·dilation, k = 0 … kernel − 1; those
    outside are cropped. With kernel = stride this is nearest-neighbour upsampling.

    Attributes:
        length: n, cells of the input, at least 0.
        kernel: f, taps.
        stride: s, outputs from one input cell to the next.
        dilation: d, outputs from one tap to the next.
        before: outputs cropped at the near end (PyTorch's ``padding``).
        after: outputs cropped at the far end.
        extra: outputs added at the far end (PyTorch's ``output_padding``), fewer than the stride
            or the dilation.

    Raises:
        UsageError: a number out of range.

    >>> axis = TransposedAxis(7, kernel=4, stride=2, before=1, after=1)
    >>> axis.output, axis.inputs_of(3), axis.field
    (14, (1, 2), ReceptiveField(size=Fraction(5, 2), jump=Fraction(1, 2), offset=-1))
    """

    length: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    extra: int = 0

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            object.__setattr__(self, name, whole(getattr(self, name), name, least))
        if self.extra and self.extra >= max(self.stride, self.dilation):
            raise UsageError(
                f"expected extra outputs below the stride or the dilation "
                f"({self.stride} and {self.dilation}), found {self.extra}."
            )

    @property
    def output(self) -> int:
        """Number of outputs: (n − 1)·s + d·(f − 1) + 1 − before − after + extra.

        (Dumoulin and Visin 2016, section 4; torch.nn.ConvTranspose2d.) None of an empty input.
        """
        spread = (self.length - 1) * self.stride + self.dilation * (self.kernel - 1) + 1
        return max(0, spread - self.before - self.after + self.extra) if self.length else 0

    @property
    def field(self) -> ReceptiveField:
        """What the outputs see of the input: the jump is 1/s."""
        reach = Fraction(self.dilation * (self.kernel - 1), self.stride)
        return ReceptiveField(
            reach + 1, Fraction(1, self.stride), Fraction(self.before, self.stride) - reach
        )

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The input cells that add to an output, ascending; there may be none.

        Raises:
            UsageError: there is no such output.
        """
        check_index(output, self.output, "output")
        adjoint = Axis(
            self.output, self.kernel, self.stride, self.dilation, self.before, self.after
        )
        # Where ``extra`` reaches the stride, the adjoint has outputs beyond our input cells.
        return tuple(cell for cell in adjoint.outputs_of(output) if cell < self.length)

    def outputs_of(self, cell: int) -> tuple[int, ...]:
        """The outputs that an input cell adds to, ascending.

        Raises:
            UsageError: there is no such input cell.
        """
        check_index(cell, self.length, "input cell")
        first = cell * self.stride - self.before
        reach = range(first, first + self.dilation * (self.kernel - 1) + 1, self.dilation)
        return tuple(output for output in reach if 0 <= output < self.output)

    @property
    def taps_inside(self) -> int:
        """(Input cell, tap) pairs whose output is not cropped: products that exist.

        >>> TransposedAxis(7, kernel=4, stride=2, before=1, after=1).taps_inside  # of 7·4
        26
        """
        places = (self.before - tap * self.dilation for tap in range(self.kernel))
        return sum(len(landing(at, self.stride, self.output, self.length)) for at in places)


@dataclass(frozen=True, slots=True)
class TransposedWindow:
    """A transposed convolution over a series or an image, axis by axis: (T,) or (H, W).

    Attributes:
        axes: one :class:`TransposedAxis` a direction, the vertical one first.
    """

    axes: tuple[TransposedAxis, ...]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Cells of the input: (T,) or (H, W)."""
        return tuple(axis.length for axis in self.axes)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Outputs: (T',) or (H', W')."""
        return tuple(axis.output for axis in self.axes)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """Taps of the kernel: (f,) or (kh, kw)."""
        return tuple(axis.kernel for axis in self.axes)

    @property
    def taps_inside(self) -> int:
        """(Input cell, tap) pairs whose output is not cropped."""
        return prod(axis.taps_inside for axis in self.axes)


def transposed_window(
    shape: int | Sequence[int],
    kernel: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = 0,
    extra: int | Sequence[int] = 0,
) -> TransposedWindow:
    """The transposed window of a kernel over an input, as torch's ``conv_transpose`` has it.

    Args:
        shape: cells of the input: T, (T,) or (H, W).
        kernel: taps, for all axes or one number an axis; likewise stride, dilation and extra.
        stride: outputs from one input cell to the next.
        dilation: outputs from one tap to the next.
        padding: outputs cropped on every side, or one entry an axis, (before, after) or both.
        extra: outputs added at the far end: torch's ``output_padding``.

    Raises:
        UsageError: an argument is out of range, or has not one entry an axis.

    >>> transposed_window((14, 14), 3, stride=2, padding=1, extra=1).output_shape
    (28, 28)
    """
    if isinstance(padding, str):
        raise UsageError(
            f"expected the padding of a transposed window in cells, found {padding!r}."
        )
    lengths = lengths_of(shape)
    axes = len(lengths)
    kernels = per_axis(kernel, axes, "kernel")
    strides = per_axis(stride, axes, "stride")
    cropped = resolve(padding, lengths, kernels, strides)
    dilations = per_axis(dilation, axes, "dilation")
    extras = per_axis(extra, axes, "extra", 0)
    each = zip(lengths, kernels, strides, dilations, cropped, extras, strict=True)
    return TransposedWindow(
        tuple(
            TransposedAxis(length, taps, step, gap, before, after, more)
            for length, taps, step, gap, (before, after), more in each
        )
    )


_LEAST = {
    "length": 0,
    "kernel": 1,
    "stride": 1,
    "dilation": 1,
    "before": 0,
    "after": 0,
    "extra": 0,
}
