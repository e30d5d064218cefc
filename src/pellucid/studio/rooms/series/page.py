"""The series room's page."""

from typing import Any

from nicegui import ui

from pellucid.operators.arithmetic.show import number
from pellucid.studio.parts import controls, readout
from pellucid.studio.parts.chart import Chart
from pellucid.studio.rooms.series.analysis import Analysis, analyse, read_series
from pellucid.studio.rooms.series.state import HOW, OPERATORS, SeriesState
from pellucid.studio.state import LONGEST
from pellucid.studio.visit import Visit

_ALL = (
    "data", "column", "operator", "alpha", "length", "every", "how", "lags", "theta1", "theta2",
)  # fmt: skip


def build(visit: Visit[SeriesState]) -> None:
    """The whole page."""
    SeriesPage(visit)


class SeriesPage:
    """A chart, the operator, the value that is pointed at."""

    def __init__(self, visit: Visit[SeriesState]) -> None:
        self._visit, self._worker = visit, visit.worker()
        self._analysis: Analysis | None = None
        with controls.columns():
            with controls.stage():
                self._chart = Chart(self._point, lambda t: visit.change(t=t))
                self._told = ui.label().classes("lines")
                self._readout = readout.Readout("Point at the chart, or move with the arrow keys.")
            with ui.element("div"):
                self._operators()
                self._data()
        visit.on_change(self._analyse, *_ALL)
        self._analyse()

    def _operators(self) -> None:
        visit, state = self._visit, self._visit.state
        with controls.panel("Operator"):
            controls.choose(
                "What is done", OPERATORS, state.operator, lambda name: visit.change(operator=name)
            )
            groups = {
                self._group(self._ema): ("ema",),
                self._group(self._average): ("average",),
                self._group(self._every): ("aggregate", "midas"),
                self._group(self._how): ("aggregate",),
                self._group(self._midas): ("midas",),
            }

        def show() -> None:
            for group, operators in groups.items():
                group.set_visibility(visit.state.operator in operators)

        visit.on_change(show, "operator")
        show()

    def _group(self, fill: Any) -> ui.element:
        with ui.element("div").classes("panel") as made:
            fill(self._visit, self._visit.state)
        return made

    @staticmethod
    def _ema(visit: Visit[SeriesState], state: SeriesState) -> None:
        controls.slide(
            "α", 0.01, 1, state.alpha, lambda a: visit.change(alpha=round(a, 2)), step=0.01
        )

    @staticmethod
    def _average(visit: Visit[SeriesState], state: SeriesState) -> None:
        controls.slide("Length", 1, 60, state.length, lambda n: visit.change(length=int(n)))

    @staticmethod
    def _every(visit: Visit[SeriesState], state: SeriesState) -> None:
        controls.slide(
            "Values in a group", 1, 60, state.every, lambda n: visit.change(every=int(n))
        )

    @staticmethod
    def _how(visit: Visit[SeriesState], state: SeriesState) -> None:
        controls.choose("What stands for it", HOW, state.how, lambda how: visit.change(how=how))

    @staticmethod
    def _midas(visit: Visit[SeriesState], state: SeriesState) -> None:
        controls.slide("Weights", 1, 120, state.lags, lambda n: visit.change(lags=int(n)))
        controls.slide(
            "θ1", 0.1, 10, state.theta1, lambda a: visit.change(theta1=round(a, 1)), step=0.1
        )
        controls.slide(
            "θ2", 1, 30, state.theta2, lambda a: visit.change(theta2=round(a, 1)), step=0.5
        )

    def _data(self) -> None:
        visit, state = self._visit, self._visit.state
        with controls.panel("Your own series"):
            data = controls.typed("Paste CSV here", state.data, self._paste, lines=True)
            column = controls.typed(
                "Column", state.column, lambda name: visit.change(column=name.strip())
            )

            def use() -> None:
                visit.change(column=(column.value or "").strip())
                self._paste(data.value or "")

            controls.press("Use it", use, main=True)

    def _paste(self, text: str) -> None:
        if len(text) > LONGEST:
            self._visit.say(
                f"expected at most {LONGEST:,} characters of CSV, so that they fit into the "
                f"address, found {len(text):,}: 'pellucid series' takes any number."
            )
            return
        self._visit.change(data=text)

    def _analyse(self) -> None:
        state = self._visit.state
        self._worker.ask(lambda: analyse(*read_series(state), state), self._show)

    def _show(self, made: Analysis) -> None:
        self._analysis = made
        lines = [(line.name, line.at, line.values) for line in made.lines]
        self._chart.show(made.name, made.values, lines)
        self._told.set_text(made.told)
        if 0 <= self._visit.state.t < len(made.values):
            self._point(self._visit.state.t)

    def _point(self, time: int) -> None:
        made = self._analysis
        if made is None or not 0 <= time < len(made.values):
            return
        found = [(line, place, line.explain(place)) for line, place in made.nearest(time)]
        if found:
            *_, (line, place, last) = found
            taken = [(term.at[-1], term.weight) for term in last.terms if term.at is not None]
            self._chart.point(int(line.at[place]), taken)
        shown = [readout.Line(made.name, number(float(made.values[time])))]
        shown += [
            readout.Line(line.name, number(each.total), each.formula) for line, _, each in found
        ]
        self._readout.show(f"Time {time}", shown)
