"""A training that keeps to its time, simulated: epochs of given seconds, no network."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.training.pace import keep_to_the_time
from pellucid.training.position import Position

STEPS = 4


def train(epochs: int, allowed: float, seconds: Callable[[int], float]) -> Position:
    """Go through a training whose epoch of number n takes ``seconds(n)``."""
    position = Position(total=epochs * STEPS)
    epoch = 0
    while not position.finished:
        epoch += 1
        progress = position.progress
        for _ in range(STEPS):
            position.count(1.0, 1, 1)
            position.spend(seconds(epoch) / STEPS)
            assert progress <= position.progress <= 1 + 1e-9
            progress = position.progress
        keep_to_the_time(position, allowed, STEPS)
        position.end_epoch(epoch, rate=0.1, check=None)
    assert position.progress == pytest.approx(1.0)
    return position


@given(st.integers(2, 40), st.floats(1.0, 200.0), st.floats(0.2, 5.0))
def test_at_a_steady_pace_it_ends_in_time(epochs: int, allowed: float, pace: float) -> None:
    position = train(epochs, allowed, lambda _: pace)
    # Never over, but that after the first epoch one more is always made.
    assert position.seconds <= max(allowed, 2 * pace) * 1.01  # rows round to milliseconds
    # Little is left unused: an epoch, and the slack in which the schedule is left alone.
    assert position.seconds >= allowed / 1.15 - 2 * pace


def test_a_machine_that_becomes_slow_gets_fewer_epochs() -> None:
    position = train(20, 20.0, lambda epoch: 1.0 if epoch < 6 else 2.0)
    assert 11 <= len(position.history) <= 13
    assert position.seconds <= 22.0


@pytest.mark.parametrize(("allowed", "changed"), [(11.4, False), (12.0, True)])
def test_the_schedule_is_left_alone_until_clearly_more_fit(allowed: float, changed: bool) -> None:
    position = Position(step=STEPS, total=10 * STEPS, seconds=1.0, epoch_seconds=1.0)
    keep_to_the_time(position, allowed, STEPS)
    assert (position.anchor > 0) == changed
