"""Time to accuracy, against answers worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.ratios import Point, peer_point, pellucid_points, race
from training.records import Record, Row


def record(tool: str, *rows: tuple[float, float], budget: float = 100) -> Record:
    """Rows are seconds and accuracy; core-seconds are twice the seconds."""
    found = tuple(Row(seconds, 2 * seconds, accuracy, 50.0) for seconds, accuracy in rows)
    return Record(
        tool=tool,
        budget=budget,
        seed=0,
        side=32,
        rows=found,
        ended="limit",
        seconds=budget,
        core_seconds=2 * budget,
        peak=100.0,
        versions={},
        load=0.0,
        others=0.02,
        date="",
        command="",
    )


def test_a_peer_is_timed_where_it_first_was_at_its_best() -> None:
    run = record("keras", (10, 0.5), (20, 0.9), (30, 0.9), (40, 0.8))
    assert peer_point([run]) == Point(0.9, 20, 40)


def test_short_of_the_best_is_reached_sooner() -> None:
    run = record("keras", (10, 0.5), (20, 0.895), (30, 0.9))
    found = peer_point([run], short=0.01)
    assert found is not None
    assert (found.accuracy, found.seconds) == (pytest.approx(0.89), 20)


def test_medians_over_a_peers_runs() -> None:
    runs = [record("k", (time, best)) for time, best in ((10, 0.7), (50, 0.9), (20, 0.8))]
    assert peer_point(runs) == Point(0.8, 20, 40)


def test_a_peer_with_a_run_without_epochs_has_no_point() -> None:
    assert peer_point([record("k", (10, 0.7)), record("k")]) is None


def test_the_quickest_able_budget_wins() -> None:
    runs = [
        record("pellucid", (seconds, accuracy), budget=budget)
        for budget, seconds, accuracy in (
            (10, 12, 0.6),
            (10, 14, 0.7),
            (10, 13, 0.65),
            (20, 22, 0.9),
            (20, 24, 0.92),
            (20, 23, 0.91),
            (60, 62, 0.95),
        )
    ]
    points = pellucid_points(runs)
    assert points == [Point(0.65, 13, 26), Point(0.91, 23, 46), Point(0.95, 62, 124)]
    found = race(Point(0.91, 115, 138), points)
    assert found.pellucid == points[1]
    assert found.ratio == 5
    assert found.core_ratio == 3


def test_nothing_able_gives_no_ratio() -> None:
    found = race(Point(0.99, 100, 200), [Point(0.9, 10, 20)])
    assert (found.pellucid, found.ratio, found.core_ratio) == (None, None, None)


def test_an_accuracy_in_float32_is_the_same_share() -> None:
    ours = Point(143 / 160, 11, 16)
    theirs = Point(0.8937500119209290, 80, 130)
    assert race(theirs, [ours]).pellucid == ours
    assert race(Point(144 / 160, 80, 130), [ours]).pellucid is None


points = st.builds(Point, *[st.floats(0.01, 1)] * 3)


@given(points, st.lists(points))
def test_no_able_point_is_quicker(peer: Point, ours: list[Point]) -> None:
    chosen = race(peer, ours).pellucid
    able = [point for point in ours if point.accuracy >= peer.accuracy - 1e-6]
    if chosen is None:
        assert not able
    else:
        assert chosen in able
        assert all(chosen.seconds <= point.seconds for point in able)
