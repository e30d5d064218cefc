"""Timing: what is told apart and what is not."""

import time

import numpy as np
import pytest

from pellucid.inference.plan.timing import Timing, alternate


@pytest.mark.parametrize("gain", [1.05, 2.0])
def test_a_gain_beyond_the_spread_is_found(clock, gain):
    random = np.random.default_rng(0)
    timing = alternate(
        lambda: clock.sleep(0.1 * gain * random.uniform(0.98, 1.02)),
        lambda: clock.sleep(0.1 * random.uniform(0.98, 1.02)),
        seconds=8,
    )
    assert timing.faster
    assert timing.low < timing.gain < timing.high
    assert timing.gain == pytest.approx(gain, rel=0.01)
    assert timing.before / timing.after == pytest.approx(gain, rel=0.02)


def test_equal_ways_are_told_apart_by_chance_only(clock):
    random = np.random.default_rng(0)

    def work():
        clock.sleep(0.1 * random.lognormal(0, 0.3))

    found = [alternate(work, work, seconds=4).faster for _ in range(100)]
    assert sum(found) <= 7  # 2.5% are expected, of gains above nothing


def test_a_way_that_slows_down_with_the_machine_gains_nothing(clock):
    """The machine slows down all the while: a block of each would favour the first."""

    def work():
        clock.sleep(0.1 * (1 + clock.now))

    assert not alternate(work, work, seconds=4).faster


def test_the_real_clock():
    timing = alternate(lambda: time.sleep(0.02), lambda: None, seconds=0.1)
    assert timing.faster
    assert timing.before >= 0.02
    assert not alternate(lambda: None, lambda: time.sleep(0.02), seconds=0.1).faster


@pytest.mark.parametrize("low", [1.0, 1.005, 0.9])
def test_a_gain_within_the_spread_does_not_count(low):
    assert not Timing(2.0, 1.0, 2.0, low, 3.0, 9).faster


def test_both_ways_take_turns_and_the_order_changes(clock):
    said = []
    timing = alternate(
        lambda: (said.append("a"), clock.sleep(0.03)),
        lambda: (said.append("b"), clock.sleep(0.03)),
        seconds=0.01,
    )
    assert timing.rounds == 9
    rounds = said[-18:]
    assert {"".join(rounds[i : i + 2]) for i in range(0, 18, 2)} == {"ab", "ba"}


def test_quick_ways_are_called_often_in_a_turn(clock):
    said = []
    alternate(lambda: (said.append("a"), clock.sleep(0.001)), lambda: clock.sleep(1), seconds=0.01)
    assert len(said) > 9 * 15
