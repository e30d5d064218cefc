"""How many threads take part in a pass, and that every item is done once."""

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import workers
from pellucid.data.workers import for_each


def shares(work: Callable[[], object], items: int) -> list[int]:
    """How many items each of three threads does."""
    seen: Counter[int] = Counter()

    def one(index: int) -> None:
        work()
        seen[threading.get_ident()] += 1

    for_each(items, one, threads=3)
    return sorted(seen.values(), reverse=True)


def test_slow_items_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MANY", 2)
    assert min(shares(lambda: time.sleep(0.02), 24)) > 2


def test_quick_items_that_wait_for_something_are_shared_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "MANY", 2)
    assert min(shares(lambda: time.sleep(0.0005), 1_500)) > 300


def test_quick_items_that_hold_the_lock_are_left_to_one_thread() -> None:
    held = threading.Lock()

    def exclusively() -> None:
        with held:
            time.sleep(0.0002)

    done = shares(exclusively, workers.MANY)
    assert done[0] > 0.8 * workers.MANY


@given(st.integers(0, 300), st.integers(1, 5))
def test_every_item_is_done_once(items: int, threads: int) -> None:
    done = [0] * items

    def work(index: int) -> None:
        done[index] += 1

    advanced: list[int] = []
    for_each(items, work, threads=threads, advance=advanced.append)
    assert done == [1] * items
    assert sum(advanced) == items
