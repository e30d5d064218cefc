"""Which cells the windows of pooling hold, as slices and index arrays: no loop over windows."""

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis


def reach(axis: Axis, tap: int, low: int, high: int) -> tuple[slice, slice]:
    """The outputs whose k-th tap lies on a position in [low, high), and these positions."""
    shift = tap * axis.dilation - axis.before  # output i reads i·stride + shift
    first = max(0, -((shift - low) // axis.stride))
    count = max(0, min(axis.output - 1, (high - 1 - shift) // axis.stride) + 1 - first)
    start = first * axis.stride + shift
    stop = start + (count - 1) * axis.stride + 1 if count else start
    return slice(first, first + count), slice(start, stop, axis.stride)


def cells_in(axis: Axis, padding: bool = False) -> NDArray[np.int64]:
    """How many cells of the input each window holds, (T',); ``padding``: padding cells too."""
    low, high = (-axis.before, axis.length + axis.after) if padding else (0, axis.length)
    counts = np.zeros(axis.output, np.int64)
    for tap in range(axis.kernel):
        counts[reach(axis, tap, low, high)[0]] += 1
    return counts


def end_cells(axis: Axis, kind: str) -> NDArray[np.intp]:
    """The ``last`` or the ``first`` cell of the input that each window holds, (T',)."""
    starts = np.arange(axis.output) * axis.stride - axis.before
    if kind == "last":
        taps = np.minimum(axis.kernel - 1, (axis.length - 1 - starts) // axis.dilation)
    else:
        taps = np.maximum(0, -(starts // axis.dilation))
    cells: NDArray[np.intp] = starts + taps * axis.dilation
    return cells


def nearest_window(axis: Axis) -> NDArray[np.intp]:
    """For each input cell the window whose centre is nearest, (n,); of two the later."""
    twice = 2 * (np.arange(axis.length) + axis.before) - (axis.span - 1)  # from the first centre
    nearest: NDArray[np.intp] = (twice + axis.stride) // (2 * axis.stride)
    return nearest.clip(0, axis.output - 1)
