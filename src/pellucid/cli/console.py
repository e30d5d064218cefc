"""What commands print with: results on stdout, everything on the way on stderr.

Rich is imported when something is first printed, so that ``--help`` does not pay for it. Colour
goes to terminals only, and never where ``NO_COLOR`` is set.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from pellucid.text import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

#: Seconds between two lines of progress where stderr is not a terminal.
PLAIN_EVERY = 10.0


@cache
def stdout() -> "Console":
    """The console for results."""
    from rich.console import Console

    return Console(highlight=False)


@cache
def stderr() -> "Console":
    """The console for progress, notes and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(sentence: str, style: str = "") -> None:
    """One line on stderr, whatever characters it holds; above the progress bar if one runs."""
    stderr().print(visible(sentence), style=style, markup=False, soft_wrap=True)


def complain(sentence: str) -> None:
    """One red line on stderr."""
    say(sentence, style="red")


def tell(sentence: str = "") -> None:
    """One line on stdout."""
    stdout().print(visible(sentence), markup=False, soft_wrap=True)


def tell_json(value: Any) -> None:
    """``value`` as one JSON document on stdout (in ASCII, so that any reader takes it)."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


@contextmanager
def progress(total: int | None, description: str) -> Iterator[Callable[[int], None]]:
    """Show how far something is, with its rate and the time left, on stderr.

    A bar on a terminal; elsewhere a plain line every ten seconds, so that short work is silent.

    Args:
        total: how many steps there are; None where that is not known.
        description: what is being done, e.g. ``decoding``.

    Yields:
        A function to call with the number of steps just done, from any thread.

    >>> with progress(3, "counting") as advance:
    ...     for _ in range(3):
    ...         advance(1)
    """
    if not stderr().is_interactive:
        yield _PlainProgress(total, description).advance
        return
    with _bar() as bar:
        task = bar.add_task(description, total=total)
        yield lambda count: bar.advance(task, count)


def _bar() -> "Progress":
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class RateColumn(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(_rate(task.speed or task.finished_speed or 0))

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=stderr(),
        transient=True,
        refresh_per_second=4,
        # Results may go to a file while the bar is on the terminal: leave both streams alone.
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _rate(speed: float) -> str:
    return f"{speed:,.0f}/s" if speed >= 10 else f"{speed:.1f}/s"


class _PlainProgress:
    """A line now and then: ``decoding: 1,200 of 8,677 (14%), 310/s, 24 s left``."""

    def __init__(self, total: int | None, description: str) -> None:
        self._total, self._description = total, description
        self._start = monotonic()
        self._next = self._start + PLAIN_EVERY
        self._done = 0
        self._lock = Lock()

    def advance(self, count: int) -> None:
        with self._lock:
            self._done += count
            now = monotonic()
            if now >= self._next:
                self._next = now + PLAIN_EVERY
                say(self._line(now - self._start))

    def _line(self, seconds: float) -> str:
        speed = self._done / seconds
        if not self._total:
            return f"{self._description}: {self._done:,}, {_rate(speed)}"
        left = (self._total - self._done) / speed if speed else float("inf")
        return (
            f"{self._description}: {self._done:,} of {self._total:,} "
            f"({self._done / self._total:.0%}), {_rate(speed)}, {left:.0f} s left"
        )
