"""Parts of one computation on all cores: for code that releases the interpreter lock."""

import os
import platform
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from contextvars import copy_context
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name; Linux keeps it where ``platform`` does not look."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def one_blas_thread() -> AbstractContextManager[object]:
    """While this lasts, NumPy's products start no threads of their own.

    OpenBLAS's threads wait for more work by spinning, for some 50 ms after the last: with small
    matrices that is most of what they do, and it takes the cores from our threads.
    """
    limited: AbstractContextManager[object] = _libraries().limit(limits=1, user_api="blas")
    return limited


@cache
def _libraries() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()  # looks through all loaded libraries: once is enough


def at_once(jobs: Sequence[Callable[[], object]]) -> None:
    """Run all jobs, on as many threads as there are jobs; then raise the first error.

    >>> done = []
    >>> at_once([lambda: done.append(1), lambda: done.append(2)])
    >>> sorted(done)
    [1, 2]
    """
    in_turn(len(jobs), lambda: lambda item: jobs[item](), len(jobs))


def in_turn(count: int, worker: Callable[[], Callable[[int], object]], threads: int) -> None:
    """Call a function for 0 … ``count`` - 1, each once, shared out over some threads.

    The calling thread is one of them, and waits only for items that others have begun: on a busy
    machine, where the others are late, it does all by itself. The threads end with the items:
    starting one takes about 50 µs, and nothing is left that a fork could break.

    Args:
        count: number of items.
        worker: makes the function, once a thread, with the memory that it works in.
        threads: how many at most.

    Raises:
        BaseException: the first that a call has raised; items not begun by then are left out.

    >>> squares = [0] * 4
    >>> in_turn(4, lambda: lambda item: squares.__setitem__(item, item**2), 2)
    >>> squares
    [0, 1, 4, 9]
    """
    if min(threads, count) == 1:
        work = worker()
        for item in range(count):
            work(item)
        return
    items = iter(range(count))  # the interpreter lock makes each step of it whole
    ended = threading.Semaphore(0)
    errors: list[BaseException] = []

    def run() -> None:
        work = None
        for item in items:
            try:
                if not errors:
                    work = work or worker()
                    work(item)
            except BaseException as error:
                errors.append(error)
            finally:
                ended.release()

    for _ in range(min(threads, count) - 1):
        # In the caller's context: NumPy keeps there what it warns of.
        threading.Thread(target=copy_context().run, args=(run,)).start()
    run()
    for _ in range(count):
        ended.acquire()
    if errors:
        raise errors[0]
