"""The image room's page: the picture in numbers, channel operators, planes, and a game."""

from nicegui import ui

from pellucid.errors import UsageError
from pellucid.studio.parts import controls
from pellucid.studio.parts.pixels import PixelView
from pellucid.studio.parts.planes import Card, Planes
from pellucid.studio.parts.readout import Readout
from pellucid.studio.parts.weights import WeightGrid
from pellucid.studio.rooms.image.game import Game
from pellucid.studio.rooms.image.looking import Sight, mixing_matrix, plane_names, sight_of
from pellucid.studio.rooms.image.state import IDENTITY, OPERATORS, ImageState
from pellucid.studio.visit import Visit

_MODELS = {"rgb": "RGB", "hsv": "HSV", "hsl": "HSL", "lab": "Lab", "ycbcr": "YCbCr", "gray": "gray"}
_LOOKS = ("picture", "operator", "channel", "weight", "degrees", "matrix", "model", "plane")


def build(visit: Visit[ImageState]) -> None:
    """The whole page."""
    Looking(visit)
    Game(visit)


class Looking:
    """The picture, what an operator makes of it, its planes."""

    def __init__(self, visit: Visit[ImageState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        self._sight: Sight | None = None
        with controls.columns():
            with controls.stage(), ui.element("div"):
                self._view = PixelView("The picture", on_hover=self._hover, on_pick=self._pick)
                self._facts = ui.label().classes("caption")
            with ui.element("div"):
                with controls.panel("Channel operators"):
                    self._operators()
                with controls.panel("This pixel"):
                    self._readout = Readout("Point at the picture, or move with the arrow keys.")
        with controls.part("Planes and histograms"):
            controls.choose("Colour model", _MODELS, visit.state.model, self._choose_model)
            self._planes = Planes(lambda name: visit.change(plane=name))
        visit.on_change(self._look, *_LOOKS)
        self._look()

    def _operators(self) -> None:
        visit, state = self._visit, self._visit.state
        controls.choose(
            "What is done", OPERATORS, state.operator, lambda name: visit.change(operator=name)
        )
        with ui.element("div").classes("panel") as adding:
            controls.choose(
                "Channel that is added",
                ("red", "green", "blue"),
                state.channel,
                lambda name: visit.change(channel=name),
            )
            controls.slide(
                "How much of it", -2, 2, state.weight, lambda w: visit.change(weight=w), step=0.05
            )
        with ui.element("div").classes("panel") as turning:
            controls.slide(
                "Turned by", -180, 180, state.degrees, lambda d: visit.change(degrees=d), unit="°"
            )
        with ui.element("div").classes("panel") as mixing:
            ui.label("A row makes a channel of red, green and blue.").classes("caption")
            grid = WeightGrid("Mixing matrix", lambda t: visit.change(matrix=t), slides=True)
            try:
                grid.show(mixing_matrix(state.matrix))
            except UsageError:  # it is told when the picture is made
                grid.show(mixing_matrix(IDENTITY))
        groups = {"add": adding, "hue": turning, "mix": mixing}

        def show() -> None:
            for name, group in groups.items():
                group.set_visibility(visit.state.operator == name)

        visit.on_change(show, "operator")
        show()

    def _choose_model(self, model: str) -> None:
        kept = self._visit.state.plane in plane_names(model)
        self._visit.change(model=model, plane=self._visit.state.plane if kept else "")

    def _look(self) -> None:
        photo, state, publish = self._visit.photo, self._visit.state, self._visit.publish

        def work() -> tuple[Sight, str, list[Card]]:
            sight = sight_of(photo.pixels, state)
            return sight, publish(sight.shown), sight.cards(publish)

        def show(made: tuple[Sight, str, list[Card]]) -> None:
            self._sight, src, cards = made
            height, width = self._sight.shown.shape[:2]
            label = f"{photo.title}, {state.plane or 'in colours'}, {width} by {height} pixels"
            self._view.show(src, (height, width), numbers=self._sight.grid, label=label)
            self._planes.show(cards, state.plane)
            self._facts.set_text(photo.facts)
            if 0 <= state.y < height and 0 <= state.x < width:
                self._view.go(state.y, state.x)
                self._hover(state.y, state.x)

        self._worker.ask(work, show)

    def _hover(self, y: int, x: int) -> None:
        if self._sight is not None:
            self._readout.show(f"Row {y}, column {x}", self._sight.lines(y, x))

    def _pick(self, y: int, x: int) -> None:
        self._visit.change(y=y, x=x)
