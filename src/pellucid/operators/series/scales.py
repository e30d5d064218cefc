"""Averages of one series over several horizons: a filter bank."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.operators.series.averages import moving_average, moving_average_kernel
from pellucid.operators.series.forms import form
from pellucid.operators.series.kernel import SeriesKernel
from pellucid.operators.series.sliding import Start

#: Trading days in a day, a week and a month.
HAR: Mapping[str, int] = MappingProxyType({"daily": 1, "weekly": 5, "monthly": 22})


def scale_kernels(scales: Mapping[str, int] = HAR) -> dict[str, SeriesKernel]:
    """The kernel of each channel of :func:`multi_scale`, by its name.

    >>> [len(kernel.weights) for kernel in scale_kernels().values()]
    [1, 5, 22]
    """
    return {name: moving_average_kernel(length) for name, length in scales.items()}


def multi_scale(series: Any, scales: Mapping[str, int] = HAR, *, start: Start = "nan") -> Any:
    """The average over each of several horizons, the present value included.

    The heterogeneous autoregressive model explains tomorrow's realised volatility by its averages
    over the last day, week and month, RV^(w)_t = (RV_t + … + RV_{t−4}) / 5 and so on (Corsi 2009,
    A simple approximate long-memory model of realized volatility, Journal of Financial
    Econometrics 7, 174–196). It is a bank of convolutions with :func:`scale_kernels`: one channel
    in, one for each scale out, as in an Inception module with its different kernel sizes.

    Args:
        series: T, C×T or N×C×T as an array or tensor, or a pandas Series.
        scales: name → number of values.
        start: as in :func:`pellucid.operators.series.apply`; ``drop`` leaves out all times at
            which the longest average lacks values.

    Returns:
        S×T for S scales; (C·S)×T or N×(C·S)×T where there are channels, the scales of the first
        channel first. Of a pandas Series a DataFrame with a column for each name.

    Raises:
        UsageError: no scales, one below 1, an unknown ``start``, no series of numbers.

    >>> multi_scale([1.0, 2, 3, 4], {"short": 1, "long": 2}, start="drop")
    array([[2. , 3. , 4. ],
           [1.5, 2.5, 3.5]])
    """
    if not scales:
        raise UsageError("expected scales as name → number of values, found none.")
    found = form(series)
    count, channels, length = found.values.shape
    first = min(length, max(scales.values()) - 1) if start == "drop" else 0
    each: Start = "nan" if start == "drop" else start
    bank = np.empty((count, channels, len(scales), length - first), found.values.dtype)
    for place, horizon in enumerate(scales.values()):
        bank[:, :, place] = moving_average(found.values, horizon, start=each)[..., first:]
    names = tuple(scales)
    return found.restore(bank.reshape(count, -1, length - first), slice(first, length), names)
