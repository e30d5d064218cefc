"""The number of every window, fast: few passes over strided views, axis by axis."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis, Window
from pellucid.operators.doubling import doubled
from pellucid.operators.pooling_cells import end_cells, reach

#: Kinds that add cells up.
SUMS = ("average", "sum", "l2")
#: More cells of float32 than this are added up in float64.
MANY = 1024

Values = NDArray[Any]


def reduce(values: Values, kind: str, place: Window) -> Values:
    """Every window's number; of an average the sum.

    Args:
        values: N×C×H×W or N×C×T.
        kind: one of :data:`pellucid.operators.pooling.KINDS`.
        place: the window; each holds at least one cell.

    Returns:
        N×C×H'×W' or N×C×T'; sums in a type that holds those of integers exactly, up to 2⁵³.
    """
    if kind in SUMS:
        cells = int(np.prod(place.kernel_shape))
        wide = values.astype(_sum_dtype(values.dtype, cells, kind == "l2"), copy=False)
        if kind != "l2":
            return _slide(wide, np.add, 0, place)
        squares = _slide(wide * wide, np.add, 0, place)
        return np.asarray(np.sqrt(squares, dtype=wide.dtype if values.dtype.kind == "f" else float))
    if kind in ("last", "first"):
        rows, *columns = (end_cells(axis, kind) for axis in place.axes)
        taken = values.take(rows, 2)
        return taken.take(columns[0], 3) if columns else taken
    low, high = _limits(values.dtype)
    if kind == "max":
        return _slide(values, np.maximum, low, place)
    return _slide(values, np.minimum, high, place)


def _slide(values: Values, combine: Callable[..., Any], start: Any, place: Window) -> Values:
    """Combine the cells of every window, axis by axis: kh + kw passes, not kh·kw."""
    for number, axis in enumerate(place.axes, start=2):
        if axis.output == 1:
            values = _whole(values, combine, number, axis)
        elif 2 * axis.kernel.bit_length() * axis.stride < axis.kernel:
            values = _long(values, combine, start, number, axis)
        else:
            values = _taps(values, combine, start, number, axis)
    return values


def _whole(values: Values, combine: Any, number: int, axis: Axis) -> Values:
    """A single window."""
    first, last = (int(end_cells(axis, kind)[0]) for kind in ("first", "last"))
    cells = (slice(None),) * number + (slice(first, last + 1, axis.dilation),)
    return np.asarray(combine.reduce(values[cells], axis=number, keepdims=True))


def _long(values: Values, combine: Any, start: Any, number: int, axis: Axis) -> Values:
    """A long window with a short stride: all places by doubling, then every stride-th."""
    lead = (slice(None),) * number
    end = axis.start(axis.output - 1) + axis.span  # beyond the last cell that is read
    if axis.before == 0 and end <= axis.length:
        fitted = values[(*lead, slice(0, end))]
    else:
        shape = (*values.shape[:number], axis.before + end, *values.shape[number + 1 :])
        fitted = np.full_like(values, start, shape=shape)
        inside = min(end, axis.length)
        fitted[(*lead, slice(axis.before, axis.before + inside))] = values[(*lead, slice(inside))]
    dense = doubled(fitted, axis.kernel, combine, axis=number, gap=axis.dilation)
    return dense[(*lead, slice(None, None, axis.stride))]


def _taps(values: Values, combine: Any, start: Any, number: int, axis: Axis) -> Values:
    """Tap by tap: first those that all windows have, then those that some lack in the padding."""
    lead = (slice(None),) * number
    reached = [reach(axis, tap, 0, axis.length) for tap in range(axis.kernel)]
    every = slice(0, axis.output)
    whole = [values[(*lead, cells)] for outputs, cells in reached if outputs == every]
    partial = [each for each in reached if each[0] != every]
    if len(whole) > 1:
        result: Values = combine(whole[0], whole[1])
    elif whole:
        result = np.copy(whole[0])
    else:
        shape = (*values.shape[:number], axis.output, *values.shape[number + 1 :])
        result = np.full_like(values, start, shape=shape)
    for taps in whole[2:]:
        combine(result, taps, out=result)
    for outputs, cells in partial:
        part = result[(*lead, outputs)]
        combine(part, values[(*lead, cells)], out=part)
    return result


def _limits(dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """What loses to every number as a maximum, and as a minimum."""
    if dtype.kind == "f":
        return -np.inf, np.inf
    return (False, True) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)


def _sum_dtype(dtype: np.dtype[Any], cells: int, squares: bool) -> type[np.generic]:
    """The smallest type that adds so many cells up, of integers exactly (up to 2⁵³)."""
    if dtype.kind == "f":
        return np.float32 if dtype.itemsize <= 4 and cells <= MANY else np.float64
    limits = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    largest = cells * max(map(abs, limits)) ** (2 if squares else 1)
    if limits[0] == 0 and largest < 2**16:
        return np.uint16
    return np.float32 if largest <= 2**24 else np.float64
