"""What excites a channel most, among the images that the network was trained and judged on."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from nicegui import ui

from pellucid.errors import UsageError
from pellucid.images import Picture
from pellucid.images.scale import number
from pellucid.studio.parts import controls
from pellucid.studio.parts.progress import Progress
from pellucid.studio.parts.tiles import Tile, Tiles
from pellucid.studio.photos import photo_of
from pellucid.studio.rooms.inside.sight import Sight
from pellucid.studio.rooms.inside.spot import Spot
from pellucid.studio.rooms.inside.state import InsideState
from pellucid.studio.samples import own_images
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit

if TYPE_CHECKING:
    from pellucid.data.catalogue import Catalogue
    from pellucid.explain import Excitation

#: Seconds that the search looks at images, at most, and how many it looks at.
_SECONDS, _IMAGES = 20.0, 3000
_SHOWN = 12


@dataclass(frozen=True, eq=False)
class Search:
    """What a search found.

    Attributes:
        layer: name of the node.
        channel: of it.
        images: that were looked at.
        rows: the strongest first.
        pictures: whole, of each row.
        names: of these.
    """

    layer: str
    channel: int
    images: int
    rows: "tuple[Excitation, ...]"
    pictures: tuple[Picture, ...]
    names: tuple[str, ...]


class Excite:
    """A search that people start, for the channel that they look at.

    Args:
        visit: of the room.
        bench: with the network.
        sight: tells the number in use.
    """

    def __init__(
        self, visit: Visit[InsideState], bench: Bench, sight: Callable[[], Sight | None]
    ) -> None:
        self._visit, self._bench, self._sight = visit, bench, sight
        self._found: Search | None = None
        with controls.part("What excites this channel most?"):
            ui.label(
                "Among the images that the network was trained and judged on: each is cut to what "
                "the strongest number of the channel sees. Choose one to look into it."
            ).classes("caption")
            button = controls.press("Search the run's images", self._search, main=True)
            self._progress = Progress(visit, button)
            self._about = ui.label().classes("caption").props('aria-live="polite"')
            self._tiles = Tiles("Images that excite the channel", self._open)

    def _search(self) -> None:
        sight = self._sight()
        if sight is not None:
            self._progress.run(lambda: self._work(sight), self._show)

    def _work(self, sight: Sight) -> Search:
        from pellucid.explain import most_exciting

        layer, channel = sight.node.index - sight.trace.input.index, sight.spot.at[0]
        if layer < 0:
            raise UsageError(f"{sight.spot.layer} is the picture itself: choose a later layer.")
        with own_images(self._bench.path) as images, self._bench.lock:
            order = np.random.default_rng(0).permutation(len(images))[:_IMAGES].tolist()
            given = self._until(images, order, time.monotonic() + _SECONDS)
            found = most_exciting(self._bench.predictor, given, layer, [channel], count=_SHOWN)
            chosen = [order[row.index] for row in found.rows]
            pictures = tuple(images.source.load(index) for index in chosen)
            names = tuple(images.samples[index].name for index in chosen)
        return Search(sight.spot.layer, channel, found.images, found.rows, pictures, names)

    def _until(self, images: "Catalogue", order: list[int], deadline: float) -> Iterator[Picture]:
        """The images in an order, as long as there is time."""
        for place, index in enumerate(order):
            if time.monotonic() > deadline:
                return
            self._progress.at(place / len(order))
            yield images.source.load(index)

    def _show(self, found: Search) -> None:
        self._found = found
        self._about.set_text(
            f"{found.layer}, channel {found.channel}: the strongest of {found.images:,} images."
        )
        self._tiles.show(
            [
                Tile(number(row.activation), name, self._visit.publish(row.patch))
                for row, name in zip(found.rows, found.names, strict=True)
            ]
        )

    def _open(self, place: int) -> None:
        """Look into this image, at the number that it excites."""
        assert self._found is not None
        found = self._found
        photo = photo_of(found.pictures[place], found.names[place])
        self._visit.session.photos.put(photo.name, photo, photo.pixels.nbytes)
        spot = Spot(found.layer, (found.channel, *found.rows[place].at))
        self._visit.change(picture=photo.name, layer=spot.layer, at=spot.position, trail="")
