"""A series after an operator: lines to draw, and how each of their numbers comes about."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from io import StringIO
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pellucid.data.columns import read_table
from pellucid.errors import DataError
from pellucid.operators import Arithmetic, explain_ema, explain_pooling, explain_series
from pellucid.operators.pooling import Kind
from pellucid.operators.series import (
    aggregate,
    apply,
    beta_kernel,
    ema,
    ema_kernel,
    moving_average,
    moving_average_kernel,
    multi_scale,
    scale_kernels,
)
from pellucid.operators.series.aggregation import How, group_ends
from pellucid.studio.rooms.series.state import SeriesState

Floats = NDArray[np.float64]
#: Values of a series that are drawn, at most.
MOST = 5000
_POOLING: dict[str, Kind] = {"mean": "average"}


@dataclass(frozen=True, eq=False)
class Line:
    """One result.

    Attributes:
        name: of it.
        at: the time of each value, (n,).
        values: (n,); NaN where there is none.
        explain: how value j comes about.
    """

    name: str
    at: NDArray[np.intp]
    values: Floats
    explain: Callable[[int], Arithmetic]


@dataclass(frozen=True, eq=False)
class Analysis:
    """A series and what an operator makes of it.

    Attributes:
        name: of the series.
        values: (T,).
        lines: the results.
        told: what the operator is, in words and numbers.
    """

    name: str
    values: Floats
    lines: tuple[Line, ...]
    told: str

    def nearest(self, time: int) -> list[tuple[Line, int]]:
        """Of each line, the number of the value nearest to a time."""
        return [(line, int(np.abs(line.at - time).argmin())) for line in self.lines if len(line.at)]


def read_series(state: SeriesState) -> tuple[str, Floats]:
    """The name and the values that a state means.

    Raises:
        DataError: the text holds no such column of numbers, or too many values.
        UsageError: several columns hold numbers and none was chosen.
    """
    if not state.data.strip():
        return _bundled()
    return _read("the pasted text", state.data, state.column or None)


@cache
def _bundled() -> tuple[str, Floats]:
    path = files("pellucid.studio") / "pictures" / "prices.csv"
    return _read("prices.csv", path.read_text("utf-8"), "price")


def _read(source: str, text: str, column: str | None) -> tuple[str, Floats]:
    try:
        table = read_table(source, StringIO(text), column)
    except csv.Error as error:
        raise DataError(f"{source} is no CSV: {error}.") from error
    if len(table.values) > MOST:
        raise DataError(
            f"expected at most {MOST:,} values to be drawn, found {len(table.values):,}: "
            "'pellucid series' takes any number."
        )
    return table.name, table.values


def analyse(name: str, values: Floats, state: SeriesState) -> Analysis:
    """The operator of a state, applied.

    Raises:
        UsageError: there are too few values for it.
    """
    make = {
        "ema": _ema, "average": _average, "scales": _scales, "aggregate": _aggregate,
        "midas": _midas,
    }[state.operator]  # fmt: skip
    lines, told = make(values, state)
    return Analysis(name, values, tuple(lines), told)


def _ema(values: Floats, state: SeriesState) -> tuple[list[Line], str]:
    made = ema(values, state.alpha, initial="first")
    kernel = ema_kernel(state.alpha, error=0.01)
    explain = partial(explain_ema, values, state.alpha, initial="first")
    told = (
        f"s_t = α·x_t + (1 − α)·s_(t−1), α = {state.alpha:g}: a convolution whose weights shrink "
        f"by {1 - state.alpha:.2g} a step. Cut off after {len(kernel.weights)} weights it leaves "
        f"out {kernel.left_out:.1%}."
    )
    return [Line("EMA", np.arange(len(values)), made, explain)], told


def _average(values: Floats, state: SeriesState) -> tuple[list[Line], str]:
    kernel = moving_average_kernel(state.length)
    made = moving_average(values, state.length)
    line = Line(kernel.name, np.arange(len(values)), made, partial(explain_series, values, kernel))
    return [line], f"A convolution with {state.length} weights of 1/{state.length}."


def _scales(values: Floats, state: SeriesState) -> tuple[list[Line], str]:
    bank = multi_scale(values)
    lines = [
        Line(name, np.arange(len(values)), made, partial(explain_series, values, kernel))
        for made, (name, kernel) in zip(bank, scale_kernels().items(), strict=True)
    ]
    lengths = ", ".join(f"{len(kernel.weights)}" for kernel in scale_kernels().values())
    told = (
        f"Three kernels of {lengths} values over one series: the heterogeneous autoregressive "
        "model's day, week and month, as an Inception module has kernels of several sizes."
    )
    return lines, told


def _aggregate(values: Floats, state: SeriesState) -> tuple[list[Line], str]:
    made = aggregate(values, state.every, cast(How, state.how))
    kind = _POOLING.get(state.how, cast(Kind, state.how))
    explain = partial(_explain_group, values, kind, state.every)
    line = Line(
        f"{state.how} of {state.every}", group_ends(len(values), state.every), made, explain
    )
    return [line], f"Pooling along time: window and stride {state.every}, no parameters."


def _explain_group(values: Floats, kind: Kind, every: int, place: int) -> Arithmetic:
    return explain_pooling(values, kind, every, place, ceil=True, axes=1)


def _midas(values: Floats, state: SeriesState) -> tuple[list[Line], str]:
    kernel = beta_kernel(state.lags, state.theta1, state.theta2, stride=state.every)
    made = apply(values, kernel)
    at = (np.arange(len(made)) + 1) * state.every - 1
    told = (
        f"{state.lags} weights from two numbers, θ1 = {state.theta1:g} and θ2 = {state.theta2:g}; "
        f"one result every {state.every} values: a convolution with stride {state.every}."
    )
    return [Line(kernel.name, at, made, partial(explain_series, values, kernel))], told
