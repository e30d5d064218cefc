"""The pooling room's page."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from nicegui import ui
from numpy.typing import NDArray

from pellucid.geometry import Window, window
from pellucid.images import Crop, Grid, Pixels, grid_of
from pellucid.images.colour import gray_to_rgb
from pellucid.images.scale import Scale
from pellucid.operators import Arithmetic, explain_pooling, pool
from pellucid.operators.pooling import Kind
from pellucid.studio.parts import controls
from pellucid.studio.parts.legend import Legend
from pellucid.studio.parts.pixels import Mark, PixelView
from pellucid.studio.parts.player import Player
from pellucid.studio.parts.products import Products
from pellucid.studio.rooms.common import PLANES, SIDES, numbers_of, size_formula, small_plane
from pellucid.studio.rooms.pooling.state import KINDS, LARGEST, PoolingState
from pellucid.studio.visit import Visit


@dataclass(frozen=True, eq=False)
class Pooled:
    """A plane and what pooling makes of it.

    Attributes:
        plane: (H, W) uint8.
        window: the geometry.
        output: (H', W') float32.
        kind: of pooling.
        options: of the operator.
    """

    plane: Pixels
    window: Window
    output: NDArray[np.float32]
    kind: Kind
    options: dict[str, Any]

    @property
    def scale(self) -> Scale:
        """That of the input; up to the largest number where norms exceed it."""
        return Scale(0, max(255.0, float(self.output.max())))

    @property
    def shown(self) -> Pixels:
        """The output as a picture."""
        return self.scale.apply(self.output)

    def grid(self, crop: Crop) -> Grid:
        """Numbers of the output."""
        return numbers_of(self.output, self.shown, crop)

    def explain(self, y: int, x: int) -> Arithmetic:
        """How one output comes about."""
        return explain_pooling(
            self.plane, self.kind, self.window.kernel_shape, (y, x), **self.options
        )


def pooled(pixels: Pixels, state: PoolingState) -> Pooled:
    """What a state describes.

    Raises:
        UsageError: the window does not fit, or somewhere holds padding only.
    """
    plane = small_plane(pixels, state.plane, state.side)
    options: dict[str, Any] = {
        "stride": state.stride or state.size,
        "padding": state.padding,
        "ceil": state.ceil,
    }
    kind = cast(Kind, state.kind)
    output = pool(plane, kind, state.size, dtype=np.float32, **options)
    return Pooled(plane, window(plane.shape, state.size, **options), output, kind, options)


def build(visit: Visit[PoolingState]) -> None:
    """The whole page."""
    PoolingPage(visit)


class PoolingPage:
    """Input, output, and the window in hand."""

    def __init__(self, visit: Visit[PoolingState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        self._pooled: Pooled | None = None
        with controls.columns():
            with controls.stage():
                self._views()
                self._products = Products()
                self._facts = ui.label().classes("lines")
            self._panel()
        visit.on_change(
            self._pool, "picture", "side", "plane", "kind", "size", "stride", "padding", "ceil"
        )
        self._pool()

    def _views(self) -> None:
        with ui.element("div").classes("pair"):
            with ui.element("div"):
                self._input = PixelView("Input", group="pooling")
                ui.label("Input").classes("caption")
            with ui.element("div"):
                self._output = PixelView(
                    "Output",
                    on_hover=self._point,
                    on_pick=lambda y, x: self._visit.change(y=y, x=x),
                    group="pooling",
                )
                self._legend = Legend()
        with ui.element("div"):
            self._player = Player(self._go, lambda y, x: self._visit.change(y=y, x=x))
            ui.label("Point at the output, or press Play.").classes("caption")

    def _panel(self) -> None:
        visit, state = self._visit, self._visit.state
        strides = {0: "as the window: they tile"} | {n: str(n) for n in range(1, LARGEST + 1)}
        with controls.panel("Window"):
            controls.choose("What stands for it", KINDS, state.kind, lambda k: visit.change(kind=k))
            controls.slide("Size", 1, LARGEST, state.size, lambda n: visit.change(size=int(n)))
            controls.choose("Stride", strides, state.stride, lambda n: visit.change(stride=n))
            controls.slide("Padding", 0, 4, state.padding, lambda n: visit.change(padding=int(n)))
            controls.switch(
                "A last window may stick out", state.ceil, lambda on: visit.change(ceil=on)
            )
            controls.choose("Averaged down to", SIDES, state.side, lambda n: visit.change(side=n))
            controls.choose("Plane", PLANES, state.plane, lambda p: visit.change(plane=p))

    def _pool(self) -> None:
        photo, state, publish = self._visit.photo, self._visit.state, self._visit.publish

        def work() -> tuple[Pooled, str, str]:
            made = pooled(photo.pixels, state)
            return made, publish(gray_to_rgb(made.plane)), publish(made.shown)

        self._worker.ask(work, lambda made: self._show(*made))

    def _show(self, made: Pooled, before: str, after: str) -> None:
        self._pooled, state = made, self._visit.state
        down, across = made.window.axes
        shape, size = (down.length, across.length), (down.output, across.output)
        middle = (down.span - 1) / 2 - down.before
        self._input.outline()
        self._input.show(before, shape, numbers=lambda crop: grid_of(made.plane, crop))
        self._output.show(after, size, numbers=made.grid, factor=(float(down.stride), middle))
        self._legend.show(made.scale)
        share = made.output.size / made.plane.size
        self._facts.set_text(
            f"Output height: {size_formula(down)}\nOutput width: {size_formula(across)}\n"
            f"{made.plane.size:,} numbers become {made.output.size:,} ({share:.0%}). "
            "No parameters: nothing is learned."
        )
        self._point(size[0] // 2, size[1] // 2)
        self._player.over(size, (state.y, state.x))

    def _go(self, y: int, x: int) -> None:
        self._output.go(y, x)
        self._point(y, x)

    def _point(self, y: int, x: int) -> None:
        made = self._pooled
        if made is None or y >= made.output.shape[0] or x >= made.output.shape[1]:
            return
        down, across = made.window.axes
        frame = (down.start(y), across.start(x), down.span, across.span)
        found = made.explain(y, x)
        kept = [term.at[-2:] for term in found.terms if term.role == "kept" and term.at]
        self._input.outline(Mark([(row, column) for row, column in kept], frame))
        held = tuple(len({term.tap[axis] for term in found.terms}) for axis in (0, 1))
        self._products.show(f"Output at row {y}, column {x}", found, (held[0], held[1]))
