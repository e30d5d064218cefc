"""Aggregation, MIDAS weights and multi-scale averages against pandas and SciPy."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pellucid.errors import UsageError
from pellucid.operators import series as ops

RNG = np.random.default_rng(0)
HOWS = ["last", "first", "mean", "sum", "max", "min"]


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50),
    every=st.integers(1, 20),
    how=st.sampled_from(HOWS),
)
def test_by_count_equals_groups_of_pandas(values, every, how):
    given_series = pd.Series(values, name="quote")
    groups = np.arange(len(values)) // every
    expected = given_series.groupby(groups).agg(how)
    found = ops.aggregate(given_series, every, how)
    assert found.name == "quote"
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    assert found.index.tolist() == given_series.index.to_series().groupby(groups).last().tolist()
    if len(values) >= every:
        whole = ops.aggregate(given_series, every, how, partial="drop")
        pd.testing.assert_series_equal(whole, found.iloc[: len(values) // every])


@pytest.mark.parametrize("rule", ["D", "W", "ME", "3h", "QE"])
@pytest.mark.parametrize("how", HOWS)
def test_by_calendar_equals_pandas(rule, how):
    dates = pd.date_range("2024-01-15 09:00", periods=900, freq="7h")
    values = pd.Series(RNG.normal(size=900), dates, name="quote")
    values.iloc[RNG.integers(0, 900, 50)] = np.nan
    pd.testing.assert_series_equal(
        ops.aggregate(values, rule, how), getattr(values.resample(rule), how)()
    )


def test_mean_and_last_are_kernels_with_a_stride():
    values = RNG.normal(size=60)
    mean = ops.moving_average_kernel(5, stride=5)
    np.testing.assert_allclose(ops.aggregate(values, 5, "mean"), ops.apply(values, mean))
    last = ops.SeriesKernel("last", np.ones(1), stride=5)
    np.testing.assert_array_equal(ops.aggregate(values, 5), ops.apply(values, last))


def test_dtypes_and_forms():
    whole = np.arange(10, dtype=np.int16)
    assert ops.aggregate(whole, 3, "max").dtype == np.int16
    assert ops.aggregate(whole, 3, "mean").tolist() == [1, 4, 7, 9]
    assert ops.aggregate(np.full(9, 200, np.uint8), 3, "sum").tolist() == [600] * 3
    tensor = torch.arange(12.0).reshape(2, 6)
    assert torch.equal(ops.aggregate(tensor, 3), tensor[:, 2::3])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((2, "median"), "unknown how 'median'"),
        ((0,), "at least 1"),
        ((9, "last", "drop"), "fits"),
        ((2, "last", "kep"), "did you mean 'keep'"),
        (("W",), "DatetimeIndex"),
    ],
)
def test_wrong_calls(arguments, words):
    how = dict(zip(("every", "how", "partial"), arguments, strict=False))
    with pytest.raises(UsageError, match=words):
        ops.aggregate(pd.Series([1.0, 2, 3]), **how)


def test_wrong_rules():
    dated = pd.Series([1.0], pd.to_datetime(["2024-01-01"]))
    with pytest.raises(UsageError, match="calendar rule"):
        ops.aggregate(dated, "fortnite")
    with pytest.raises(UsageError, match="give a number of values"):
        ops.aggregate([1.0, 2], "W")
    with pytest.raises(UsageError, match="partial='keep'"):
        ops.aggregate(dated, "W", partial="drop")


@settings(max_examples=60, deadline=None)
@given(lags=st.integers(2, 60), theta1=st.floats(0.2, 8), theta2=st.floats(1, 8))
def test_beta_weights_are_the_density_of_scipy(lags, theta1, theta2):
    density = stats.beta(theta1, theta2).pdf(np.arange(1, lags + 1) / lags)
    weights = ops.beta_kernel(lags, theta1, theta2).weights
    np.testing.assert_allclose(weights, density / density.sum(), rtol=1e-8, atol=1e-14)


def test_almon_weights():
    k = np.arange(1, 13)
    curve = np.exp(0.1 * k - 0.05 * k**2)
    np.testing.assert_allclose(ops.almon_kernel(12, 0.1, -0.05).weights, curve / curve.sum())
    assert np.isfinite(ops.almon_kernel(500, 5.0, 5.0).weights).all()  # exp(1e6) would overflow
    np.testing.assert_allclose(ops.almon_kernel(4, 0).weights, 0.25)
    np.testing.assert_allclose(ops.beta_kernel(4, 1, 1).weights, 0.25)


def test_midas_gives_one_value_a_period():
    daily = pd.Series(RNG.normal(size=100), pd.date_range("2024-01-01", periods=100), name="r")
    kernel = ops.beta_kernel(30, 1, 3, stride=22)
    found = ops.apply(daily, kernel, start="drop")
    assert found.index.equals(daily.index[[43, 65, 87]])  # the first period has 22 of 30 values
    for end, value in zip((43, 65, 87), found, strict=True):
        newest_first = daily.to_numpy()[end::-1][:30]
        assert value == pytest.approx(float(newest_first @ kernel.weights))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.beta_kernel(0, 1, 1), "lags"),
        (lambda: ops.beta_kernel(5, 0, 1), "θ1 above 0"),
        (lambda: ops.beta_kernel(5, 1, 0.5), "θ2 of at least 1"),
        (lambda: ops.beta_kernel(1, 1, 2), "more lags"),
        (lambda: ops.almon_kernel(5, float("inf")), "finite θ1"),
    ],
)
def test_wrong_weights(call, words):
    with pytest.raises(UsageError, match=words):
        call()


@pytest.mark.parametrize("start", ["nan", "zero", "first", "drop"])
def test_multi_scale_is_a_bank_of_averages(start):
    values = RNG.normal(size=100)
    bank = ops.multi_scale(values, start=start)
    lengths = [1, 5, 22]
    assert [len(kernel.weights) for kernel in ops.scale_kernels().values()] == lengths
    for row, length in zip(bank, lengths, strict=True):
        expected = ops.moving_average(values, length, start=start)
        np.testing.assert_array_equal(row, expected[-len(row) :])
    assert bank.shape == (3, 79 if start == "drop" else 100)


def test_multi_scale_of_pandas_is_a_table():
    dates = pd.date_range("2024-01-01", periods=60)
    values = pd.Series(RNG.normal(size=60), dates, name="rv")
    table = ops.multi_scale(values)
    expected = pd.DataFrame({name: values.rolling(n).mean() for name, n in ops.HAR.items()})
    pd.testing.assert_frame_equal(table, expected)
    whole = ops.multi_scale(values, start="drop")
    pd.testing.assert_frame_equal(whole, expected.dropna())


def test_multi_scale_of_channels():
    values = RNG.normal(size=(4, 2, 30))
    bank = ops.multi_scale(values, {"a": 2, "b": 3}, start="zero")
    assert bank.shape == (4, 4, 30)
    np.testing.assert_array_equal(bank[3, 3], ops.moving_average(values[3, 1], 3, start="zero"))
    with pytest.raises(UsageError, match="found none"):
        ops.multi_scale(values, {})
