"""Differences are found, whichever way they lie."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.cases import Case, demo_cases, odd_cases
from pellucid.inference.parity import Way, compare_ways

CASES = [Case(name, np.zeros((2, 2, 1), np.uint8)) for name in ("first", "second", "third")]
BASE = np.full((3, 2), 0.5, np.float32)


def always(rows: NDArray[np.float32]) -> Way:
    def answer(cases: Sequence[Case]) -> NDArray[np.float32]:
        return rows

    return answer


def changed(row: int, by: float) -> Way:
    rows = BASE.copy()
    rows[row, 1] += np.float32(by)
    return always(rows)


def test_the_worst_difference_and_its_image() -> None:
    ways = {"up": changed(1, 0.25), "down": changed(2, -0.5), "same": always(BASE)}
    found = compare_ways(CASES, ("base", always(BASE)), ways, 0.3)
    assert [(one.way, one.worst, one.image) for one in found.differences] == [
        ("up", 0.25, "second"), ("down", 0.5, "third"), ("same", 0.0, "first"),
    ]  # fmt: skip
    assert not found.agrees
    assert compare_ways(CASES, ("base", always(BASE)), ways, 0.5).agrees


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_never_agrees(value: float) -> None:
    found = compare_ways(CASES, ("base", always(BASE)), {"bad": changed(1, value)}, 1.0)
    assert not found.agrees and found.differences[0].image == "second"
    assert found.to_json()["ways"][0]["worst"] is None


def test_another_number_of_answers_never_agrees() -> None:
    for rows in (BASE[:2], BASE[:, :1]):
        assert not compare_ways(CASES, ("base", always(BASE)), {"few": always(rows)}, 1.0).agrees


def test_the_images() -> None:
    cases = odd_cases(Preprocessing("rgb", 28, 28, (0.5,) * 3, (0.5,) * 3))
    assert len({case.name for case in cases}) == len(cases)
    sizes = {case.pixels.shape for case in cases}
    assert {(1, 1, 3), (1, 1, 1), (4000, 3, 3), (56, 56, 3), (2000, 3000, 3)} <= sizes
    assert all(case.pixels.dtype == np.uint8 for case in cases)
    again = odd_cases(Preprocessing("rgb", 28, 28, (0.5,) * 3, (0.5,) * 3))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(cases, again, strict=True))
    assert [case.pixels.shape for case in demo_cases(3)] == [(28, 28, 1)] * 3
