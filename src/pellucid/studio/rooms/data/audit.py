"""Audit findings with the pictures that they are about."""

from typing import Any

from nicegui import ui

from pellucid.errors import ImageError
from pellucid.studio.parts import controls
from pellucid.studio.parts.tiles import Tile, Tiles
from pellucid.studio.photos import Photo, photo_of
from pellucid.studio.rooms.data.opening import open_photo
from pellucid.studio.rooms.data.state import DataState
from pellucid.studio.samples import own_images
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit

#: Pairs of copies, and other images of a finding, that are shown.
_PAIRS, _IMAGES = 8, 12
_SIGNS = {"error": "✕", "warning": "!", "info": "i"}


class Findings:
    """What an audit found.

    Args:
        visit: of the room.
        bench: whose data it is.
    """

    def __init__(self, visit: Visit[DataState], bench: Bench) -> None:
        self._visit, self._bench = visit, bench
        self._photos: dict[str, list[Photo]] = {}

    def show(self, audit: dict[str, Any]) -> None:
        """The verdicts, the classes, the pictures.

        Args:
            audit: as ``Audit.to_json`` has it.
        """
        ui.label(f"{audit['root']}: {audit['images']:,} images. {audit['how']}").classes("caption")
        with ui.element("ul").classes("verdicts"):
            for verdict in audit["verdicts"]:
                with ui.element("li").classes(verdict["severity"]):
                    ui.label(_SIGNS[verdict["severity"]]).classes("sign").props("aria-hidden=true")
                    ui.label(verdict["sentence"])
        _classes(audit["classes"])
        wanted = _wanted(audit)
        if wanted:
            with ui.element("div").classes("pair") as place:
                pass
            self._visit.worker().ask(
                lambda: self._load(wanted), lambda found: self._pictures(place, found)
            )

    def _load(self, wanted: dict[str, list[str]]) -> dict[str, list[Photo]]:
        with own_images(self._bench.path) as images:
            index = {sample.name: place for place, sample in enumerate(images.samples)}
            found: dict[str, list[Photo]] = {}
            for title, names in wanted.items():
                for name in names:
                    if name not in index:
                        continue
                    try:
                        photo = photo_of(images.source.load(index[name]), name)
                    except ImageError:  # that may be why it is named
                        continue
                    found.setdefault(title, []).append(photo)
        return found

    def _pictures(self, place: ui.element, found: dict[str, list[Photo]]) -> None:
        with place:
            for title, photos in found.items():
                with controls.panel(title):
                    self._tiles(title, photos)

    def _tiles(self, title: str, photos: list[Photo]) -> None:
        publish = self._visit.publish
        tiles = Tiles(title, lambda at: open_photo(self._visit, photos[at]), smooth=True)
        tiles.show([Tile(each.title, src=publish(each.pixels)) for each in photos])


def _wanted(audit: dict[str, Any]) -> dict[str, list[str]]:
    """Names of images to show, by finding."""
    pairs = [name for each in audit["copies"][:_PAIRS] for name in (each["first"], each["second"])]
    found = {
        "Copies, pair by pair": pairs,
        "Left out: a copy judges the training": audit["leaks"][:_IMAGES],
        "Left out: a copy in another class": audit["conflicts"][:_IMAGES],
    }
    return {title: names for title, names in found.items() if names}


def _classes(classes: list[dict[str, Any]]) -> None:
    """How many images each class has, as bars."""
    most = max((each["images"] for each in classes), default=0) or 1
    with ui.element("ol").classes("counts").props('aria-label="Images of each class"'):
        for each in classes:
            with ui.element("li"):
                ui.label(each["name"]).classes("name")
                share = 100 * each["images"] / most
                ui.element("i").style(f"width:{share:.1f}%").props("aria-hidden=true")
                ui.label(f"{each['images']:,}").classes("value")
