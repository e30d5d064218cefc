"""Parts of one computation on all cores: for code that releases the interpreter lock."""

import os
import threading
from collections.abc import Callable, Sequence


def cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def at_once(jobs: Sequence[Callable[[], object]]) -> None:
    """Run all jobs, each on a thread of its own, the first on this one; then raise any error.

    The threads live as long as the call: about 50 µs each, and nothing that a fork could break.

    >>> done = []
    >>> at_once([lambda: done.append(1), lambda: done.append(2)])
    >>> sorted(done)
    [1, 2]
    """
    errors: list[BaseException] = []

    def guarded(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs[1:]]
    for thread in threads:
        thread.start()
    guarded(jobs[0])
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def in_turn(count: int, worker: Callable[[], Callable[[int], None]], threads: int) -> None:
    """Call a function for 0 … ``count`` - 1, each once, shared out over some threads.

    Args:
        count: number of items.
        worker: makes the function, once a thread, with the memory that it works in.
        threads: how many at most.

    >>> squares = [0] * 4
    >>> in_turn(4, lambda: lambda item: squares.__setitem__(item, item**2), 2)
    >>> squares
    [0, 1, 4, 9]
    """
    items = iter(range(count))  # the interpreter lock makes each step of it whole

    def run() -> None:
        work = worker()
        for item in items:
            work(item)

    at_once([run] * max(1, min(threads, count)))
