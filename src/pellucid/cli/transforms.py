"""The columns that ``pellucid series`` makes, and the kernel of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError, unknown_name
from pellucid.operators import series
from pellucid.operators.series import SeriesKernel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Wishes:
    """The command's options, under their names there."""

    ema: tuple[float, ...] = ()
    initial: Literal["zero", "first"] = "zero"
    ma: tuple[int, ...] = ()
    centred: bool = False
    diff: tuple[str, ...] = ()
    har: bool = False
    midas: tuple[str, ...] = ()
    lags: int = 22
    aggregate: int | None = None
    how: Literal["last", "first", "mean", "sum", "max", "min"] = "last"
    partial: Literal["keep", "drop"] = "keep"
    start: Literal["nan", "zero", "first"] = "nan"


@dataclass(frozen=True)
class Step:
    """One new column.

    Attributes:
        label: the end of its name, e.g. ``ema_0.2``.
        kernel: the convolution that it is.
        run: the function from the series to it.
        fast: whether it is made of the series as read, not as aggregated.
    """

    label: str
    kernel: SeriesKernel
    run: Callable[[Floats], Floats]
    fast: bool = False


@dataclass(frozen=True)
class Column:
    """A new column: its name, the kernel (None for an aggregate that is none) and its values."""

    name: str
    what: str
    kernel: SeriesKernel | None
    values: Floats


def steps(wishes: Wishes) -> list[Step]:
    """What is to be computed, with every argument checked.

    Raises:
        UsageError: nothing is asked for, or an argument is wrong.
    """
    found = [*_smoothers(wishes), *_differences(wishes), *_mixed(wishes)]
    if not found and wishes.aggregate is None:
        raise UsageError(
            "expected something to compute: add --ema, --ma, --diff, --har, --midas or --aggregate."
        )
    return found


def transform(values: Floats, name: str, wishes: Wishes, todo: list[Step]) -> list[Column]:
    """The new columns.

    Args:
        values: the series, (T,).
        name: its column's name.
        wishes: how it is aggregated first, if at all.
        todo: from :func:`steps`.

    Returns:
        Columns of T values each, or of one value a group where the series is aggregated.
    """
    columns = []
    base, slow = name, values
    ends = kept_rows(len(values), wishes)
    if wishes.aggregate is not None:
        slow = series.aggregate(values, wishes.aggregate, wishes.how, partial=wishes.partial)
        base = f"{name}_{wishes.how}_{wishes.aggregate}"
        what = f"{wishes.how} of every {wishes.aggregate}"
        columns.append(Column(base, what, None, slow))
    for step in todo:
        made = step.run(values if step.fast else slow)
        if step.fast and ends is not None:
            made = made[ends]
        label = f"{name if step.fast else base}_{step.label}"
        columns.append(Column(label, step.kernel.name, step.kernel, made))
    return columns


def kept_rows(length: int, wishes: Wishes) -> NDArray[np.bool_] | None:
    """The rows that stand for a group, the last of each, as (T,) bool; None: all rows."""
    if wishes.aggregate is None:
        return None
    kept = np.zeros(length, np.bool_)
    kept[series.group_ends(length, wishes.aggregate, wishes.partial)] = True
    return kept


def _smoothers(wishes: Wishes) -> Iterator[Step]:
    for alpha in wishes.ema:
        run = partial(series.ema, alpha=alpha, initial=wishes.initial)
        yield Step(f"ema_{alpha:g}", series.ema_kernel(alpha), run)
    for length in wishes.ma:
        kernel = series.moving_average_kernel(length, centred=wishes.centred)
        run = partial(
            series.moving_average, length=length, centred=wishes.centred, start=wishes.start
        )
        yield Step(f"ma_{length}", kernel, run)
    for label, length in series.HAR.items() if wishes.har else ():
        run = partial(series.moving_average, length=length, start=wishes.start)
        yield Step(label, series.moving_average_kernel(length), run)


def _differences(wishes: Wishes) -> Iterator[Step]:
    for text in wishes.diff:
        order, _, lag = text.partition(":")
        if not (order.isdecimal() and (lag or "1").isdecimal()):
            raise UsageError(f"expected --diff as ORDER or ORDER:LAG, e.g. 1:12, found {text!r}.")
        each = {"order": int(order), "lag": int(lag or 1)}
        run = partial(series.difference, **each, start=wishes.start)
        yield Step(f"diff_{text.replace(':', '_')}", series.difference_kernel(**each), run)


def _mixed(wishes: Wishes) -> Iterator[Step]:
    curves = {"almon": series.almon_kernel, "beta": series.beta_kernel}
    for text in wishes.midas:
        curve, _, numbers = text.partition(":")
        if curve not in curves:
            raise unknown_name("MIDAS curve", curve, curves)
        kernel = curves[curve](wishes.lags, *_two(text, numbers))
        run = partial(series.apply, kernel=kernel, start=wishes.start)
        label = f"midas_{curve}_{numbers.replace(',', '_')}"
        yield Step(label, kernel, run, fast=True)


def _two(text: str, numbers: str) -> tuple[float, float]:
    """θ1 and θ2."""
    try:
        first, second = map(float, numbers.split(","))
    except ValueError:
        first = second = np.nan
    if not (isfinite(first) and isfinite(second)):
        raise UsageError(f"expected --midas as CURVE:θ1,θ2, e.g. beta:1,5, found {text!r}.")
    return first, second
