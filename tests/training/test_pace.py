"""A training that keeps to its time, simulated: epochs of given seconds, no network."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.training.choices.recipe import Progressive
from pellucid.training.learning.pace import is_due, keep_to_the_time
from pellucid.training.learning.position import Position

STEPS = 16


def train(
    epochs: int,
    allowed: float,
    seconds: Callable[[int], float],
    progressive: Progressive | None = None,
    cost: float = 1.0,
) -> Position:
    """Go through a training whose epoch of number n takes ``seconds(n)``.

    Steps with smaller images really take ``cost`` of that.
    """
    position = Position(total=epochs * STEPS)
    while not position.finished:
        epoch = len(position.history) + 1
        before = position.progress
        small = progressive is not None and before < progressive.until
        position.small += small
        position.count(1.0, 1, 1)
        position.spend(seconds(epoch) / STEPS * (cost if small else 1.0))
        assert before <= position.progress <= 1 + 1e-9
        if is_due(position, STEPS):
            before = position.progress
            keep_to_the_time(position, allowed, STEPS, progressive)
            assert position.progress == pytest.approx(before)
        if position.finished or position.step % STEPS == 0:
            position.end_epoch(epoch, rate=0.1, check=None)
    assert position.progress == pytest.approx(1.0)
    return position


@given(st.integers(2, 40), st.floats(1.0, 200.0), st.floats(0.2, 5.0))
def test_at_a_steady_pace_it_takes_the_time_it_has(
    epochs: int, allowed: float, pace: float
) -> None:
    position = train(epochs, allowed, lambda _: pace)
    step = pace / STEPS
    # Never over, but that after the first count at least one more step is made.
    assert position.seconds <= max(allowed, 3 * step) * 1.01  # rows round to milliseconds
    assert position.seconds >= allowed * 0.99 - 2 * step


@given(st.integers(6, 40), st.floats(50.0, 200.0), st.floats(0.5, 1.0), st.floats(-0.1, 0.1))
def test_smaller_images_at_first_do_not_mislead_it(
    epochs: int, allowed: float, cost: float, wrong: float
) -> None:
    planned = Progressive(until=0.75, cost=cost + wrong)
    position = train(epochs, allowed, lambda _: 1.0, planned, cost)
    assert position.seconds == pytest.approx(allowed, rel=0.01, abs=2 / STEPS)
    # The schedule holds: about three quarters of the steps are with smaller images.
    assert position.small / position.step == pytest.approx(0.75, abs=0.05)


def test_a_machine_that_becomes_slow_gets_fewer_epochs() -> None:
    position = train(20, 20.0, lambda epoch: 1.0 if epoch < 6 else 2.0)
    assert 11 <= len(position.history) <= 13
    assert 19.5 <= position.seconds <= 20.5


def test_a_plan_of_one_epoch_is_made_longer_within_it() -> None:
    position = train(1, 19.0, lambda _: 10.0)
    assert position.step == pytest.approx(19 / 10 * STEPS, abs=1)


def test_a_long_epoch_is_counted_several_times() -> None:
    due = [step for step in range(1, 81) if is_due(Position(step=step), 80)]
    assert due == [10, 20, 30, 40, 50, 60, 70, 80]
    assert is_due(Position(step=3), 3)
