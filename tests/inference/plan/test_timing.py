"""Timing: what is told apart and what is not."""

import time

import pytest

from pellucid.inference.plan.timing import Timing, alternate


def test_twice_the_work_is_twice_as_slow():
    timing = alternate(lambda: time.sleep(0.008), lambda: time.sleep(0.004), seconds=0.3)
    assert timing.faster
    assert 1.4 < timing.gain < 2.6
    assert timing.low <= timing.gain <= timing.high
    assert timing.before > timing.after


def test_the_slower_way_is_not_kept():
    assert not alternate(lambda: None, lambda: time.sleep(0.004), seconds=0.1).faster


@pytest.mark.parametrize("low", [1.0, 1.005, 0.9])
def test_a_gain_within_the_spread_does_not_count(low):
    assert not Timing(2.0, 1.0, 2.0, low, 3.0, 9).faster


def test_both_ways_are_called_equally_often_in_turn():
    said = []
    timing = alternate(
        lambda: (said.append("a"), time.sleep(0.03)),
        lambda: (said.append("b"), time.sleep(0.03)),
        seconds=0.01,
    )
    assert timing.rounds == 9
    assert said.count("a") == said.count("b")
    rounds = said[-18:]
    assert {"".join(rounds[i : i + 2]) for i in range(0, 18, 2)} == {"ab", "ba"}
