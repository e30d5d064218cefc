"""The convolution room's page: a kernel that slides, two filters of three channels, learning."""

from nicegui import ui

from pellucid.geometry import MODES
from pellucid.studio.parts import controls
from pellucid.studio.parts.legend import Legend
from pellucid.studio.parts.pixels import Mark, PixelView
from pellucid.studio.parts.player import Player
from pellucid.studio.parts.products import Products
from pellucid.studio.parts.weights import WeightGrid
from pellucid.studio.rooms.common import PLANES, SIDES
from pellucid.studio.rooms.convolution.filters import Filters
from pellucid.studio.rooms.convolution.learning import Learning
from pellucid.studio.rooms.convolution.scene import Scene, scene_of
from pellucid.studio.rooms.convolution.state import GALLERY, KINDS, PADDINGS, ConvolutionState
from pellucid.studio.visit import Visit

_SLIDING = (
    "picture", "side", "plane", "kernel", "kind", "padding", "mode", "stride", "dilation",
)  # fmt: skip


def build(visit: Visit[ConvolutionState]) -> None:
    """The whole page."""
    Sliding(visit)
    Filters(visit)
    Learning(visit)


class Sliding:
    """One kernel over one plane."""

    def __init__(self, visit: Visit[ConvolutionState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        self._scene: Scene | None = None
        with controls.columns():
            with controls.stage():
                self._views()
                self._products = Products()
            with ui.element("div"):
                self._kernel_panel()
                self._sliding_panel()
        with controls.part("Who is read how often"), ui.element("div").classes("pair"):
            with ui.element("div"):
                self._coverage = PixelView("Coverage")
                self._coverage_said = ui.label().classes("caption")
            with ui.element("div").classes("facts"):
                self._facts = ui.label().classes("lines")
        visit.on_change(self._slide, *_SLIDING)
        self._slide()

    def _views(self) -> None:
        with ui.element("div").classes("pair"):
            with ui.element("div"):
                self._input = PixelView(
                    "Input",
                    on_hover=self._point_at_input,
                    group="convolution",
                )
                self._input_said = ui.label("Input").classes("caption")
            with ui.element("div"):
                self._output = PixelView(
                    "Output",
                    on_hover=self._point_at_output,
                    on_pick=lambda y, x: self._visit.change(y=y, x=x),
                    group="convolution",
                )
                self._legend = Legend()
        with ui.element("div"):
            self._player = Player(self._go, lambda y, x: self._visit.change(y=y, x=x))
            ui.label(
                "Point at the output to see how a number comes about; at the input to see where it "
                "is used. Or press Play."
            ).classes("caption")

    def _kernel_panel(self) -> None:
        visit, state = self._visit, self._visit.state
        with controls.panel("Kernel"):
            self._gallery = controls.choose(
                "Gallery",
                [*GALLERY, "typed"],
                state.kernel if state.kernel in GALLERY else "typed",
                self._take,
            )
            self._weights = WeightGrid("Kernel", lambda text: visit.change(kernel=text), sizes=True)
            self._typed = controls.typed(
                "By name, or typed", state.kernel, lambda text: visit.change(kernel=text)
            )
            self._effect = ui.label().classes("caption")
            controls.choose("Operation", KINDS, state.kind, lambda kind: visit.change(kind=kind))

    def _take(self, name: str) -> None:
        if name in GALLERY:
            self._visit.change(kernel=name)

    def _sliding_panel(self) -> None:
        visit, state = self._visit, self._visit.state
        with controls.panel("How it slides"):
            controls.choose("Padding", PADDINGS, state.padding, lambda p: visit.change(padding=p))
            controls.choose(
                "What stands in the padding", MODES, state.mode, lambda m: visit.change(mode=m)
            )
            controls.slide("Stride", 1, 4, state.stride, lambda s: visit.change(stride=int(s)))
            controls.slide(
                "Dilation", 1, 4, state.dilation, lambda d: visit.change(dilation=int(d))
            )
        with controls.panel("Input"):
            controls.choose("Averaged down to", SIDES, state.side, lambda n: visit.change(side=n))
            controls.choose("Plane", PLANES, state.plane, lambda p: visit.change(plane=p))

    def _slide(self) -> None:
        visit, state, photo = self._visit, self._visit.state, self._visit.photo

        def work() -> tuple[Scene, list[str]]:
            scene = scene_of(photo.pixels, state)
            pictures = (scene.framed, scene.shown, scene.coverage_shown)
            return scene, [visit.publish(pixels) for pixels in pictures]

        def show(made: tuple[Scene, list[str]]) -> None:
            self._show(*made)

        self._worker.ask(work, show)

    def _show(self, scene: Scene, sources: list[str]) -> None:
        self._scene, state = scene, self._visit.state
        height, width = scene.window.input_shape
        rows, columns = scene.window.output_shape
        down = scene.window.axes[0]
        middle = (down.span - 1) / 2 - down.before
        self._input.outline()
        self._output.outline()
        self._input.show(sources[0], (height, width), numbers=scene.input_grid, ring=scene.ring)
        self._output.show(
            sources[1],
            (rows, columns),
            numbers=scene.output_grid,
            factor=(float(down.stride), middle),
        )
        self._coverage.show(sources[2], (height, width), numbers=scene.coverage_grid)
        self._legend.show(scene.scale)
        self._say(scene)
        self._weights.show(scene.kernel.weights)
        self._typed.set_value(state.kernel)
        self._gallery.set_value(state.kernel if state.kernel in GALLERY else "typed")
        self._point_at_output(rows // 2, columns // 2)
        self._player.over((rows, columns), (state.y, state.x))

    def _say(self, scene: Scene) -> None:
        height, width = scene.window.input_shape
        sides = "above {}, below {}, left {}, right {}".format(*scene.ring)
        ring = f", padding {sides}" if any(scene.ring) else ", no padding"
        self._input_said.set_text(f"Input: {width} × {height}{ring}")
        self._effect.set_text(scene.kernel.effect)
        least, most = int(scene.coverage.min()), int(scene.coverage.max())
        self._coverage_said.set_text(
            f"Each pixel is read {least} to {most} times (black never, white {most} times)."
        )
        sizes = [f"Output {name}: {formula}" for name, formula in scene.sizes]
        self._facts.set_text("\n".join([*sizes, f"Cost: {scene.cost}", *scene.kernel.facts]))

    def _go(self, y: int, x: int) -> None:
        self._output.go(y, x)
        self._point_at_output(y, x)

    def _point_at_output(self, y: int, x: int) -> None:
        scene = self._scene
        if scene is None or not (0 <= y < scene.output.shape[0] and 0 <= x < scene.output.shape[1]):
            return
        self._input.outline(Mark(scene.cells(y, x), scene.frame(y, x)))
        self._output.outline()
        title = f"Output at row {y}, column {x}"
        self._products.show(title, scene.explain(y, x), scene.kernel.shape)

    def _point_at_input(self, y: int, x: int) -> None:
        scene = self._scene
        if scene is None or y >= scene.plane.shape[0] or x >= scene.plane.shape[1]:
            return
        outputs = [(row, column) for row, column in scene.window.outputs_of((y, x))]
        self._input.outline()
        self._output.outline(Mark(outputs, look="uses"))
        count = f"{len(outputs)} output{'' if len(outputs) == 1 else 's'}"
        self._products.tell(
            f"Input at row {y}, column {x}: {scene.plane[y, x]}",
            f"{count} of {scene.output.size:,} use this pixel; it is read "
            f"{scene.coverage[y, x]} times.",
        )
