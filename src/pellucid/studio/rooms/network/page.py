"""The network room's page: a drawing with its ledger, the totals, a second network beside it."""

from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from pellucid.studio.parts import controls
from pellucid.studio.parts.look import add_look, waiting
from pellucid.studio.parts.netview import NetView
from pellucid.studio.parts.readout import Line, Readout
from pellucid.studio.rooms.network.lineup import LINEUP, OWN, PAIRS, outline
from pellucid.studio.rooms.network.plan import Plan, head_in_words, own_plan, totals
from pellucid.studio.rooms.network.state import COLOURS, NONE, NetworkState
from pellucid.studio.traces import bench_of
from pellucid.studio.visit import Visit


def build(visit: Visit[NetworkState]) -> None:
    """The whole page."""
    add_look()
    Drawn(visit)


class Drawn:
    """One network or two."""

    def __init__(self, visit: Visit[NetworkState]) -> None:
        self._visit, self._bench, self._worker = visit, bench_of(visit.network), visit.worker()
        self._plans: tuple[Plan, Plan | None] | None = None
        self._controls()
        self._waiting = waiting()
        self._first = NetView(self._choose)
        with ui.element("div").classes("pair"):
            with controls.panel("This layer"):
                self._box = Readout("The network is loading.")
                ui.label("Choose a box or a row of the table.").classes("caption")
                self._inside = ui.link("Look inside of it", "/inside")
            with controls.panel("All of it"):
                self._totals = Readout("")
                self._head = ui.label().classes("caption")
        self._second = NetView(lambda _: None)
        visit.on_change(self._look, "picture", "network", "other", "colour")
        visit.on_change(self._tell, "box")
        self._look()

    def _controls(self) -> None:
        visit, state = self._visit, self._visit.state
        titles = {key: entry.title for key, entry in LINEUP.items()}
        with ui.element("div").classes("choices"):
            self._network = controls.choose(
                "Network", titles, state.network, lambda key: visit.change(network=key, box=-1)
            )
            self._other = controls.choose(
                "Compared with",
                {NONE: "nothing"} | titles,
                state.other,
                lambda key: visit.change(other=key),
            )
            controls.choose("Colour", COLOURS, state.colour, lambda key: visit.change(colour=key))
        with ui.element("div").classes("answers"):
            for title, pair in PAIRS.items():
                controls.press(title, partial(self._pair, *pair))

    def _pair(self, first: str, second: str) -> None:
        self._network.set_value(first)
        self._other.set_value(second)

    def _look(self) -> None:
        state, photo, publish = self._visit.state, self._visit.photo, self._visit.publish

        def plan(key: str) -> Plan:
            if key != OWN:
                return Plan(LINEUP[key].title, outline(key), {})
            with self._bench.lock:
                trace = self._bench.trace(photo)
                title = f"{LINEUP[OWN].title}: {self._bench.predictor.card.model}"
                return own_plan(trace, title, publish)

        def work() -> tuple[tuple[Plan, Plan | None], str, str]:
            first = plan(state.network)
            second = None if state.other == NONE else plan(state.other)
            other = "" if second is None else second.svg(state.colour)
            for each in filter(None, (first, second)):
                each.rows()
            return (first, second), first.svg(state.colour), other

        def show(made: tuple[tuple[Plan, Plan | None], str, str]) -> None:
            self._plans, svg, other = made
            self._waiting.set_visibility(False)
            first, second = self._plans
            self._first.show(first.title, svg, first.rows(), self._marked())
            self._second.set_visibility(second is not None)
            if second is not None:
                self._second.show(second.title, other, second.rows(), -1)
            self._sum(first, second)
            self._tell()

        self._worker.ask(work, show)

    def _sum(self, first: Plan, second: Plan | None) -> None:
        title = first.title if second is None else f"{first.title} · {second.title}"
        self._totals.show(title, totals(first, second))
        self._head.set_text(head_in_words(first))

    def _marked(self) -> int:
        assert self._plans is not None
        box = self._visit.state.box
        return box if box < len(self._plans[0].diagram.boxes) else -1

    def _tell(self) -> None:
        if self._plans is None:
            return
        plan, box = self._plans[0], self._marked()
        note = "" if box >= 0 else ", the most costly one"
        box = box if box >= 0 else plan.costliest
        lines: list[Line] = plan.lines(box)
        self._box.show(f"{plan.diagram.boxes[box].path}{note}", lines)
        layer = plan.layer(box)
        self._inside.set_visibility(bool(layer))
        query = urlencode({"picture": self._visit.state.picture, "layer": layer})
        self._inside.props(f'href="/inside?{query}"')

    def _choose(self, box: int) -> None:
        self._visit.change(box=box)
