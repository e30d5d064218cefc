"""The exponential moving average against loops, pandas, and its own definition as a convolution."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.references.series import naive_ema

from pellucid.errors import UsageError
from pellucid.operators import series as ops
from pellucid.operators.series.scan import scan

NUMBERS = st.floats(-1e3, 1e3) | st.just(float("nan"))
ALPHAS = st.floats(0.01, 1)
RNG = np.random.default_rng(0)


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(NUMBERS, min_size=1, max_size=40),
    alpha=ALPHAS,
    initial=st.sampled_from(["zero", "first"]),
)
def test_equals_the_recursion(values, alpha, initial):
    found = ops.ema(values, alpha, initial=initial)
    np.testing.assert_allclose(found, naive_ema(values, alpha, initial), rtol=1e-9, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(NUMBERS, min_size=1, max_size=40), alpha=ALPHAS)
def test_first_equals_pandas(values, alpha):
    assume(alpha != 0.5 or not np.isnan(values).any())  # there pandas has a formula of its own
    given_series = pd.Series(values, name="x")
    expected = given_series.ewm(alpha=alpha, adjust=False).mean()
    found = ops.ema(given_series, alpha, initial="first")
    pd.testing.assert_series_equal(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("holes", [0.0, 0.001, 0.3])
def test_long_series_equal_pandas(holes):
    values = RNG.normal(size=200_000) + 50
    values[RNG.random(len(values)) < holes] = np.nan
    expected = pd.Series(values).ewm(alpha=0.05, adjust=False).mean()
    found = ops.ema(values, 0.05, initial="first")
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    single = ops.ema(values.astype(np.float32), 0.05, initial="first")
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "rate", [{"span": 9}, {"halflife": 3}, {"com": 4}, {"com": 0}, {"alpha": 1}, {"span": 1}]
)
def test_other_words_for_alpha_are_those_of_pandas(rate):
    values = pd.Series(RNG.normal(size=100))
    expected = values.ewm(**rate, adjust=False).mean()
    pd.testing.assert_series_equal(ops.ema(values, **rate, initial="first"), expected)


@settings(max_examples=60, deadline=None)
@given(alpha=st.floats(0.005, 1), error=st.floats(1e-12, 0.5), seed=st.integers(0, 99))
def test_the_kernel_keeps_its_promise(alpha, error, seed):
    kernel = ops.ema_kernel(alpha, error=error)
    length = len(kernel.weights)
    assert kernel.left_out <= error * (1 + 1e-9)
    assert length == 1 or (1 - alpha) ** (length - 1) > error * (1 - 1e-9)  # none too many
    assert kernel.total == pytest.approx(1 - kernel.left_out, rel=1e-9)
    values = np.random.default_rng(seed).choice([-1.0, 1.0], size=3 * length + 5)
    difference = ops.apply(values, kernel, start="zero") - ops.ema(values, alpha)
    assert np.abs(difference).max() <= kernel.left_out + 1e-12


def test_the_bound_is_reached():
    """All ones: what is left out is exactly the weight that the kernel lacks."""
    kernel = ops.ema_kernel(0.1, error=1e-3)
    ones = np.ones(2000)
    difference = ops.ema(ones, 0.1) - ops.apply(ones, kernel, start="zero")
    assert difference[-1] == pytest.approx(kernel.left_out, rel=1e-6)


def test_the_weight_belongs_to_the_lag():
    """s_t = α Σ (1 − α)^i x_{t−i}; with the exponent t − i it is another, wrong average."""
    alpha, values = 0.3, RNG.normal(size=12)
    found = ops.ema(values, alpha)
    for t in range(len(values)):
        lags = np.arange(t + 1)
        right = alpha * np.sum((1 - alpha) ** lags * values[t - lags])
        wrong = alpha * np.sum((1 - alpha) ** (t - lags) * values[t - lags])
        assert found[t] == pytest.approx(right)
        assert t == 0 or abs(found[t] - wrong) > 1e-6


def test_after_infinity_there_is_nothing():
    found = ops.ema([1.0, np.inf, 1.0], 0.5)
    assert found[:2].tolist() == [0.5, np.inf] and np.isnan(found[2])


def test_channels_and_empty_beginnings():
    values = RNG.normal(size=(3, 50))
    values[1, :10] = np.nan
    values[2] = np.nan
    found = ops.ema(values, 0.2, initial="first")
    for row, one in zip(values, found, strict=True):
        expected = pd.Series(row).ewm(alpha=0.2, adjust=False).mean()
        np.testing.assert_allclose(one, expected)
    assert (ops.ema(values, 0.2)[2] == 0).all()


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(0, 1), st.floats(-9, 9)), min_size=1, max_size=60),
    before=st.floats(-9, 9),
)
def test_scan_equals_a_loop(steps, before):
    expected, state = [], before
    for factor, value in steps:
        state = factor * state + value
        expected.append(state)
    factors, inputs = np.array(steps).T
    np.testing.assert_allclose(scan(factors, inputs, before), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "found none"),
        ({"alpha": 0.5, "span": 3}, "found alpha, span"),
        ({"alpha": 0}, "alpha above 0 and at most 1"),
        ({"alpha": 1.1}, "alpha above 0"),
        ({"alpha": float("nan")}, "alpha above 0"),
        ({"span": 0.5}, "span from 1 on"),
        ({"halflife": 0}, "halflife above 0"),
        ({"halflife": float("inf")}, "halflife above 0"),
        ({"com": -1}, "com from 0 on"),
        ({"alpha": 0.5, "initial": "frist"}, "did you mean 'first'"),
    ],
)
def test_wrong_calls(arguments, words):
    with pytest.raises(UsageError, match=words):
        ops.ema([1.0], **arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((0.5, 0), "error above 0"), ((0.5, 1), "error above 0"), ((1e-9, 1e-6), "weights do")],
)
def test_wrong_kernels(arguments, words):
    with pytest.raises(UsageError, match=words):
        ops.ema_kernel(arguments[0], error=arguments[1])
