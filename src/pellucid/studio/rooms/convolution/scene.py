"""One plane of a picture under a sliding kernel: what is shown of it, all of it from elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Padding, Window, convolution_cost, window
from pellucid.images import Crop, Grid, Pixels, grid_of
from pellucid.images.colour import gray_to_rgb
from pellucid.images.scale import Scale
from pellucid.operators import (
    Arithmetic,
    Kernel,
    convolve,
    correlate,
    coverage_map,
    explain_convolution,
    explain_correlation,
    read_kernel,
)
from pellucid.operators.border import padded
from pellucid.operators.kernels.apply import sums_to_zero
from pellucid.studio.rooms.common import numbers_of, size_formula, small_plane
from pellucid.studio.rooms.convolution.state import ConvolutionState

Values = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Scene:
    """An input, a kernel, how it slides, and the output.

    Attributes:
        plane: (H, W) uint8, the input.
        kernel: that slides.
        window: the geometry.
        turned: whether it is true convolution.
        options: of the operator.
        output: (H', W') float32.
    """

    plane: Pixels
    kernel: Kernel
    window: Window
    turned: bool
    options: dict[str, Any]
    output: Values

    def explain(self, y: int, x: int) -> Arithmetic:
        """How one output comes about."""
        explain = explain_convolution if self.turned else explain_correlation
        return explain(self.plane, self.kernel, (y, x), **self.options)

    @property
    def ring(self) -> tuple[int, int, int, int]:
        """Cells of padding above, below, left and right."""
        return (*self.window.padding[0], *self.window.padding[1])

    @property
    def framed(self) -> Pixels:
        """The input with its padding, as a picture."""
        down, across = self.window.axes
        return gray_to_rgb(padded(self.plane[None, None], down, across)[0, 0])

    @cached_property
    def scale(self) -> Scale:
        """Of the output: signed where the kernel's weights add up to 0, else that of the input."""
        if not sums_to_zero(self.kernel):
            return Scale(0, 255)
        most = float(np.abs(self.output).max()) or 1.0
        return Scale(-most, most, signed=True)

    @cached_property
    def shown(self) -> Pixels:
        """The output as a picture."""
        return self.scale.apply(self.output)

    @cached_property
    def coverage(self) -> Values:
        """How often each pixel of the input is read, (H, W)."""
        return coverage_map(self.window)

    @property
    def coverage_shown(self) -> Pixels:
        """As a picture: black is never, white is most often."""
        return Scale(0, max(1, int(self.coverage.max()))).apply(self.coverage)

    def frame(self, y: int, x: int) -> tuple[int, int, int, int]:
        """Where the window of an output lies: (y, x, height, width) in cells of the input."""
        down, across = self.window.axes
        return down.start(y), across.start(x), down.span, across.span

    def cells(self, y: int, x: int) -> list[tuple[int, int]]:
        """The places that the taps of an output read, in the padding too."""
        down, across = self.window.axes
        return [(row, column) for row in down.positions(y) for column in across.positions(x)]

    def input_grid(self, crop: Crop) -> Grid:
        """Numbers of the input."""
        return grid_of(self.plane, crop)

    def output_grid(self, crop: Crop) -> Grid:
        """Numbers of the output."""
        return numbers_of(self.output, self.shown, crop)

    def coverage_grid(self, crop: Crop) -> Grid:
        """Numbers of the coverage map."""
        return numbers_of(self.coverage, self.coverage_shown, crop)

    @property
    def sizes(self) -> list[tuple[str, str]]:
        """Height and width of the output, each with its formula in numbers."""
        names = ("height", "width")
        return [
            (name, size_formula(axis)) for name, axis in zip(names, self.window.axes, strict=True)
        ]

    @property
    def cost(self) -> str:
        """Parameters and multiply-adds, in words."""
        cost = convolution_cost(self.window, 1, 1, bias=False)
        height, width = self.window.output_shape
        return (
            f"{cost.weights} weights, whatever the size of the picture; {height} × {width} × "
            f"{cost.weights} = {cost.macs:,} multiply-adds"
        )


def scene_of(pixels: Pixels, state: ConvolutionState) -> Scene:
    """The scene that a state describes.

    Raises:
        UsageError: the kernel is none, or is larger than the picture with its padding.
    """
    plane = small_plane(pixels, state.plane, state.side)
    kernel = read_kernel(state.kernel)
    options: dict[str, Any] = {
        "stride": state.stride,
        "dilation": state.dilation,
        "padding": padding_of(state),
        "mode": state.mode,
    }
    turned = state.kind == "convolution"
    slide: Callable[..., Values] = convolve if turned else correlate
    output = slide(plane, kernel, dtype=np.float32, **options)
    return Scene(
        plane, kernel, window(plane.shape, kernel.shape, **options), turned, options, output
    )


def padding_of(state: ConvolutionState) -> Padding:
    """As the operators take it."""
    return int(state.padding) if state.padding.isdecimal() else state.padding  # type: ignore[return-value]
