"""Kernels on series against loops, NumPy, SciPy and pandas."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal
from tests.references.series import naive_convolution

from pellucid.errors import UsageError
from pellucid.operators import series as ops
from pellucid.operators.series import SeriesKernel

NUMBERS = st.floats(-1e3, 1e3) | st.just(float("nan"))
RNG = np.random.default_rng(0)


@st.composite
def kernels(draw):
    weights = draw(st.lists(st.floats(-5, 5), min_size=1, max_size=9))
    ahead = draw(st.integers(0, len(weights) - 1))
    return SeriesKernel("any", np.array(weights), ahead, draw(st.integers(1, 6)))


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(NUMBERS, min_size=1, max_size=30),
    kernel=kernels(),
    start=st.sampled_from(["nan", "zero", "first"]),
)
def test_apply_equals_loops(values, kernel, start):
    expected = naive_convolution(values, kernel.weights, kernel.ahead, kernel.stride, start)
    found = ops.apply(values, kernel, start=start) if len(values) else np.empty(0)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.floats(-9, 9), min_size=1, max_size=30), kernel=kernels())
def test_drop_keeps_what_has_all_its_values(values, kernel):
    all_of_them = ops.apply(pd.Series(values), kernel)
    expected = all_of_them.dropna()
    pd.testing.assert_series_equal(ops.apply(pd.Series(values), kernel, start="drop"), expected)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(NUMBERS, min_size=1, max_size=60),
    length=st.integers(1, 40),
    centred=st.booleans(),
)
def test_moving_average_equals_pandas(values, length, centred):
    given_series = pd.Series(values, name="x")
    expected = given_series.rolling(length, center=centred).mean()
    found = ops.moving_average(given_series, length, centred=centred)
    pd.testing.assert_series_equal(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("length", [1, 2, 5, 7, 64, 100, 1023, 40_000])
@pytest.mark.parametrize("start", ["zero", "first"])
@pytest.mark.parametrize("centred", [False, True])
def test_moving_average_is_its_kernel(length, start, centred):
    values = RNG.normal(size=100_000)  # several blocks
    kernel = ops.moving_average_kernel(length, centred=centred)
    found = ops.moving_average(values, length, centred=centred, start=start)
    padding = (length - 1 - kernel.ahead, kernel.ahead)
    padded = np.pad(values, padding, mode="edge" if start == "first" else "constant")
    expected = signal.oaconvolve(padded, kernel.weights, "valid")
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 10])
def test_centred_averages_stand_where_those_of_pandas_do(length):
    values = pd.Series(np.arange(30.0) ** 2)
    found = ops.moving_average(values, length, centred=True)
    pd.testing.assert_series_equal(found, values.rolling(length, center=True).mean())


@pytest.mark.parametrize("offset", [1e6, -1e9])
@pytest.mark.parametrize("length", [5, 22, 1000, 10_000])
def test_moving_average_does_not_cancel(offset, length):
    """A cumulated sum of 2·10⁵ values near 10⁶ has lost its small digits; windows have not."""
    values = offset + RNG.normal(size=200_000)
    found = ops.moving_average(values, length, start="drop")
    places = RNG.integers(0, len(found), 30)
    exact = np.array([np.longdouble(values[i : i + length]).mean() for i in places])
    bound = (np.log2(length) + 2) * 2**-53
    assert (np.abs(found[places] - exact) <= bound * abs(offset) * 1.01).all()


def test_moving_average_forgets_nan_and_infinity():
    values = np.ones(50_000)
    values[100], values[200], values[40_000] = np.nan, np.inf, 1e300
    found = ops.moving_average(values, 10)
    assert np.isnan(found[100:110]).all() and np.isinf(found[200:210]).all()
    clean = np.r_[found[9:100], found[110:200], found[210:40_000], found[40_010:]]
    assert (clean == 1).all()


@pytest.mark.parametrize("count", [1, 3, 63, 64, 200, 3000])
def test_long_kernels_equal_scipy(count):
    values, weights = RNG.normal(size=70_000), RNG.normal(size=count)
    expected = signal.lfilter(weights, [1.0], values)
    found = ops.apply(values, SeriesKernel("any", weights), start="zero")
    np.testing.assert_allclose(found, expected, atol=1e-10)
    values[50_000] = np.nan
    holes = np.isnan(ops.apply(values, SeriesKernel("any", weights), start="zero"))
    assert holes.sum() == count and holes[50_000 : 50_000 + count].all()


def test_centred_weights_equal_ndimage():
    values, weights = RNG.normal(size=500), [1.0, 2, 3, 4, 5]
    expected = ndimage.convolve1d(values, np.array(weights) / 15, mode="nearest")
    found = ops.weighted_average(values, weights, centred=True, start="first")
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(NUMBERS, min_size=1, max_size=40),
    lag=st.integers(1, 12),
)
def test_difference_equals_pandas(values, lag):
    given_series = pd.Series(values)
    pd.testing.assert_series_equal(ops.difference(given_series, lag=lag), given_series.diff(lag))


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_higher_differences(order):
    values = RNG.normal(size=200)
    found = ops.difference(values, order, start="drop")
    np.testing.assert_allclose(found, np.diff(values, order), rtol=1e-10, atol=1e-12)
    kernel = ops.difference_kernel(order)
    np.testing.assert_allclose(found, ops.apply(values, kernel, start="drop"), atol=1e-12)
    seasonal = ops.difference(values, order, lag=12)
    twelve = ops.difference_kernel(order, lag=12)
    np.testing.assert_allclose(seasonal, ops.apply(values, twelve), atol=1e-12)
    line = np.arange(100.0) ** order  # the order-th difference of a power is order!
    power = ops.difference(line, order, start="drop")
    np.testing.assert_allclose(power, np.prod(np.arange(1, order + 1)))


def test_forms():
    values = RNG.normal(size=(2, 3, 40)).astype(np.float32)
    whole = ops.moving_average(values, 4)
    assert whole.dtype == np.float32 and whole.shape == values.shape
    one = ops.moving_average(values[1, 2], 4)
    np.testing.assert_array_equal(whole[1, 2], one)
    tensor = torch.from_numpy(values).bfloat16()
    assert ops.moving_average(tensor, 4).dtype == torch.bfloat16
    assert isinstance(ops.ema(torch.arange(5), 0.5), torch.Tensor)
    dates = pd.date_range("2024-01-01", periods=40)
    named = ops.moving_average(pd.Series(values[0, 0], dates, name="price"), 4, start="drop")
    assert named.name == "price" and named.index.equals(dates[3:]) and named.dtype == np.float32
    nullable = pd.Series([1, None, 3], dtype="Int64")
    assert np.isnan(ops.difference(nullable)).all()
    assert ops.aggregate(pd.Series([1, 2], dtype="Int64"), 2).tolist() == [2]
    backwards = values[0, 0, ::-1]
    np.testing.assert_array_equal(
        ops.moving_average(backwards, 4), ops.moving_average(backwards.copy(), 4)
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.moving_average([1.0], 0), "length of at least 1"),
        (lambda: ops.moving_average([1.0], 2, start="sero"), "did you mean 'zero'"),
        (lambda: ops.difference([1.0], 0), "order"),
        (lambda: ops.difference([1.0], lag=0), "lag"),
        (lambda: ops.moving_average([], 2), "found shape"),
        (lambda: ops.moving_average(np.ones(3, complex), 2), "real numbers"),
        (lambda: ops.moving_average(pd.Series(["a"]), 2), "Series of numbers"),
        (lambda: ops.moving_average(pd.DataFrame({"a": [1]}), 2), "one column"),
        (lambda: ops.moving_average(torch.ones(3, requires_grad=True), 2), "detach"),
        (lambda: ops.weighted_average([1.0], [1, -1]), "sum is not 0"),
        (lambda: ops.weighted_average([1.0], []), "finite numbers"),
        (lambda: ops.weighted_average([1.0], [[1]]), "finite numbers"),
        (lambda: SeriesKernel("any", [1, np.nan]), "finite numbers"),
        (lambda: SeriesKernel("any", [1, 2], ahead=2), "ahead from 0 to 1"),
        (lambda: SeriesKernel("any", [1, 2], stride=0), "stride"),
    ],
)
def test_wrong_calls(call, words):
    with pytest.raises(UsageError, match=words):
        call()
