"""The first layer's filters, in colour: what the network looks for before anything else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from nicegui import ui

from pellucid.errors import UsageError
from pellucid.images.scale import number
from pellucid.studio.parts import controls
from pellucid.studio.parts.tiles import Sheet, Tile, Tiles, sheet_of
from pellucid.studio.rooms.inside.spot import Spot
from pellucid.studio.rooms.inside.state import InsideState
from pellucid.studio.traces import Bench
from pellucid.studio.visit import Visit

if TYPE_CHECKING:
    from pellucid.explain import Filters, Trace


class First:
    """The filters; each leads to its map.

    Args:
        visit: of the room.
        bench: with the network.
        choose: called with the strongest number of a filter's map.
    """

    def __init__(
        self, visit: Visit[InsideState], bench: Bench, choose: Callable[[Spot], None]
    ) -> None:
        self._visit, self._bench, self._choose = visit, bench, choose
        self._worker = visit.worker()
        self._trace: Trace | None = None
        self._layer = ""
        with controls.part("The first filters"):
            self._about = ui.label().classes("caption")
            self._tiles = Tiles("The first filters", self._chosen)
        visit.on_change(self._look, "picture")
        self._look()

    def _look(self) -> None:
        photo, publish = self._visit.photo, self._visit.publish

        def work() -> "tuple[Trace, Filters | None, Sheet | None]":
            trace = self._bench.trace(photo)
            found = _filters(trace)
            if found is None:
                return trace, None, None
            return trace, found, sheet_of([found.kernel(each) for each in found.filters], publish)

        self._worker.ask(work, lambda made: self._show(*made))

    def _show(self, trace: "Trace", found: "Filters | None", sheet: Sheet | None) -> None:
        self._trace = trace
        if found is None:
            self._about.set_text("They read more than three channels: they are no pictures.")
            self._tiles.show([])
            return
        self._layer = found.layer
        colour = "in colour" if found.weights.shape[1] == 3 else "in gray"
        self._about.set_text(f"{found}. Drawn {colour}: 0 is mid-gray, each on its own scale.")
        tiles = [Tile(str(each), f"±{number(found.reach(each))}") for each in found.filters]
        self._tiles.show(tiles, sheet=sheet)

    def _chosen(self, place: int) -> None:
        assert self._trace is not None
        values = self._trace.value(self._layer)[0, place]
        y, x = divmod(int(values.argmax()), values.shape[1])
        self._choose(Spot(self._layer, (place, y, x)))


def _filters(trace: "Trace") -> "Filters | None":
    from pellucid.explain import filters

    try:
        return filters(trace)
    except UsageError:  # no convolution, or one whose filters are no pictures
        return None
