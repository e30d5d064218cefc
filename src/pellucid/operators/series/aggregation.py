"""A high-frequency series as a lower-frequency one: 1-D pooling, by count or by the calendar."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError, unknown_name
from pellucid.geometry import Axis
from pellucid.operators.pooling import Kind, pool
from pellucid.operators.series.forms import form, is_pandas

#: What stands for a group of values.
How = Literal["last", "first", "mean", "sum", "max", "min"]
#: What becomes of a last group with too few values.
Partial = Literal["keep", "drop"]

_KINDS: dict[str, Kind] = {
    "last": "last",
    "first": "first",
    "mean": "average",
    "sum": "sum",
    "max": "max",
    "min": "min",
}


def aggregate(
    series: Any, every: int | str, how: How = "last", *, partial: Partial = "keep"
) -> Any:
    """One value for every group of a series.

    By count this is pooling with window and stride ``every`` (:func:`pellucid.operators.pooling.
    pool`): for ``mean`` the convolution with ``moving_average_kernel(every, stride=every)``, for
    ``last`` that with a single weight of 1. A NaN makes the mean, sum, maximum and minimum of its
    group NaN, and is the last or first value where it stands there.

    By the calendar it is pandas' ``resample(every)``, groups and labels and all: missing values
    are passed over, a period without values gives NaN (0 as a sum).

    Args:
        series: T, C×T or N×C×T as an array or tensor, or a pandas Series.
        every: values in a group; or, for a pandas Series with dates, a rule such as ``D``, ``W``
            or ``ME`` (month's end).
        how: ``last``, ``first``, ``mean``, ``sum``, ``max`` or ``min``.
        partial: a last group with fewer values is kept or dropped. (By the calendar it is kept.)

    Returns:
        The form that was given; of a pandas Series, each group by count is labelled by its last
        value's label. Mean and sum are float32 from float32, else float64; the others keep the
        dtype.

    Raises:
        UsageError: an unknown ``how``, ``partial`` or rule, a group of less than one value, a
            rule for a series without dates, a series with less than one group.

    >>> aggregate([1.0, 2, 3, 4, 5], 2, "mean")
    array([1.5, 3.5, 5. ])
    >>> aggregate([1.0, 2, 3, 4, 5], 2, "last", partial="drop")
    array([2., 4.])
    """
    if how not in _KINDS:
        raise unknown_name("how", how, _KINDS)
    if partial not in get_args(Partial):
        raise unknown_name("partial", partial, get_args(Partial))
    if isinstance(every, str):
        return _by_calendar(series, every, how, partial)
    found = form(series, floats=how in ("mean", "sum"))
    ends = group_ends(found.values.shape[2], every, partial)
    result = pool(found.values, _KINDS[how], every, ceil=partial == "keep", axes=1)
    return found.restore(result, ends)


def group_ends(length: int, every: int, partial: Partial = "keep") -> NDArray[np.intp]:
    """Where the last value of each group is.

    >>> group_ends(5, 2), group_ends(5, 2, "drop")
    (array([1, 3, 4]), array([1, 3]))
    """
    groups = Axis(length, every, every, ceil=partial == "keep").output
    ends: NDArray[np.intp] = np.minimum((np.arange(groups) + 1) * every, length) - 1
    return ends


def _by_calendar(series: Any, rule: str, how: str, partial: str) -> Any:
    if partial != "keep":
        raise UsageError("expected partial='keep' with a calendar rule, found 'drop'.")
    if not is_pandas(series):
        raise UsageError(
            f"expected a pandas Series with dates for the rule {rule!r}, found "
            f"{type(series).__name__}: give a number of values instead."
        )
    from pandas import DatetimeIndex

    if not isinstance(series.index, DatetimeIndex):
        raise UsageError(
            f"expected a Series with a DatetimeIndex for the rule {rule!r}, found "
            f"{type(series.index).__name__}: convert the index with pandas.to_datetime."
        )
    try:
        groups = series.resample(rule)
    except ValueError as error:
        raise UsageError(
            f"expected a calendar rule of pandas such as 'D', 'W' or 'ME', found {rule!r}."
        ) from error
    return groups.agg(how)
