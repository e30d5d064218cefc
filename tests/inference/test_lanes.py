"""Pieces of a stream on threads: order, bounded memory, errors, and no thread left behind."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.errors import DataError
from pellucid.inference.lanes import AHEAD, in_lanes


@given(st.lists(st.integers()), st.integers(1, 7), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_results_come_in_order(items: list[int], size: int, threads: int) -> None:
    pieces = [items[begin : begin + size] for begin in range(0, len(items), size)]
    assert list(in_lanes(items, list, size=size, threads=threads)) == pieces


def test_a_slow_piece_holds_nobody_up_but_comes_first() -> None:
    def work(piece: list[int]) -> int:
        time.sleep(0.05 if piece == [0] else 0)
        return piece[0]

    assert list(in_lanes(range(20), work, size=1, threads=2)) == list(range(20))


def test_only_so_many_pieces_are_in_hand() -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    results = in_lanes(endless(), len, size=4, threads=2)
    for count in range(1, 50):
        assert next(results) == 4
        assert taken <= 4 * (count - 1 + 2 * AHEAD)
    results.close()  # type: ignore[attr-defined]


def test_an_error_is_raised_in_its_place_and_ends_all() -> None:
    def work(piece: list[int]) -> int:
        if piece == [3]:
            raise ValueError("three")
        return piece[0]

    before = threading.active_count()
    results = in_lanes(range(100), work, size=1, threads=3)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)
    assert threading.active_count() == before


def test_a_timeout_of_the_work_is_its_own_error() -> None:
    def work(piece: list[int]) -> int:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        list(in_lanes([1], work, size=1, threads=1))


def test_what_never_ends_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pellucid.inference.lanes.GRACE", 0.01)
    release = threading.Event()
    with pytest.raises(DataError, match="working on slow to disk"):
        list(in_lanes(["slow", "disk"], lambda _: release.wait(), size=2, threads=1, patience=0.05))
    release.set()
