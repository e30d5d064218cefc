"""An image is an array of numbers."""

from dataclasses import dataclass

from nicegui import ui

from pellucid.images.crop import Crop
from pellucid.images.grid import Grid, grid_of
from pellucid.studio.parts import controls
from pellucid.studio.parts.pixels import PixelView
from pellucid.studio.room import Room
from pellucid.studio.state import State, whole
from pellucid.studio.visit import Visit


@dataclass(frozen=True)
class ImageState(State):
    """The cell that is looked at."""

    y: int = whole(0, 0, 100_000)
    x: int = whole(0, 0, 100_000)


def build(visit: Visit[ImageState]) -> None:
    """The room's page."""

    def numbers(top: int, bottom: int, left: int, right: int) -> Grid:
        return grid_of(visit.photo.pixels, Crop(top, bottom, left, right))

    def hover(y: int, x: int) -> None:
        values = visit.photo.pixels[y, x].tolist()
        told.set_text(f"row {y}, column {x}: {', '.join(map(str, values))}")

    def show() -> None:
        pixels = visit.photo.pixels
        view.show(visit.publish(pixels), pixels.shape[:2], label=visit.photo.title)
        facts.set_text(visit.photo.facts)

    with controls.columns():
        with controls.stage():
            view = PixelView("", on_hover=hover, numbers=numbers)
        with controls.panel("In numbers"):
            facts = ui.label()
            told = ui.label().classes("figure")
    visit.on_change(show, "picture")
    show()


ROOM = Room("/image", "Image", "An image is an array of numbers: look at them.", ImageState, build)
