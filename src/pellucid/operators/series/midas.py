"""MIDAS weights: long kernels from two numbers, for mixed-frequency data.

A MIDAS regression explains a low-frequency value by the last K high-frequency ones,
x̃_j = Σ_k w_k · x_{e_j − k + 1}, where the weights follow a curve with few parameters (Ghysels,
Santa-Clara and Valkanov 2004, The MIDAS touch: mixed data sampling regression models; Ghysels,
Sinko and Valkanov 2007, MIDAS regressions: further results and new directions, Econometric
Reviews 26, 53–90, section 2). As a kernel with stride = values a period, :func:`apply` gives one
x̃ a period:

>>> from pellucid.operators.series import apply, beta_kernel
>>> daily = [1.0, 2, 3, 4, 5, 6]
>>> apply(daily, beta_kernel(3, 1, 2, stride=3))  # one value for each three
array([2.66666667, 5.66666667])
"""

import numpy as np

from pellucid.errors import UsageError
from pellucid.operators.series.kernel import SeriesKernel


def beta_kernel(lags: int, theta1: float, theta2: float, *, stride: int = 1) -> SeriesKernel:
    """Normalised beta weights.

    w_k = f(k/K) / Σ_j f(j/K), k = 1 … K, f(x) = x^(θ1 − 1) · (1 − x)^(θ2 − 1) (the constant of
    the beta density cancels). θ1 = 1 and θ2 > 1 fall from the newest value on, faster with larger
    θ2; θ1 = θ2 = 1 are equal; θ1 > 1 makes a hump. With θ2 > 1 the K-th weight is 0.

    Args:
        lags: K.
        theta1: above 0.
        theta2: at least 1: below, the oldest value would weigh infinitely much.
        stride: high-frequency values for each low-frequency one.

    Raises:
        UsageError: an argument out of range, or weights that are 0 in floating point.

    >>> beta_kernel(4, 1, 2).weights
    array([0.5       , 0.33333333, 0.16666667, 0.        ])
    """
    _check_lags(lags)
    if not (0 < theta1 < np.inf and 1 <= theta2 < np.inf):
        raise UsageError(
            f"expected θ1 above 0 and θ2 of at least 1, found {theta1:g} and {theta2:g}."
        )
    places = np.arange(1, lags + 1) / lags
    with np.errstate(divide="ignore"):
        tails = np.log1p(-places) * (theta2 - 1) if theta2 > 1 else np.zeros(lags)
    return _normalised(
        f"MIDAS beta, θ {theta1:g}, {theta2:g}", np.log(places) * (theta1 - 1) + tails, stride
    )


def almon_kernel(lags: int, theta1: float, theta2: float = 0.0, *, stride: int = 1) -> SeriesKernel:
    """Exponential Almon weights.

    w_k = exp(θ1·k + θ2·k²) / Σ_j exp(θ1·j + θ2·j²), k = 1 … K. Both 0: equal weights; θ2 < 0:
    they fall in the end.

    Args:
        lags: K.
        theta1: finite.
        theta2: finite.
        stride: high-frequency values for each low-frequency one.

    Raises:
        UsageError: an argument out of range.

    >>> almon_kernel(3, -np.log(2)).weights
    array([0.57142857, 0.28571429, 0.14285714])
    """
    _check_lags(lags)
    if not np.isfinite([theta1, theta2]).all():
        raise UsageError(f"expected finite θ1 and θ2, found {theta1:g} and {theta2:g}.")
    numbers = np.arange(1.0, lags + 1)
    powers = theta1 * numbers + theta2 * numbers**2
    return _normalised(f"exponential Almon, θ {theta1:g}, {theta2:g}", powers, stride)


def _normalised(name: str, logarithms: np.ndarray, stride: int) -> SeriesKernel:
    """Weights that sum to 1, from their logarithms; the largest is made 1 first."""
    if not logarithms.max() > -np.inf:
        raise UsageError(f"expected at least one weight above 0, found none in {name}: more lags.")
    weights = np.exp(logarithms - logarithms.max())
    return SeriesKernel(name, weights / weights.sum(), stride=stride)


def _check_lags(lags: int) -> None:
    if lags < 1:
        raise UsageError(f"expected lags of at least 1, found {lags}.")
