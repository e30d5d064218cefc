"""The paired test against SciPy's, and Holm's adjustment against its definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from pellucid.comparison.paired import holm, mcnemar

COUNTS = st.integers(0, 3000)


@given(COUNTS, COUNTS)
@settings(max_examples=60, deadline=None)
def test_the_exact_test_is_that_of_a_fair_coin(one: int, two: int) -> None:
    if one + two == 0:
        assert mcnemar(one, two) == 1
        return
    expected = binomtest(one, one + two, 0.5).pvalue
    assert mcnemar(one, two) == pytest.approx(
        expected, rel=1e-8, abs=1e-290
    )  # SciPy underflows sooner
    assert mcnemar(one, two) == mcnemar(two, one)


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
