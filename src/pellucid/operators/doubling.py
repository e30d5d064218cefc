"""Combine windows of any length with about 2·log₂(length) operations a cell."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray


def doubled(
    values: NDArray[Any], length: int, combine: Callable[..., Any], *, axis: int = -1, gap: int = 1
) -> NDArray[Any]:
    """Σ, max or min over each ``length`` cells, ``gap`` apart.

    Windows of 2, 4, 8, … cells are each made of two of half the length; those that the binary
    digits of the length name are put together. Nothing is subtracted, as a running sum does, so
    nothing cancels, and NaN or infinity stays in the windows that hold it.

    Args:
        values: of any shape.
        length: cells of a window.
        combine: an associative function of two arrays, e.g. ``np.add``.
        axis: along which.
        gap: cells from one cell of a window to the next.

    Returns:
        The same shape but n − gap·(length − 1) cells along the axis; for length 1 a view.

    >>> doubled(np.array([1, 2, 3, 4, 5]), 3, np.add)
    array([ 6,  9, 12])
    """
    windows = np.moveaxis(values, axis, 0)
    count = len(windows) - gap * (length - 1)
    width, taken = 1, 0  # cells of the windows at hand, and of the result so far
    total: NDArray[Any] | None = None
    while True:
        if length & width:
            part = windows[taken * gap :][:count]
            total = part if total is None else combine(total, part)
            taken += width
        if 2 * width > length:
            break
        windows = combine(windows[: -width * gap], windows[width * gap :])
        width *= 2
    assert total is not None
    return np.moveaxis(total, 0, axis)
