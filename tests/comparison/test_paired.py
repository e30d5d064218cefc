"""The paired test against SciPy's, and Holm's adjustment against its definition."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from pellucid.comparison.paired import holm, mcnemar

COUNTS = st.integers(0, 3000)


@given(COUNTS, COUNTS)
@example(0, 997)
@settings(max_examples=60, deadline=None)
def test_the_exact_test_is_that_of_a_fair_coin(one: int, two: int) -> None:
    """In whole numbers; and SciPy's, as far as that does not end in nothing below 1e-290."""
    tail = sum(math.comb(one + two, k) for k in range(min(one, two) + 1))
    chance = mcnemar(one, two)
    assert chance == pytest.approx(min(1.0, 2 * tail / 2 ** (one + two)), rel=1e-8, abs=1e-300)
    assert chance == mcnemar(two, one)
    if one + two and chance > 1e-290:
        assert chance == pytest.approx(binomtest(one, one + two, 0.5).pvalue, rel=1e-8, abs=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_holm_rejects_what_its_step_down_procedure_rejects(chances: list[float]) -> None:
    """Holm 1979: go through the sorted p-values, stop at the first above level / (n - i)."""
    adjusted = holm(chances)
    for level in (0.05, 0.2, 0.5):
        rejected, count = set(), len(chances)
        for rank, index in enumerate(sorted(range(count), key=lambda i: chances[i])):
            if chances[index] * (count - rank) > level:
                break
            rejected.add(index)
        assert {i for i, chance in enumerate(adjusted) if chance <= level} == rejected
