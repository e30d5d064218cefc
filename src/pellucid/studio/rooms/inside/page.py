"""The inside room's page: layers, maps, one number's account, what it sees of the picture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nicegui import ui

from pellucid.errors import UsageError
from pellucid.images import Pixels
from pellucid.studio.parts import controls
from pellucid.studio.parts.account import AccountView
from pellucid.studio.parts.legend import Legend
from pellucid.studio.parts.look import add_look, waiting, wide_columns
from pellucid.studio.parts.pixels import PixelView
from pellucid.studio.parts.tiles import Sheet, Tile, Tiles, sheet_of
from pellucid.studio.rooms.inside.excite import Excite
from pellucid.studio.rooms.inside.first import First
from pellucid.studio.rooms.inside.layers import Strip
from pellucid.studio.rooms.inside.sight import Sight
from pellucid.studio.rooms.inside.spot import Spot, spot_of, trail_of, written
from pellucid.studio.rooms.inside.state import InsideState
from pellucid.studio.rooms.inside.telling import told
from pellucid.studio.rooms.inside.way import Way
from pellucid.studio.traces import bench_of
from pellucid.studio.visit import Visit

if TYPE_CHECKING:
    from pellucid.explain import Trace

Publish = Callable[[Pixels], str]


def build(visit: Visit[InsideState]) -> None:
    """The whole page."""
    add_look()
    Inside(visit)


@dataclass(frozen=True, eq=False)
class View:
    """What a state shows, made in a worker's thread.

    Attributes:
        sight: the number.
        trail: the numbers above it.
        map: address of its map's picture.
        tiles: the layer's maps.
        sheet: their pictures; None where the layer has none.
        problem: what of the address could not be used.
    """

    sight: Sight
    trail: tuple[Spot, ...]
    map: str
    tiles: list[Tile]
    sheet: Sheet | None
    problem: str


class Inside:
    """One number at a time, with its layer and its picture."""

    def __init__(self, visit: Visit[InsideState]) -> None:
        self._visit, self._bench = visit, bench_of(visit.network)
        self._worker, self._pointer, self._exact = (visit.worker() for _ in range(3))
        self._view: View | None = None
        self._waiting = waiting()
        self._strip = Strip(visit, self._choose_layer)
        with wide_columns():
            with controls.stage():
                with ui.element("div").classes("pair"):
                    self._pictures()
                self._maps = Tiles("Maps of this layer", self._choose_map)
            with controls.panel("This number"):
                self._way = Way(self._up, self._to_pixels)
                self._account = AccountView(self._down, self._point)
        First(visit, self._bench, self._choose_filter)
        Excite(visit, self._bench, lambda: self._view.sight if self._view else None)
        visit.on_change(self._look, "picture", "layer", "at", "trail")
        self._look()

    def _pictures(self) -> None:
        with ui.element("div"):
            self._map = PixelView(
                "The map",
                on_hover=self._hover,
                on_leave=self._tell,
                on_pick=self._pick,
            )
            self._legend = Legend()
            self._about = ui.label().classes("caption")
        with ui.element("div"):
            self._picture = PixelView("The picture, with what this number sees")
            self._seen = ui.label().classes("caption")

    # --- the state, shown

    def _look(self) -> None:
        photo, state, publish = self._visit.photo, self._visit.state, self._visit.publish
        before = self._view

        def work() -> tuple[View, str]:
            trace = self._bench.trace(photo)
            return _view_of(trace, state, before, publish), publish(photo.pixels)

        def show(made: tuple[View, str]) -> None:
            self._view, src = made
            self._show_maps(before)
            self._waiting.set_visibility(False)
            self._picture.show(src, photo.pixels.shape[:2])
            self._strip.show(self._view.sight)
            self._way.show(self._view.trail, self._view.sight)
            self._tell()
            if self._view.problem:
                self._visit.say(self._view.problem)

        self._worker.ask(work, show)

    def _show_maps(self, before: View | None) -> None:
        assert self._view is not None
        view, sight = self._view, self._view.sight
        channel = sight.spot.at[0] if sight.has_maps else -1
        label = f"{sight.spot.layer}, map {channel}"
        self._map.show(view.map, sight.plane.shape, numbers=sight.grid, label=label)
        self._legend.show(sight.scale)
        self._map.go(*sight.cell)
        shape = " × ".join(map(str, sight.node.shape[1:]))
        what = f"map {channel} of {shape}" if sight.has_maps else f"{shape} numbers, row by row"
        self._about.set_text(f"{sight.spot.layer}: {what}.")
        if before is None or before.sheet != view.sheet:
            self._maps.show(view.tiles, channel, view.sheet)
        self._maps.point(channel)

    def _tell(self) -> None:
        """The number in use: its account at once, what it sees exactly as soon as that is known."""
        if self._view is None:
            return
        sight = self._view.sight
        self._explain(sight)
        self._exact.ask(lambda: sight.field, lambda _: self._show_field(sight))

    def _explain(self, sight: Sight) -> None:
        """The account of a number, which may be just pointed at, and about what it sees."""

        def work() -> dict[str, Any]:
            return told(sight.account)

        def show(record: dict[str, Any]) -> None:
            self._account.show(record)
            self._picture.outline(*sight.marks())
            self._seen.set_text(_seen(sight))

        self._pointer.ask(work, show)

    def _show_field(self, sight: Sight) -> None:
        if self._view is not None and self._view.sight is sight:
            self._picture.outline(*sight.marks())
            self._seen.set_text(_seen(sight))

    # --- what people do

    def _choose_layer(self, name: str) -> None:
        self._visit.change(layer=name, at="", trail="")

    def _choose_map(self, channel: int) -> None:
        if self._view is not None:
            _, y, x = self._view.sight.spot.at
            self._go(Spot(self._view.sight.spot.layer, (channel, y, x)))

    def _choose_filter(self, spot: Spot) -> None:
        self._go(spot)

    def _pick(self, y: int, x: int) -> None:
        found = self._view and self._view.sight.beside(y, x)
        if found:
            self._go(found.spot)

    def _go(self, spot: Spot, trail: tuple[Spot, ...] = ()) -> None:
        self._visit.change(layer=spot.layer, at=spot.position, trail=written(trail))

    def _hover(self, y: int, x: int) -> None:
        found = self._view and self._view.sight.beside(y, x)
        if found:
            self._explain(found)

    def _point(self, term: int) -> None:
        """Show what a term sees, inside of what the number sees."""
        if self._view is None:
            return
        sight = self._view.sight
        marks = sight.marks()
        if term >= 0 and isinstance(sight.account.sources[term], int):
            marks += sight.below(term).marks("uses")
        self._picture.outline(*marks)

    def _down(self, term: int) -> None:
        if self._view is not None:
            sight = self._view.sight
            self._go(sight.below(term).spot, (*self._view.trail, sight.spot))

    def _up(self, place: int) -> None:
        if self._view is not None:
            trail = self._view.trail
            self._go(trail[place], trail[:place])

    def _to_pixels(self) -> None:
        if self._view is None:
            return
        from pellucid.explain.steps import to_pixels

        sight, trail = self._view.sight, self._view.trail

        def work() -> list[Spot]:
            steps = to_pixels(sight.account)
            return [Spot(step.account.name, tuple(step.account.at[1:])) for step in steps]

        self._worker.ask(work, lambda spots: self._go(spots[-1], (*trail, *spots[:-1])))


def _view_of(trace: "Trace", state: InsideState, before: View | None, publish: "Publish") -> View:
    problem = ""
    try:
        spot, trail = spot_of(trace, state.layer, state.at), trail_of(trace, state.trail)
    except UsageError as error:
        spot, trail, problem = spot_of(trace, "", ""), (), str(error)
    sight = Sight(trace, spot)
    if before and before.sight.trace is trace and before.sight.spot.layer == spot.layer:
        tiles, sheet = before.tiles, before.sheet
        sight = before.sight.at(*spot.at)
    else:
        tiles, thumbs = sight.tiles(), sight.thumbs()
        sheet = sheet_of(thumbs, publish) if thumbs else None
    return View(sight, trail, publish(sight.picture()), tiles, sheet, problem)


def _seen(sight: Sight) -> str:
    if sight.node.operation == "pixels":
        return "One number of the picture."
    field = sight.__dict__.get("field")
    return (
        "" if field is None else f"It sees {field.shown} of the picture: {field.shown.share:.2%}."
    )
