"""Many channels, many filters: each output sums over all channels of the input."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from nicegui import ui
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.geometry import convolution_cost, window
from pellucid.images import Crop, Grid, Pixels
from pellucid.images.colour import gray_to_rgb
from pellucid.images.grid import grid_of
from pellucid.images.scale import Scale
from pellucid.operators import Arithmetic, correlate, explain_correlation
from pellucid.operators.kernels.exact import written
from pellucid.operators.kernels.typed import typed_rows
from pellucid.studio.parts import controls
from pellucid.studio.parts.legend import Legend
from pellucid.studio.parts.pixels import Mark, PixelView
from pellucid.studio.parts.products import Products
from pellucid.studio.parts.weights import WeightGrid
from pellucid.studio.rooms.common import smaller
from pellucid.studio.rooms.convolution.state import ConvolutionState
from pellucid.studio.visit import Visit

CHANNELS = ("red", "green", "blue")
COUNT, SIZE = 2, 3
Bank = NDArray[np.float64]


def read_bank(text: str) -> Bank:
    """Filters typed by hand: kernels between bars, filters between slashes with spaces around.

    Returns:
        (2, 3, 3, 3).

    Raises:
        UsageError: not two filters of three kernels of 3×3.

    >>> one = " | ".join(["0 0 0; 0 1/2 0; 0 0 0"] * 3)
    >>> read_bank(f"{one} / {one}").sum(axis=(1, 2, 3)).tolist()
    [1.5, 1.5]
    """
    filters = [part.split("|") for part in text.split(" / ")]
    kernels = [[typed_rows(kernel, "kernel") for kernel in each] for each in filters]
    shapes = {kernel.shape for each in kernels for kernel in each}
    if len(kernels) != COUNT or {len(each) for each in kernels} != {3} or shapes != {(SIZE, SIZE)}:
        raise UsageError("expected two filters of three kernels of 3×3 numbers.")
    return np.array(kernels)


def write_bank(bank: Bank) -> str:
    """What :func:`read_bank` reads."""
    return " / ".join(
        " | ".join("; ".join(" ".join(map(written, row)) for row in kernel) for kernel in each)
        for each in bank
    )


@dataclass(frozen=True, eq=False)
class Maps:
    """A picture, two filters, two feature maps.

    Attributes:
        pixels: (H, W, 3) uint8.
        bank: (2, 3, 3, 3).
        maps: (H, W, 2) float32.
    """

    pixels: Pixels
    bank: Bank
    maps: NDArray[np.float32]

    def scale(self, number: int) -> Scale:
        """Of one map: signed, as far as its numbers reach."""
        most = float(np.abs(self.maps[..., number]).max()) or 1.0
        return Scale(-most, most, signed=True)

    def shown(self, number: int) -> Pixels:
        """One map as a picture."""
        return self.scale(number).apply(self.maps[..., number])

    def grid(self, number: int, crop: Crop) -> Grid:
        """Numbers of one map."""
        where = np.s_[crop.top : crop.bottom, crop.left : crop.right]
        values = self.maps[..., number][where][..., None]
        return Grid(crop, values, self.shown(number)[where])

    def explain(self, number: int, y: int, x: int) -> Arithmetic:
        """How one number of a map comes about."""
        return explain_correlation(self.pixels, self.bank, (number, y, x))

    @property
    def cost(self) -> str:
        """The parameters, with their formula."""
        slides = window(self.pixels.shape[:2], SIZE, padding="same")
        bare, biased = (convolution_cost(slides, 3, COUNT, bias=bias) for bias in (False, True))
        return (
            f"{COUNT} filters × {len(CHANNELS)} channels × {SIZE} × {SIZE} = "
            f"{bare.parameters} parameters (with a bias for each filter {biased.parameters}). "
            f"{bare.macs:,} multiply-adds. The output has {COUNT} channels: one a filter."
        )


def maps_of(pixels: Pixels, state: ConvolutionState) -> Maps:
    """The feature maps of a picture, averaged down as the state says."""
    small = smaller(pixels, state.side)
    colours = gray_to_rgb(small) if small.shape[2] == 1 else small
    bank = read_bank(state.filters)
    return Maps(colours, bank, correlate(colours, bank, dtype=np.float32))


class Filters:
    """The part of the page."""

    def __init__(self, visit: Visit[ConvolutionState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        self._maps: Maps | None = None
        with controls.part("Many channels, many filters"):
            self._cost = ui.label().classes("caption")
            with ui.element("div").classes("triple"):
                with ui.element("div"):
                    self._input = PixelView("Input in colours", group="filters")
                    ui.label("Input: 3 channels").classes("caption")
                self._outputs = [self._output(number) for number in range(COUNT)]
            ui.label("Point at a feature map to see its sum over all channels.").classes("caption")
            self._products = Products()
            with ui.element("div").classes("pair"):
                self._grids = [self._filter(number) for number in range(COUNT)]
        visit.on_change(self._filter_it, "picture", "side", "filters")
        self._filter_it()

    def _output(self, number: int) -> tuple[PixelView, Legend]:
        with ui.element("div"):
            view = PixelView(
                f"Feature map {number + 1}",
                on_hover=lambda y, x: self._point(number, y, x),
                group="filters",
            )
            ui.label(f"Feature map {number + 1}").classes("caption")
            return view, Legend()

    def _filter(self, number: int) -> list[WeightGrid]:
        with ui.element("div"):
            controls.heading(f"Filter {number + 1}: one kernel a channel")
            with ui.element("div").classes("filter"):
                return [self._kernel(number, channel) for channel in range(len(CHANNELS))]

    def _kernel(self, number: int, channel: int) -> WeightGrid:
        with ui.element("div"):
            ui.label(CHANNELS[channel]).classes("soft")
            label = f"Filter {number + 1}, {CHANNELS[channel]}"
            return WeightGrid(label, lambda text: self._type(number, channel, text))

    def _type(self, number: int, channel: int, text: str) -> None:
        try:
            bank = read_bank(self._visit.state.filters)
            bank[number, channel] = typed_rows(text, "kernel")
        except UsageError as error:
            self._visit.say(str(error))
        else:
            self._visit.change(filters=write_bank(bank))

    def _filter_it(self) -> None:
        state, photo, publish = self._visit.state, self._visit.photo, self._visit.publish

        def work() -> tuple[Maps, list[str]]:
            maps = maps_of(photo.pixels, state)
            pictures = [maps.pixels, *(maps.shown(number) for number in range(COUNT))]
            return maps, [publish(pixels) for pixels in pictures]

        def show(made: tuple[Maps, list[str]]) -> None:
            self._maps, sources = made
            shape = self._maps.pixels.shape[0], self._maps.pixels.shape[1]
            self._input.outline()
            pixels = self._maps.pixels
            self._input.show(sources[0], shape, numbers=lambda crop: grid_of(pixels, crop))
            for number, (view, legend) in enumerate(self._outputs):
                view.show(sources[number + 1], shape, numbers=partial(self._maps.grid, number))
                legend.show(self._maps.scale(number))
                for grid, kernel in zip(self._grids[number], self._maps.bank[number], strict=True):
                    grid.show(kernel)
            self._cost.set_text(self._maps.cost)
            self._point(0, shape[0] // 2, shape[1] // 2)

        self._worker.ask(work, show)

    def _point(self, number: int, y: int, x: int) -> None:
        if self._maps is None:
            return
        slides = window(self._maps.pixels.shape[:2], SIZE, padding="same")
        down, across = slides.axes
        self._input.outline(Mark(frame=(down.start(y), across.start(x), SIZE, SIZE)))
        title = f"Feature map {number + 1} at row {y}, column {x}"
        self._products.show(title, self._maps.explain(number, y, x), (SIZE, SIZE), CHANNELS)
