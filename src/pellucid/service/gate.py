"""How much the service has in hand, and when it says that it is full."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

from pellucid.service.limits import Limits
from pellucid.service.problem import ProblemError

#: Bodies in memory at once, in units of the largest one allowed.
_BODIES = 8
#: Answers by which the rate is judged, and the longest that anyone is told to wait, in seconds.
_RECENT, _LONGEST = 256, 60


class Gate:
    """Counts images and bytes in hand; used on the event loop's thread only.

    Args:
        limits: of the queue and of one body.
    """

    def __init__(self, limits: Limits) -> None:
        self._queue, self._most_bytes = limits.queue, limits.bytes * _BODIES
        self._done: deque[float] = deque(maxlen=_RECENT)
        self.images = 0
        self.bytes = 0

    @contextmanager
    def admit(self, images: int) -> Iterator[None]:
        """Take images in, while this lasts.

        Raises:
            ProblemError: ``busy``: the queue is full.
        """
        if self.images + images > self._queue:
            raise self._busy(f"{self.images} of {self._queue} places in the queue are taken")
        self.images += images
        try:
            yield
        finally:
            self.images -= images
            self._done.extend([time.monotonic()] * images)

    @contextmanager
    def hold(self) -> Iterator["Held"]:
        """Account for a body that is read, while this lasts."""
        held = Held(self)
        try:
            yield held
        finally:
            self.bytes -= held.bytes

    def take(self, count: int) -> None:
        """So many more bytes are in memory.

        Raises:
            ProblemError: ``busy``: they are too many, of all requests together.
        """
        if self.bytes + count > self._most_bytes:
            raise self._busy("too many uploads arrive at once")
        self.bytes += count

    def _busy(self, reason: str) -> ProblemError:
        seconds = self.wait()
        return ProblemError("busy", f"{reason}: try again in {seconds} s.", retry_after=seconds)

    def wait(self) -> int:
        """Whole seconds until what is in hand is done, at the rate of late; at least 1."""
        if len(self._done) < 2:
            return 1
        rate = len(self._done) / max(1e-3, time.monotonic() - self._done[0])
        return max(1, min(_LONGEST, ceil(self.images / rate)))


class Held:
    """The bytes of one body.

    Attributes:
        bytes: so far.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.bytes = 0

    def add(self, count: int) -> None:
        """So many more.

        Raises:
            ProblemError: ``busy``.
        """
        self._gate.take(count)
        self.bytes += count
