"""Work that takes seconds: a bar with the time left, and a button that cannot be pressed twice."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from nicegui import ui

from pellucid.errors import PellucidError
from pellucid.studio.visit import Visit

T = TypeVar("T")


class Progress:
    """A bar that is seen while something runs.

    Args:
        visit: of the room.
        button: that starts it, if one does.
    """

    def __init__(self, visit: Visit[Any], button: ui.button | None = None) -> None:
        self._visit, self._worker, self._button = visit, visit.worker(), button
        self._share, self._began = 0.0, 0.0
        with ui.element("div").classes("progress").props('role="status"') as self._row:
            self._bar = ui.linear_progress(0, show_value=False).props(
                'instant-feedback aria-label="How much is done"'
            )
            self._words = ui.label().classes("caption")
        self._row.set_visibility(False)
        self._timer = ui.timer(0.3, self._draw, active=False)

    def run(self, work: Callable[[], T], show: Callable[[T], None]) -> None:
        """Do something in a thread, then show its result; what goes wrong is said.

        Args:
            work: may call :meth:`at`.
            show: called with its result.
        """

        def guarded() -> tuple[T | None, str]:
            try:
                return work(), ""
            except PellucidError as error:
                return None, str(error)

        def finish(made: tuple[T | None, str]) -> None:
            self._end()
            result, problem = made
            if result is None:
                self._visit.say(problem)
            else:
                show(result)

        self._begin()
        self._worker.ask(guarded, finish)

    def at(self, share: float) -> None:
        """So much of it is done, from 0 to 1; called in the thread."""
        self._share = share

    def _begin(self) -> None:
        self._share, self._began = 0.0, time.monotonic()
        self._visit.say("")
        if self._button:
            self._button.disable()
        self._draw()
        self._row.set_visibility(True)
        self._timer.activate()

    def _end(self) -> None:
        self._timer.deactivate()
        self._row.set_visibility(False)
        if self._button:
            self._button.enable()

    def _draw(self) -> None:
        self._bar.set_value(self._share)
        self._words.set_text(left_in_words(self._share, time.monotonic() - self._began))


def left_in_words(share: float, seconds: float) -> str:
    """How long something will still take, from how much of it is done.

    >>> left_in_words(0.25, 10), left_in_words(0.0, 3), left_in_words(0.5, 300)
    ('about 30 s left', 'working…', 'about 5 min left')
    """
    if share <= 0:
        return "working…"
    left = seconds / share * (1 - share)
    return f"about {left:.0f} s left" if left < 100 else f"about {left / 60:.0f} min left"
