"""Terms of operators on series against pandas, NumPy and the fast operators."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pellucid.errors import UsageError
from pellucid.operators.arithmetic import explain_ema, explain_pooling, explain_series
from pellucid.operators.series import (
    SeriesKernel,
    aggregate,
    almon_kernel,
    apply,
    beta_kernel,
    difference_kernel,
    ema,
    moving_average_kernel,
)
from pellucid.operators.series.sliding import STARTS


def values(seed: int, length: int = 12, gaps: int = 0) -> Any:
    random = np.random.default_rng(seed)
    made = random.normal(size=length)
    made[random.permutation(length)[:gaps]] = np.nan
    return made


def same(found: float, wanted: float) -> bool:
    return found == pytest.approx(wanted, rel=1e-11, abs=1e-13, nan_ok=True)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.01, 1.0), st.integers(0, 5), st.integers(0, 11))
def test_ema_is_pandas_with_gaps_too(seed: int, alpha: float, gaps: int, at: int) -> None:
    # At α = 1/2 exactly, pandas weighs the value after a gap by 1 - w instead of α.
    assume(alpha != 0.5 or not gaps)
    series = values(seed, gaps=gaps)
    wanted = pd.Series(series).ewm(alpha=alpha, adjust=False).mean().to_numpy()
    assert same(explain_ema(series, alpha, at, initial="first").total, wanted[at])


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 2**32),
    st.floats(0.01, 1.0),
    st.integers(0, 12),
    st.integers(0, 11),
    st.sampled_from(["zero", "first"]),
)
def test_the_fast_ema_agrees(seed: int, alpha: float, gaps: int, at: int, initial: Any) -> None:
    series = values(seed, gaps=gaps)
    found = explain_ema(series, alpha, at, initial=initial)
    assert same(found.total, ema(series, alpha, initial=initial)[at])


def test_ema_weights_are_the_lectures_expansion() -> None:
    found = explain_ema(np.arange(6.0), 0.3, 5)
    assert [term.weight for term in found.terms] == pytest.approx([0.3 * 0.7**i for i in range(6)])
    first = explain_ema(np.arange(6.0), 0.3, 5, initial="first")
    assert sum(term.weight for term in first.terms) == pytest.approx(1.0)
    assert first.terms[-1].weight == pytest.approx(0.7**5)


def test_ema_of_a_long_series_lists_what_has_a_weight() -> None:
    found = explain_ema(np.ones(100_000), 0.5, 99_999)
    assert 1000 < len(found.terms) < 1100  # 2^-1075 is 0 in float64
    assert found.total == pytest.approx(1.0)
    assert [term.weight for term in explain_ema([3.0, 4.0], 1.0, 1).terms] == [1.0]


KERNELS = [
    moving_average_kernel(3),
    moving_average_kernel(4, centred=True),
    moving_average_kernel(3, stride=2),
    difference_kernel(1),
    beta_kernel(5, 1.0, 4.0),
    almon_kernel(4, 0.1, -0.05),
    SeriesKernel("ahead", [1.0, -2.0, 0.5], ahead=2, stride=3),
]


@pytest.mark.parametrize("kernel", KERNELS, ids=str)
@pytest.mark.parametrize("start", STARTS)
def test_the_fast_kernels_agree(kernel: SeriesKernel, start: Any) -> None:
    series = np.stack([values(1), values(2, gaps=1)])
    wanted = apply(series, kernel, start=start)
    for c, j in np.ndindex(wanted.shape):
        found = explain_series(series, kernel, (c, j), start=start)
        assert same(found.total, wanted[c, j])
        assert len(found.terms) == len(kernel.weights)
    with pytest.raises(UsageError, match="expected the output's t from 0 to"):
        explain_series(series, kernel, (0, wanted.shape[1]), start=start)


def test_a_kernel_is_numpys_convolution() -> None:
    series, weights = values(5), np.array([0.5, -1.0, 2.0])
    wanted = np.convolve(series, weights)[: len(series)]
    kernel = SeriesKernel("any", weights)
    totals = [explain_series(series, kernel, t, start="zero").total for t in range(12)]
    assert totals == pytest.approx(wanted.tolist())
    roles = [term.role for term in explain_series(series, kernel, 0, start="first").terms]
    assert roles == ["cell", "copy", "copy"]


@pytest.mark.parametrize(("how", "kind"), [("mean", "average"), ("last", "last"), ("sum", "sum")])
def test_aggregation_is_pooling(how: Any, kind: Any) -> None:
    series = values(7, 11)
    wanted = aggregate(series, 4, how)
    totals = [explain_pooling(series, kind, 4, t, ceil=True).total for t in range(3)]
    assert totals == pytest.approx(wanted.tolist())


def test_a_pandas_series_is_taken() -> None:
    series = pd.Series([8.0, 0.0, 4.0], index=pd.date_range("2020-01-01", periods=3))
    assert explain_ema(series, 0.5, 2).total == 3.0


def test_wrong_words_are_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'zero'"):
        explain_ema([1.0], 0.5, 0, initial="zeros")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="did you mean 'first'"):
        explain_series([1.0], KERNELS[0], 0, start="firs")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="alpha above 0"):
        explain_ema([1.0], 0.0, 0)
    with pytest.raises(UsageError, match="one without any output"):
        explain_series([1.0, 2.0], KERNELS[0], 0, start="drop")
