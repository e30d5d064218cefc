"""The why room's page: scores, map and sum; a patch to cover parts; other inputs."""

from nicegui import ui

from pellucid.studio.parts import controls
from pellucid.studio.parts.legend import Legend
from pellucid.studio.parts.look import add_look, waiting, wide_columns
from pellucid.studio.parts.pixels import Mark, PixelView
from pellucid.studio.parts.readout import Readout
from pellucid.studio.parts.scores import Scores
from pellucid.studio.rooms.why.covering import Covering
from pellucid.studio.rooms.why.evidence import Evidence, evidence_of
from pellucid.studio.rooms.why.inputs import Inputs
from pellucid.studio.rooms.why.state import METHODS, WhyState
from pellucid.studio.traces import bench_of
from pellucid.studio.visit import Visit


def build(visit: Visit[WhyState]) -> None:
    """The whole page."""
    add_look()
    why = Why(visit)
    covering = Covering(visit, why.bench)

    def refresh() -> None:
        why.look()
        covering.look()

    Inputs(visit, why.bench, refresh)


class Why:
    """The map of a class on the picture, and the sum that makes its score."""

    def __init__(self, visit: Visit[WhyState]) -> None:
        self._visit, self.bench = visit, bench_of(visit.network)
        self._worker = visit.worker()
        self._evidence: Evidence | None = None
        self._waiting = waiting()
        with wide_columns():
            with controls.stage():
                self._title = controls.heading("")
                with ui.element("div").classes("pair"):
                    self._pictures()
                self._words = ui.label().classes("caption")
            with ui.element("div"):
                with controls.panel("Scores"):
                    self._scores = Scores(self._choose, self._compare)
                    controls.choose("Map", METHODS, visit.state.method, self._choose_method)
                with controls.panel("What adds up"):
                    self._sum = Readout("The sum that makes the score stands here.")
                with controls.panel("This place of the map"):
                    self._cell = Readout("Point at the map: each place says what it adds.")
        visit.on_change(self.look, "picture", "target", "against", "method")
        self.look()

    def _pictures(self) -> None:
        with ui.element("div"):
            self._overlay = PixelView("The map on the picture")
            ui.label("On the picture; 0 is clear").classes("caption")
        with ui.element("div"):
            self._map = PixelView(
                "The map, place by place",
                on_hover=self._hover,
                on_leave=self._overlay.outline,
            )
            self._legend = Legend()
            self._about = ui.label().classes("caption")

    def look(self) -> None:
        """Show what the state asks for."""
        photo, state, publish = self._visit.photo, self._visit.state, self._visit.publish

        def work() -> tuple[Evidence, str, str, str]:
            with self.bench.lock:
                found, problem = evidence_of(self.bench.trace(photo), state)
            film = found.found.overlay(key=False)
            drawn = publish(found.found.scale.apply(found.found.values))
            return found, publish(film), drawn, problem

        def show(made: tuple[Evidence, str, str, str]) -> None:
            self._evidence, film, drawn, problem = made
            self._show(self._evidence, film, drawn)
            if problem:
                self._visit.say(problem)

        self._worker.ask(work, show)

    def _show(self, made: Evidence, film: str, drawn: str) -> None:
        found = made.found
        self._waiting.set_visibility(False)
        shape = (found.values.shape[0], found.values.shape[1])
        height, width = self._visit.photo.pixels.shape[:2]
        self._title.set_text(f"What speaks for {made.title}?")
        self._overlay.show(film, (height, width), label=f"The map for {made.title} on the picture")
        self._map.show(drawn, shape, numbers=made.grid)
        self._legend.show(found.scale)
        self._about.set_text(f"The map itself, {shape[0]} × {shape[1]} numbers")
        self._words.set_text(found.words)
        self._scores.show(made.bars())
        self._map.go(*made.strongest)
        self._hover(*made.strongest)
        self._sum.show(f"The score of {made.title}", made.lines())

    def _choose(self, place: int) -> None:
        if self._evidence is not None:
            name = self._evidence.ranked[place].name
            against = self._visit.state.against
            self._visit.change(target=name, against="" if against == name else against)

    def _compare(self, place: int) -> None:
        if self._evidence is not None:
            name = self._evidence.ranked[place].name
            self._visit.change(against="" if self._visit.state.against == name else name)

    def _choose_method(self, name: str) -> None:
        self._visit.change(method=name)

    def _hover(self, y: int, x: int) -> None:
        if self._evidence is not None:
            box = self._evidence.under(y, x)
            self._cell.show(f"Row {y}, column {x} of the map", self._evidence.cell(y, x))
            self._overlay.outline(Mark((), (box.top, box.left, box.height, box.width)))
