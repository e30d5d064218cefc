"""Do one thing for each of many items, on threads.

For work that releases the interpreter lock (reading, decoding, resizing): no processes, no
queue, one item in hand per thread. Where an item takes next to nothing, as a picture of 32×32 does,
threads mostly take the lock from each other, and one alone may be quicker than two: both are tried.
"""

import threading
import time
from collections.abc import Callable

from pellucid.errors import DataError
from pellucid.threads import cores

#: Seconds between two looks at the workers.
POLL = 0.1
#: Seconds in which not one item is finished, after which the pass is given up.
PATIENCE = 120.0
#: From so many items on, one thread alone is tried first, then all …
MANY = 5_000
#: … for so many seconds, after as many in which they settle.
TRIED = 0.04
#: Items that take fewer seconds than these are left to one thread …
QUICK = 1e-3
#: … unless all do so many times as many in the same time.
WORTH = 1.15
#: Seconds that a stopped pass waits for the items in hand.
GRACE = 2.0


def for_each(
    count: int,
    work: Callable[[int], None],
    *,
    name: Callable[[int], str] = str,
    advance: Callable[[int], None] | None = None,
    threads: int | None = None,
) -> None:
    """Call ``work(0)`` … ``work(count - 1)``, each once, on threads, in no fixed order.

    The first exception of any call ends the pass and is raised here; Ctrl-C does so too. Then
    each thread finishes at most the item in hand. An item that never ends does not hold the
    pass: its thread is left behind.

    Args:
        count: number of items.
        work: called in the worker threads with an item's index.
        name: an item's name for messages.
        advance: called in the calling thread, several times a second, with the number of items
            finished since the last call; the numbers add up to ``count``.
        threads: how many at most; None takes one per usable core.

    Raises:
        DataError: not one item was finished in :data:`PATIENCE` seconds.

    Example:
        >>> squares = [0] * 4
        >>> for_each(4, lambda index: squares.__setitem__(index, index**2))
        >>> squares
        [0, 1, 4, 9]
    """
    crew = _Crew(count, work, max(1, min(threads or cores(), count)))
    try:
        crew.start()
        crew.watch(advance or (lambda _: None), name)
    except BaseException:
        crew.stop = True
        crew.ended.wait(GRACE)
        raise


class _Crew:
    """The threads of one pass and what they share."""

    def __init__(self, count: int, work: Callable[[int], None], threads: int) -> None:
        self.stop = False
        self.ended = threading.Event()
        self._work = work
        self._indices = iter(range(count))
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._running = 0
        self._many = threads > 1 and count >= MANY
        self._first_alone = False
        # One cell a worker, written by that worker alone.
        self._done = [0] * threads
        self._in_hand: list[int | None] = [None] * threads

    def start(self) -> None:
        """Start the threads; where many items are quick, all but one go again unless they help."""
        self._start(0)
        alone = self._pace() if self._many else 0.0
        for worker in range(1, len(self._done)):
            self._start(worker)
        if alone * QUICK > 1:
            self._first_alone = self._pace() < WORTH * alone

    def _start(self, worker: int) -> None:
        with self._lock:
            self._running += 1
        # A daemon, so that a decoder that never returns cannot keep the process alive.
        threading.Thread(target=self._run, args=(worker,), daemon=True).start()

    def _pace(self) -> float:
        """Items a second that are done now; 0 where all have been."""
        if self.ended.wait(TRIED):
            return 0.0
        before, begin = sum(self._done), time.perf_counter()
        if self.ended.wait(TRIED):
            return 0.0
        return (sum(self._done) - before) / (time.perf_counter() - begin)

    def watch(self, advance: Callable[[int], None], name: Callable[[int], str]) -> None:
        """Wait for the end, and pass on progress and errors."""
        seen = idle = 0
        ended = False
        while not ended:
            ended = self.ended.wait(POLL)
            if self._error is not None:
                raise self._error
            done = sum(self._done)
            if done > seen:
                advance(done - seen)
            # Counted in looks, not by the clock: a process that was suspended has not stalled.
            idle = 0 if done > seen else idle + 1
            seen = done
            if not ended and idle * POLL >= PATIENCE:
                raise DataError(self._stalled(name))

    def _stalled(self, name: Callable[[int], str]) -> str:
        in_hand = " and ".join(name(index) for index in self._in_hand if index is not None)
        return (
            f"reading stopped: nothing was finished in {PATIENCE:g} seconds while working on "
            f"{in_hand}; move such files away, or make sure that their disk answers."
        )

    def _run(self, worker: int) -> None:
        try:
            while (index := self._take(worker)) is not None:
                self._in_hand[worker] = index
                self._work(index)
                self._done[worker] += 1
        except BaseException as error:
            with self._lock:
                if self._error is None:
                    self._error = error
            self.stop = True
        finally:
            self._in_hand[worker] = None
            with self._lock:
                self._running -= 1
                if not self._running:
                    self.ended.set()

    def _take(self, worker: int) -> int | None:
        if self.stop or (worker and self._first_alone):
            return None
        with self._lock:
            return next(self._indices, None)
