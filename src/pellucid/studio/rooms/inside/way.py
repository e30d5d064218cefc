"""The way down: the numbers above this one, each a button that goes back up to it."""

from collections.abc import Callable
from functools import partial

from nicegui import ui

from pellucid.studio.parts import controls
from pellucid.studio.rooms.inside.sight import Sight
from pellucid.studio.rooms.inside.spot import Spot


class Way:
    """The steps of a way, the first on top.

    Args:
        up: called with the place of the step to go back to.
        to_pixels: called to follow the largest terms to the end.
    """

    def __init__(self, up: Callable[[int], None], to_pixels: Callable[[], None]) -> None:
        self._up = up
        with ui.element("nav").classes("way").props('aria-label="The way down to this number"'):
            self._steps = ui.element("ol")
        self._down = controls.press("Follow the largest term down to the pixels", to_pixels)

    def show(self, trail: tuple[Spot, ...], sight: Sight) -> None:
        """Replace the steps."""
        self._steps.clear()
        with self._steps:
            for place, spot in enumerate(trail):
                with ui.element("li"):
                    controls.press(_words(spot), partial(self._up, place)).classes("step")
            if trail:
                with ui.element("li"):
                    ui.label(_words(sight.spot)).props('aria-current="step"').classes("step here")
        self._down.set_visibility(bool(sight.node.inputs))


def _words(spot: Spot) -> str:
    return f"{spot.layer} · {', '.join(map(str, spot.at))}"
