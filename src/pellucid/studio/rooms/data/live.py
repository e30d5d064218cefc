"""Start a training from a folder, watch it, stop it, go on with it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ui

from pellucid.errors import PellucidError, UsageError
from pellucid.studio.parts import controls
from pellucid.studio.parts.look import form_columns
from pellucid.studio.parts.progress import left_in_words
from pellucid.studio.rooms.data.curves import curves
from pellucid.studio.rooms.data.runs import runs_beside
from pellucid.studio.rooms.data.state import DataState
from pellucid.studio.traces import Bench
from pellucid.studio.training import TRAINER, Training
from pellucid.studio.visit import Visit
from pellucid.training.run import free_folder, open_run

#: Seconds between two looks at what runs.
_LOOK = 0.5


class Live:
    """A form, and what the training tells.

    Args:
        visit: of the room.
        bench: beside whose run new ones are made.
        ended: called when one has come to its end.
    """

    def __init__(self, visit: Visit[DataState], bench: Bench, ended: Callable[[], None]) -> None:
        self._visit, self._bench, self._ended = visit, bench, ended
        self._drawn: tuple[Any, ...] = ()
        with controls.part("Train another one"):
            ui.label(
                "On this machine alone: a folder of it with a folder of images for each class (or "
                "idx files, an NPZ, a manifest). It runs in a process of its own; closing the "
                "studio saves it."
            ).classes("caption")
            with form_columns():
                with controls.panel("A training"):
                    self._form()
                with controls.stage():
                    self._told = ui.element("div").classes("told").props('aria-live="polite"')
                    self._bar = ui.linear_progress(0, show_value=False)
                    self._bar.props('aria-label="How much of this stage is done"')
                    self._left = ui.label().classes("caption")
                    self._curves = ui.element("div").classes("planes curves")
        ui.timer(_LOOK, self._look)
        self._look()

    def _form(self) -> None:
        self._folder = controls.typed("Folder of images", "", lambda _: None)
        self._minutes = controls.whole("Minutes", 1, 600, 3, lambda _: None)
        self._model = controls.choose("Network", _networks(), "compact", lambda _: None)
        self._start = controls.press("Start", self._begin, main=True)
        self._stop = controls.press("Stop and save", TRAINER.stop)
        self._again = controls.choose("Stopped runs", {"": "none"}, "", lambda _: None)
        self._resume = controls.press("Go on with it", self._go_on)
        self._offer()

    def _offer(self) -> None:
        """The runs that can be gone on with, the latest first."""
        runs = runs_beside(self._bench.path)
        offered = {str(run.folder): run.folder.name for run in runs if run.status == "interrupted"}
        self._again.set_options(offered or {"": "none"}, value=next(iter(offered), ""))

    def _begin(self) -> None:
        try:
            data = readable_folder(str(self._folder.value or ""))
            output = free_beside(self._bench.path, data)
            wishes = {"minutes": float(self._minutes.value or 3), "model": str(self._model.value)}
            TRAINER.start({"data": str(data), "output": str(output), "wishes": wishes})
            self._visit.say("")
        except UsageError as error:
            self._visit.say(str(error))

    def _go_on(self) -> None:
        chosen = str(self._again.value or "")
        try:
            if not chosen:
                raise UsageError("no run was stopped: there is none to go on with.")
            TRAINER.start({"resume": chosen}, open_run(chosen).record["history"])
            self._visit.say("")
        except PellucidError as error:
            self._visit.say(str(error))

    def _look(self) -> None:
        """Show what is new."""
        now, busy = TRAINER.now, TRAINER.busy
        self._start.set_enabled(not busy)
        self._resume.set_enabled(not busy)
        self._stop.set_enabled(busy)
        self._bar.set_visibility(busy)
        if now is None:
            return
        self._bar.set_value(now.share)
        self._left.set_text(_left(now))
        seen = (id(now), len(now.messages), len(now.epochs), now.end is None)
        if seen == self._drawn:
            return
        watched, self._drawn = self._drawn[:1] == seen[:1], seen
        self._draw(now)
        if watched and now.end is not None:
            self._offer()
            self._ended()

    def _draw(self, now: Training) -> None:
        self._told.clear()
        with self._told:
            for sentence in now.messages:
                ui.label(sentence)
            if now.end is not None:
                ui.label(_ending(now.end)).classes("verdict")
        self._curves.clear()
        if now.epochs:
            with self._curves:
                curves(now.epochs)


def readable_folder(typed: str) -> Path:
    """A data set of this machine, as somebody typed it.

    Raises:
        UsageError: there is none that may be read.
    """
    path = Path(typed.strip()).expanduser()
    if not typed.strip() or not path.is_absolute():
        raise UsageError(
            f"expected a folder from the root on, such as /home/me/photos, found '{typed}'."
        )
    if not path.exists() or not os.access(path, os.R_OK):
        raise UsageError(f"expected a folder that can be read here, found none at '{path}'.")
    return path.resolve()


def free_beside(path: Path, data: Path) -> Path:
    """A free folder for a run of some data, beside a run."""
    above, number = path.resolve().parent, 1
    while (folder := above / f"{data.stem or 'data'}-{number}").exists():
        number += 1
    return free_folder(folder, data, overwrite=False)


def _networks() -> list[str]:
    from pellucid.models import registered

    return [name for name in registered() if name != "headed"]


def _left(now: Training) -> str:
    if now.end is not None:
        return ""
    from time import monotonic

    epochs = f", {len(now.epochs)} epochs done" if now.epochs else ""
    return f"{now.stage}{epochs}: {left_in_words(now.share, monotonic() - now.began)}"


def _ending(end: dict[str, Any]) -> str:
    if end["status"] == "finished":
        return f"Finished: {end['folder']}. To look into it: pellucid studio {end['folder']}"
    if end["status"] == "interrupted":
        return f"Stopped and saved: {end['folder']}. It goes on from there."
    if end["status"] == "stopped":
        return "Stopped before anything was trained."
    return f"It failed: {end.get('error', 'nothing was said')}"
