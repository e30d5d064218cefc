"""Other pictures: images of the network's own kind, a drawing, the camera."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui

from pellucid.errors import PellucidError
from pellucid.images import Picture
from pellucid.studio.parts import controls
from pellucid.studio.parts.pad import Camera, Pad
from pellucid.studio.parts.tiles import Tile, Tiles
from pellucid.studio.photos import Photo, photo_of
from pellucid.studio.rooms.why.state import WhyState
from pellucid.studio.samples import own_images
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Images of the network's own data that are offered.
_OWN = 24


class Inputs:
    """What else can be looked at.

    Args:
        visit: of the room.
        bench: with the network.
        refresh: called when the drawing or the camera's picture is another one now.
    """

    def __init__(self, visit: Visit[WhyState], bench: Bench, refresh: Callable[[], None]) -> None:
        self._visit, self._bench, self._refresh = visit, bench, refresh
        self._own: Sequence[Photo] = ()
        with controls.part("Ask it about something else"), ui.element("div").classes("pair"):
            with controls.panel("Draw"):
                Pad(lambda picture: self._take("drawing", "Your drawing", picture), visit.say)
            with controls.panel("Camera"):
                Camera(lambda picture: self._take("camera", "Your camera", picture), visit.say)
            with controls.panel("Images it was trained and judged on"):
                self._problem = ui.label().classes("caption")
                self._tiles = Tiles("Images of the network's own data", self._choose, smooth=True)
        visit.worker().ask(self._load, self._show)

    def _take(self, name: str, title: str, picture: Picture) -> None:
        photo = photo_of(picture, title)
        kept = Photo(name, title, photo.pixels, photo.full)
        self._visit.session.photos.put(name, kept, kept.pixels.nbytes)
        if self._visit.state.picture == name:
            self._refresh()
        else:
            self._visit.change(picture=name)

    def _load(self) -> tuple[list[Photo], str]:
        """Some images, or why there are none."""
        try:
            with own_images(self._bench.path) as images:
                chosen = np.random.default_rng(1).permutation(len(images))[:_OWN].tolist()
                return [
                    photo_of(images.source.load(index), images.samples[index].name)
                    for index in chosen
                ], ""
        except PellucidError as error:
            return [], str(error)

    def _show(self, made: tuple[list[Photo], str]) -> None:
        own, problem = made
        self._own = own
        self._problem.set_text(problem)
        self._tiles.show(
            [Tile("", src=self._visit.publish(each.pixels), label=each.title) for each in own]
        )

    def _choose(self, place: int) -> None:
        photo = self._own[place]
        self._visit.session.photos.put(photo.name, photo, photo.pixels.nbytes)
        self._visit.change(picture=photo.name, target="", against="", top=-1, left=-1)
