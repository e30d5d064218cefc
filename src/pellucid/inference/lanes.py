"""Work on a stream of items by several threads; results come in the stream's order.

Each thread takes a whole piece of the stream and does everything for it: read, decode, fit, run
the network on one core. Threads that share one network call instead would wait for each other at
every layer, and on a busy machine for the slowest.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Overdue
from itertools import islice
from queue import SimpleQueue
from typing import TypeVar

from pellucid.data.workers import GRACE, PATIENCE
from pellucid.errors import DataError

#: Pieces in hand, waiting or done, for each thread: enough that none waits for the slowest.
AHEAD = 3

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Task = tuple["Future[_Result]", list[_Item]]


def in_lanes(
    items: Iterable[_Item],
    work: Callable[[list[_Item]], _Result],
    *,
    size: int,
    threads: int,
    patience: float = PATIENCE,
) -> Iterator[_Result]:
    """Call ``work`` on every piece of a stream, on threads; give its results in order.

    At most ``threads × AHEAD`` pieces are in hand, so memory is bounded however long the stream.
    The first error of any call ends it and is raised here, in the order of the results. At the
    end the pieces in hand are waited for, a little: threads are daemons, so that a file that never
    comes back does not keep the process alive.

    Args:
        items: the stream, read in the calling thread.
        work: called with up to ``size`` items.
        size: of a piece.
        threads: how many.
        patience: seconds to wait for one result.

    Raises:
        DataError: a piece was not done within that time.

    >>> list(in_lanes(range(5), sum, size=2, threads=2))
    [1, 5, 4]
    """
    tasks: SimpleQueue[_Task[_Result, _Item] | None] = SimpleQueue()
    lanes = [
        threading.Thread(target=_serve, args=(tasks, work), daemon=True) for _ in range(threads)
    ]
    for lane in lanes:
        lane.start()
    stream = iter(items)
    waiting: deque[_Task[_Result, _Item]] = deque()
    try:
        while True:
            while len(waiting) < threads * AHEAD and (piece := list(islice(stream, size))):
                waiting.append((Future(), piece))
                tasks.put(waiting[-1])
            if not waiting:
                return
            yield _wait(*waiting.popleft(), patience)
    finally:
        for future, _ in waiting:
            future.cancel()
        for _ in lanes:
            tasks.put(None)
        end = time.monotonic() + GRACE
        for lane in lanes:
            lane.join(max(0.0, end - time.monotonic()))


def _serve(
    tasks: "SimpleQueue[_Task[_Result, _Item] | None]", work: Callable[[list[_Item]], _Result]
) -> None:
    while (task := tasks.get()) is not None:
        future, piece = task
        if not future.set_running_or_notify_cancel():
            continue
        try:
            future.set_result(work(piece))
        except BaseException as error:
            future.set_exception(error)


def _wait(future: "Future[_Result]", piece: list[_Item], patience: float) -> _Result:
    try:
        return future.result(patience)
    except Overdue as error:
        if future.done():  # the work's own error
            raise
        raise DataError(
            f"reading stopped: nothing was finished in {patience:g} seconds while working on "
            f"{piece[0]} to {piece[-1]}; move such files away, or make sure that their disk "
            "answers."
        ) from error
