"""Ctrl-C asks a training to stop after the step in hand; a second one stops it at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible(*, patient: bool = False) -> Iterator[Callable[[], bool]]:
    """A function that tells whether a stop was asked for, by SIGINT or SIGTERM.

    Args:
        patient: a second signal is the same request again. A launcher passes on a Ctrl-C that
            its workers got already, and kills those that do not end in time.

    Signals reach only the main thread; elsewhere the function never says yes.

    >>> import os
    >>> with interruptible() as stopped:
    ...     os.kill(os.getpid(), signal.SIGINT)
    ...     stopped()
    True
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set() and not patient:
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
