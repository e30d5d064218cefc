"""Runs side by side: the one in use and those in the folder beside it."""

from pathlib import Path
from typing import Any

from nicegui import ui

from pellucid.errors import PellucidError
from pellucid.studio.parts import controls
from pellucid.studio.rooms.data.curves import curves
from pellucid.text import duration, visible
from pellucid.training.run import RECORD, Run, open_run

#: Runs that are shown, the latest first.
_SHOWN = 8
_HEAD = ("run", "network", "state", "epochs", "accuracy", "parameters", "multiply-adds", "time")


class Runs:
    """A table and the curves of each run.

    Args:
        path: of the run or bundle in use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = ui.element("div")
        self.show()

    def show(self) -> None:
        """What there is now."""
        self._place.clear()
        runs = runs_beside(self._path)
        if not runs:
            return
        with self._place, controls.part("Runs side by side"):
            about = 'tabindex="0" role="region" aria-label="Runs side by side"'
            with ui.element("div").classes("scroll").props(about):
                _table(runs, self._path)
            with ui.element("div").classes("planes curves"):
                for run in runs:
                    if run.record["history"]:
                        with ui.element("div"):
                            ui.label(visible(run.folder.name)).classes("name")
                            curves(run.record["history"])


def runs_beside(path: Path) -> list[Run]:
    """The run of a path, and those that lie beside it, the latest first; damaged ones left out."""
    found = []
    for folder in path.resolve().parent.iterdir():
        if (folder / RECORD).is_file():
            try:
                found.append(open_run(folder))
            except PellucidError:
                continue
    found.sort(key=lambda run: str(run.record.get("created", "")), reverse=True)
    own = [run for run in found if run.folder.resolve() == path.resolve()]
    return [*own, *(run for run in found if run not in own)][:_SHOWN]


def _table(runs: list[Run], path: Path) -> None:
    with ui.element("table").classes("runs"):
        with ui.element("thead"), ui.element("tr"):
            for word in _HEAD:
                with ui.element("th").props('scope="col"'):
                    ui.label(word)
        with ui.element("tbody"):
            for run in runs:
                own = run.folder.resolve() == path.resolve()
                with ui.element("tr").classes("own" if own else ""):
                    for cell in _cells(run):
                        with ui.element("td"):
                            ui.label(cell)


def _cells(run: Run) -> tuple[str, ...]:
    record: dict[str, Any] = run.record
    found = run.evaluation
    seconds = record["seconds"]["total"]
    accuracy = "–"
    if found is not None:
        low, high = found.interval
        accuracy = f"{found.accuracy:.1%} ({low:.1%} to {high:.1%}, {found.split})"
    return (
        visible(run.folder.name),
        str(record["model"]["name"]),
        run.status,
        str(len(record["history"])),
        accuracy,
        f"{record['model']['parameters']:,}",
        f"{record['model']['macs']:,}",
        "–" if seconds is None else duration(seconds),
    )
