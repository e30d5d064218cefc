"""The arithmetic of one value of an operator on series: a kernel's, or the EMA's."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isnan, nan
from typing import Any

import numpy as np

from pellucid.errors import unknown_name
from pellucid.geometry.padding import source
from pellucid.operators.arithmetic.place import Place, place_of
from pellucid.operators.arithmetic.result import Arithmetic, Role, Term
from pellucid.operators.series.ema import INITIALS, Initial, smoothing
from pellucid.operators.series.forms import form
from pellucid.operators.series.kernel import SeriesKernel
from pellucid.operators.series.sliding import STARTS, Start

Values = np.ndarray[Any, Any]

#: How the geometry calls what stands beyond the ends.
_MODES = {"zero": "zeros", "first": "replicate"}


def explain_series(
    series: Any, kernel: SeriesKernel, at: int | Sequence[int], *, start: Start = "nan"
) -> Arithmetic:
    """How one value of :func:`pellucid.operators.series.apply` comes about, newest value first.

    y_j = Σ_i w_i·x_{e − i} with e = (j + 1)·stride − 1 + ahead. The ``tap`` of a term is (0, i).

    Args:
        series: as the operator takes it.
        kernel: of any operator on series: an average, a difference, MIDAS weights.
        at: the result's index j, or (c, j) where there are channels, (n, c, j) in a batch.
        start: as the operator has it.

    Raises:
        UsageError: what the operator refuses, and a result that does not exist.

    >>> from pellucid.operators.series import difference_kernel, moving_average_kernel
    >>> explain_series([2.0, 4, 9], moving_average_kernel(2), 2).total
    6.5
    >>> explain_series([2.0, 4, 9], difference_kernel(1), 1).formula
    '4·1 + 2·(-1) = 2'
    """
    if start not in STARTS:
        raise unknown_name("start", start, STARTS)
    values = form(series).values
    length, taps, step = values.shape[2], len(kernel.weights), kernel.stride
    first, stop = 0, length // step
    if start == "drop":
        first = max(0, -(-(taps - kernel.ahead) // step) - 1)
        stop = max(first, min(stop, (length - kernel.ahead) // step))
    place = place_of(at, (*values.shape[:2], stop - first))
    end = (first + place.spot[0] + 1) * step - 1 + kernel.ahead
    row = values[place.sample, place.channel]
    terms = tuple(
        Term(at, (0, lag), value, float(weight), value * float(weight), role)
        for lag, weight in enumerate(kernel.weights)
        for at, value, role in (_read(row, place, end - lag, start),)
    )
    return Arithmetic(kernel.name, place.at, place.names, terms)


def explain_ema(
    series: Any,
    alpha: float,
    at: int | Sequence[int],
    *,
    initial: Initial = "zero",
) -> Arithmetic:
    """How one value of :func:`pellucid.operators.series.ema` comes about, newest value first.

    s_t = α·Σ_i (1 − α)^i·x_{t−i}; with ``first`` the oldest value weighs (1 − α)^t. A missing
    value weighs nothing and is ``left``; the weights of those before it are what the operator's
    rule for gaps makes of them. Values whose weight is 0 in float64, so long ago are they, have
    no term.

    Args:
        series: as the operator takes it.
        alpha: weight of the present value; ``smoothing`` makes it of span, halflife or com.
        at: the time t, or (c, t) where there are channels, (n, c, t) in a batch.
        initial: ``zero`` or ``first``.

    Raises:
        UsageError: what the operator refuses, and a time that does not exist.

    >>> print(explain_ema([8.0, 0, 4], 0.5, 2))
    EMA, α 0.5 at c 0, t 2
    c  t  tap  value  weight  product
    0  2  0 0      4     0.5        2
    0  1  0 1      0    0.25        0
    0  0  0 2      8   0.125        1
    3 terms, all shown; 2 make 90% of what they add
    4·0.5 + 0·0.25 + 8·0.125 = 3
    """
    if initial not in INITIALS:
        raise unknown_name("initial", initial, INITIALS)
    rate = smoothing(alpha)
    values = form(series).values
    place = place_of(at, values.shape)
    row, end = values[place.sample, place.channel], place.spot[0]
    terms = tuple(
        _ema_term(place, end - time, time, float(row[time]), weight)
        for time, weight in _ema_weights(row[: end + 1], rate, initial)
    )
    # Before the first value there is no average that starts as it.
    empty = initial == "first" and all(isnan(term.value) for term in terms)
    return Arithmetic(f"EMA, α {rate:g}", place.at, place.names, terms, nan if empty else 0.0)


def _read(
    row: Values, place: Place, time: int, start: Start
) -> tuple[tuple[int, ...] | None, float, Role]:
    """What a series holds at a time, beyond its ends too."""
    inside = 0 <= time < len(row)
    if not inside and start not in _MODES:
        return None, nan, "padding"
    cell = source(time, len(row), _MODES.get(start, "zeros"))
    if cell is None:
        return None, 0.0, "padding"
    return place.cell(place.channel, (cell,)), float(row[cell]), "cell" if inside else "copy"


def _ema_term(place: Place, lag: int, time: int, value: float, weight: float) -> Term:
    at = place.cell(place.channel, (time,))
    if isnan(value):
        return Term(at, (0, lag), value, 0.0, 0.0, "left")
    return Term(at, (0, lag), value, weight, value * weight, "cell")


def _ema_weights(row: Values, rate: float, initial: Initial) -> Iterator[tuple[int, float]]:
    """Each time and its weight, from the last value back until nothing is left.

    A value g steps after the one before it (or after the start) comes in with α / (w + α) and
    leaves w / (w + α) to all before it, w = (1 − α)^g. Without gaps these are α and 1 − α.
    """
    there = np.flatnonzero(~np.isnan(row)).tolist()
    before = {time: earlier for earlier, time in pairwise([-1, *there])}
    rest = 1.0
    for time in range(len(row) - 1, -1, -1):
        if time not in before:
            yield time, 0.0
            continue
        aged = (1 - rate) ** (time - before[time])
        if initial == "first" and before[time] < 0:
            yield time, rest
            rest = 0.0
        else:
            yield time, rest * (rate / (aged + rate))
            rest *= aged / (aged + rate)
        if not rest:
            return
