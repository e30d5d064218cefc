"""The figures of a cross-validation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import sem

from pellucid.errors import RunError
from pellucid.evaluation.cross_validation import CrossValidation

FOLDS = st.lists(
    st.integers(1, 50).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=2,
    max_size=8,
)


@given(FOLDS)
def test_mean_and_standard_error(folds: list[tuple[int, int]]) -> None:
    counts, correct = zip(*folds, strict=True)
    found = CrossValidation(counts, correct, (3,) * len(folds), (1.5,) * len(folds))
    accuracies = np.array(correct) / np.array(counts)
    assert found.mean == pytest.approx(accuracies.mean())
    assert found.standard_error == pytest.approx(sem(accuracies), abs=1e-12)
    assert CrossValidation.from_json(found.to_json()) == found


@pytest.mark.parametrize("change", [{"counts": [3]}, {"counts": [0, 3]}, {"correct": None}])
def test_a_damaged_record_is_refused(change: dict) -> None:
    record = CrossValidation((3, 3), (2, 3), (1, 1), (0.5, 0.5)).to_json()
    with pytest.raises(RunError, match="cross-validation is damaged"):
        CrossValidation.from_json(record | change)
