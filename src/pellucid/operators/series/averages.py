"""Moving averages, weighted averages and differences: kernels, and their fast application."""

from functools import partial
from math import comb
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from pellucid.errors import UsageError
from pellucid.operators.doubling import doubled
from pellucid.operators.series.forms import form
from pellucid.operators.series.kernel import SeriesKernel, checked_weights
from pellucid.operators.series.sliding import Start, slide

Floats = NDArray[np.float64]
Values = NDArray[Any]

#: From this many weights on the fast Fourier transform beats the sum of products (measured).
FOURIER_FROM = 64


def apply(series: Any, kernel: SeriesKernel, *, start: Start = "nan") -> Any:
    """Convolve a series with a kernel and keep every stride-th value.

    y_j = Σ_i w_i · x_{e − i}, e = (j + 1)·stride − 1 + ahead (see :class:`SeriesKernel`).

    Args:
        series: T, C×T or N×C×T as an array or tensor, or a pandas Series.
        kernel: the weights.
        start: what stands beyond the ends of the series (see :data:`Start`).

    Returns:
        The form that was given, with T // stride values a channel (fewer with ``drop``), float32
        from float32, else float64. A value that is NaN makes each result that uses it NaN.

    Raises:
        UsageError: no series of numbers, an unknown ``start``.

    >>> apply([1.0, 3, 2, 6], SeriesKernel("last change", [1, -1]))
    array([nan,  2., -1.,  4.])
    """
    if kernel.stride > 1:
        whole = partial(_products, weights=kernel.weights, stride=kernel.stride)
    else:
        whole = partial(_convolved, weights=kernel.weights)
    return slide(form(series), kernel, whole, start)


def moving_average_kernel(length: int, *, centred: bool = False, stride: int = 1) -> SeriesKernel:
    """The kernel of a plain average: ``length`` weights of 1/length.

    Centred, it lies over (length − 1) // 2 later values; an even length has one more value
    before than after, as pandas has it.

    Raises:
        UsageError: a length or stride below 1.

    >>> moving_average_kernel(4).weights
    array([0.25, 0.25, 0.25, 0.25])
    """
    _at_least_one("length", length)
    ahead = (length - 1) // 2 if centred else 0
    name = f"{'centred ' if centred else ''}average of {length}"
    return SeriesKernel(name, np.full(length, 1 / length), ahead, stride)


def moving_average(series: Any, length: int, *, centred: bool = False, start: Start = "nan") -> Any:
    """The average of the last ``length`` values, or of those around.

    This is :func:`apply` with :func:`moving_average_kernel`, computed by doubling: sums of 2, 4,
    8, … values, each from two of half the length, so about 2·log₂(length) additions a value. No
    running sum is carried along from which old values are subtracted, so nothing cancels and no
    error grows: the relative error stays below (log₂(length) + 2)·2⁻⁵³ of the mean absolute value,
    and NaN or infinity touches only the windows that hold it.

    Args:
        series: as :func:`apply` takes it.
        length: values in the average.
        centred: see :func:`moving_average_kernel`.
        start: as in :func:`apply`.

    Returns:
        As :func:`apply`.

    >>> moving_average([2.0, 4, 6, 2], 2)
    array([nan,  3.,  5.,  4.])
    >>> moving_average([2.0, 4, 6, 2], 2, start="first")
    array([2., 3., 5., 4.])
    """
    kernel = moving_average_kernel(length, centred=centred)
    return slide(form(series), kernel, partial(_averages, length=length), start)


def weighted_average_kernel(
    weights: ArrayLike, *, centred: bool = False, stride: int = 1
) -> SeriesKernel:
    """The kernel of a weighted average: the weights divided by their sum.

    Args:
        weights: (K,), newest first.
        centred: as in :func:`moving_average_kernel`.
        stride: as in :class:`SeriesKernel`.

    Raises:
        UsageError: weights that are no row of finite numbers, or whose sum is 0.

    >>> weighted_average_kernel([3, 2, 1]).weights
    array([0.5       , 0.33333333, 0.16666667])
    """
    row = checked_weights(weights)
    if row.sum() == 0:
        raise UsageError(f"expected weights whose sum is not 0, found {weights!r}.")
    ahead = (len(row) - 1) // 2 if centred else 0
    return SeriesKernel(f"weighted average of {len(row)}", row / row.sum(), ahead, stride)


def weighted_average(
    series: Any, weights: ArrayLike, *, centred: bool = False, start: Start = "nan"
) -> Any:
    """The weighted average of the last values: :func:`apply` with its kernel.

    >>> weighted_average([2.0, 4, 6], [3, 1])  # the newest weighs three times as much
    array([nan, 3.5, 5.5])
    """
    return apply(series, weighted_average_kernel(weights, centred=centred), start=start)


def difference_kernel(order: int = 1, *, lag: int = 1) -> SeriesKernel:
    """The kernel of (1 − L)^order, L the shift by ``lag``: weights (−1)^i · C(order, i).

    >>> difference_kernel(2).weights
    array([ 1., -2.,  1.])
    >>> difference_kernel(lag=3).weights
    array([ 1.,  0.,  0., -1.])
    """
    _at_least_one("order", order)
    _at_least_one("lag", lag)
    weights = np.zeros(order * lag + 1)
    weights[::lag] = [(-1) ** i * comb(order, i) for i in range(order + 1)]
    name = f"difference of order {order}" + (f", lag {lag}" if lag > 1 else "")
    return SeriesKernel(name, weights)


def difference(series: Any, order: int = 1, *, lag: int = 1, start: Start = "nan") -> Any:
    """The change from the value ``lag`` before, taken ``order`` times.

    This is :func:`apply` with :func:`difference_kernel`, computed by subtractions. A lag of one
    season takes a seasonal pattern out.

    >>> difference([1.0, 4, 9, 16])
    array([nan,  3.,  5.,  7.])
    >>> difference([1.0, 4, 9, 16], 2, start="drop")
    array([2., 2.])
    """
    kernel = difference_kernel(order, lag=lag)
    return slide(form(series), kernel, partial(_differences, order=order, lag=lag), start)


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise UsageError(f"expected {name} of at least 1, found {value}.")


# Each computes the windows in `values` into `out`.


def _products(values: Floats, out: Values, weights: Floats, stride: int) -> None:
    """Every stride-th window: one product of a matrix and the weights."""
    windows = sliding_window_view(values, len(weights))[::stride]
    out[:] = windows @ weights[::-1]


def _convolved(values: Floats, out: Values, weights: Floats) -> None:
    """All windows. By FFT only where every value is finite: it would spread NaN over all."""
    if len(weights) < FOURIER_FROM or not np.isfinite(values).all():
        out[:] = np.convolve(values, weights, "valid")
        return
    from scipy.signal import fftconvolve

    out[:] = fftconvolve(values, weights, "valid")


def _averages(values: Floats, out: Values, length: int) -> None:
    np.divide(doubled(values, length, np.add), length, out=out, casting="same_kind")


def _differences(values: Floats, out: Values, order: int, lag: int) -> None:
    for _ in range(order - 1):
        values = values[lag:] - values[:-lag]
    np.subtract(values[lag:], values[:-lag], out=out, casting="same_kind")
