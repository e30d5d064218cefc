"""How many threads take part in a pass, and that every item is done once."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data import workers
from pellucid.data.workers import for_each


def threads_of(seconds: float, items: int) -> set[int]:
    """The threads that do items which take so long."""
    seen = set()

    def work(index: int) -> None:
        seen.add(threading.get_ident())
        time.sleep(seconds)

    for_each(items, work, threads=3)
    return seen


def test_slow_items_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MANY", 2)
    assert len(threads_of(0.02, 12)) == 3


def test_quick_items_are_left_to_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "QUICK", 0.01)
    assert len(threads_of(0.002, 60)) == 3  # so few that it does not matter
    monkeypatch.setattr(workers, "MANY", 60)
    assert len(threads_of(0.002, 60)) == 1


@given(st.integers(0, 300), st.integers(1, 5))
def test_every_item_is_done_once(items: int, threads: int) -> None:
    done = [0] * items

    def work(index: int) -> None:
        done[index] += 1

    advanced: list[int] = []
    for_each(items, work, threads=threads, advance=advanced.append)
    assert done == [1] * items
    assert sum(advanced) == items
