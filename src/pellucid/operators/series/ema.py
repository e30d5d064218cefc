"""The exponential moving average: as a recursion, and as the convolution that it is.

The recursion s_t = α·x_t + (1 − α)·s_{t−1} from s = 0 before the start unrolls to

    s_t = α · Σ_{i=0}^{t} (1 − α)^i · x_{t−i},

the convolution of the series with the geometric kernel α·(1 − α)^i. The weight belongs to the
*lag* i: with (1 − α)^(t−i) in place of (1 − α)^i the oldest value would weigh most, and the
present one least, which is not what the recursion does.
"""

from collections.abc import Callable
from math import ceil, expm1, log, log1p
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError, unknown_name
from pellucid.operators.series.forms import form
from pellucid.operators.series.kernel import SeriesKernel
from pellucid.operators.series.scan import scan

#: The average before the first value: 0, or as if it had always been the first value.
Initial = Literal["zero", "first"]
INITIALS: tuple[str, ...] = get_args(Initial)

#: Values taken at once: they become float64 while they are in the processor's cache.
BLOCK = 65_536
#: Weights of the longest kernel that is made.
LONGEST = 10_000_000

Values = NDArray[Any]


def ema(
    series: Any,
    alpha: float | None = None,
    *,
    span: float | None = None,
    halflife: float | None = None,
    com: float | None = None,
    initial: Initial = "zero",
) -> Any:
    """The exponential moving average s_t = α·x_t + (1 − α)·s_{t−1}.

    Missing values (NaN) leave the average as it was, and age it: the next value x, g steps after
    the last one, gives s = (w·s + α·x) / (w + α) with w = (1 − α)^g, which for g = 1 is the
    recursion above. With ``first`` this is pandas' ``ewm(alpha=…, adjust=False).mean()``, NaN up
    to the first value. (pandas makes an exception at α = 0.5 exactly: after a gap it takes
    w·s + (1 − w)·x. Here all α follow one formula.) After an infinity all is NaN.

    Args:
        series: T, C×T or N×C×T as an array or tensor, or a pandas Series.
        alpha: weight of the present value, above 0, at most 1; or give one of the next three.
        span: α = 2 / (span + 1), from 1 on: about the length of a moving average that lags alike.
        halflife: α = 1 − 2^(−1/halflife): after so many steps a weight has halved.
        com: centre of mass, the mean lag: α = 1 / (1 + com).
        initial: ``zero``: the average is 0 before the series starts, so that it is a convolution
            with :func:`ema_kernel`; ``first``: it starts as the first value.

    Returns:
        The form that was given, with as many values; float32 from float32, else float64 (computed
        in float64 always).

    Raises:
        UsageError: not exactly one of α, span, halflife and com, or one out of range; an unknown
            ``initial``; no series of numbers.

    >>> ema([8.0, 0, 0], 0.5)
    array([4., 2., 1.])
    >>> ema([8.0, 0, 0], 0.5, initial="first")
    array([8., 4., 2.])
    """
    if initial not in INITIALS:
        raise unknown_name("initial", initial, INITIALS)
    rate = smoothing(alpha, span=span, halflife=halflife, com=com)
    found = form(series)
    channels = found.values.reshape(-1, found.values.shape[2])
    result = np.empty(channels.shape, found.values.dtype)
    for row, values in zip(result, channels, strict=True):
        state = 0.0 if initial == "zero" else float(values[0])
        _recursion(row, values, rate, state)
        if not np.isfinite(row[-1]) and np.isnan(values).any():
            _with_gaps(row, values, rate, initial)
    return found.restore(result.reshape(found.values.shape))


def ema_kernel(alpha: float, *, error: float = 1e-6) -> SeriesKernel:
    """The exponential moving average as a kernel, cut off where little is left.

    The weights w_i = α·(1 − α)^i, i = 0 … m − 1, leave out Σ_{i ≥ m} α·(1 − α)^i = (1 − α)^m. So

        m = ⌈ log(error) / log(1 − α) ⌉

    weights leave out at most ``error``, and convolving with them (``apply(…, start="zero")``)
    differs from ``ema(…, initial="zero")`` by at most error · max|x|. They are not rescaled: their
    sum is 1 − (1 − α)^m.

    Args:
        alpha: above 0, at most 1.
        error: the weight that may be left out, above 0 and below 1.

    Raises:
        UsageError: alpha or error out of range.

    >>> kernel = ema_kernel(0.2)
    >>> len(kernel.weights), kernel.left_out <= 1e-6, kernel.weights[:3]
    (62, True, array([0.2  , 0.16 , 0.128]))
    """
    alpha = smoothing(alpha)
    if not 0 < error < 1:
        raise UsageError(f"expected error above 0 and below 1, found {error}.")
    length = 1 if alpha == 1 else max(1, ceil(log(error) / log1p(-alpha)))
    if length > LONGEST:
        raise UsageError(
            f"expected an alpha and error that {LONGEST:,} weights do for, found {alpha:g} and "
            f"{error:g}, which take {length:,}."
        )
    weights = np.asarray(alpha * (1 - alpha) ** np.arange(length), np.float64)
    return SeriesKernel(f"EMA, α {alpha:g}", weights, left_out=(1 - alpha) ** length)


def smoothing(
    alpha: float | None = None,
    *,
    span: float | None = None,
    halflife: float | None = None,
    com: float | None = None,
) -> float:
    """α, however it was given (see :func:`ema`).

    Raises:
        UsageError: not exactly one was given, or it is out of range.

    >>> smoothing(span=9), smoothing(halflife=1), smoothing(com=4)
    (0.2, 0.5, 0.2)
    """
    given = {"alpha": alpha, "span": span, "halflife": halflife, "com": com}
    named = {name: value for name, value in given.items() if value is not None}
    if len(named) != 1:
        found = ", ".join(named) or "none"
        raise UsageError(f"expected one of alpha, span, halflife and com, found {found}.")
    [(name, value)] = named.items()
    allowed, rate, words = _RATES[name]
    if not (allowed(value) and 0 < rate(value) <= 1):
        raise UsageError(f"expected {name} {words}, found {value}.")
    return rate(value)


#: For each way to say α: what is allowed, the formula, the words for what is allowed.
_RATES: dict[str, tuple[Callable[[float], bool], Callable[[float], float], str]] = {
    "alpha": (lambda value: 0 < value <= 1, float, "above 0 and at most 1"),
    "span": (lambda value: value >= 1, lambda value: 2 / (value + 1), "from 1 on"),
    "halflife": (lambda value: value > 0, lambda value: -expm1(-log(2) / value), "above 0"),
    "com": (lambda value: value >= 0, lambda value: 1 / (1 + value), "from 0 on"),
}


def _recursion(row: Values, values: Values, alpha: float, state: float) -> None:
    """The recursion from a state, block by block in float64."""
    from scipy.signal import lfilter

    kept = np.array([(1 - alpha) * state])  # lfilter's state: what the next result adds
    for low in range(0, len(values), BLOCK):
        block = values[low : low + BLOCK].astype(np.float64, copy=False)
        row[low : low + BLOCK], kept = lfilter([alpha], [1.0, alpha - 1], block, zi=kept)


def _with_gaps(row: Values, values: Values, alpha: float, initial: str) -> None:
    """The same with missing values: the recursion over those that are there, then carried on."""
    there = ~np.isnan(values)
    places = np.flatnonzero(there)
    averages = np.array([0.0 if initial == "zero" else np.nan])  # before the first value
    if len(places):
        aged = (1 - alpha) ** np.diff(places, prepend=-1).astype(np.float64)
        known = values[places].astype(np.float64)
        factors, inputs = aged / (aged + alpha), alpha * known / (aged + alpha)
        if initial == "first":
            factors[0], inputs[0] = 0.0, known[0]
        averages = np.append(averages, scan(factors, inputs, 0.0))
    row[:] = averages[np.cumsum(there)]
