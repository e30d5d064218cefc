"""Planes with their padding around them, for every mode."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis
from pellucid.geometry.padding import source


def padded(values: NDArray[Any], vertical: Axis, horizontal: Axis) -> NDArray[Any]:
    """N×C×H×W with the padding of both axes; the input itself where there is none.

    >>> axis = Axis(3, kernel=3, before=1, after=1, mode="reflect")
    >>> padded(np.array([[[[1, 2, 3]]]]), Axis(1, kernel=1), axis)[0, 0]
    array([[2, 1, 2, 3, 2]])
    """
    tall, wide = vertical.padded, horizontal.padded
    if (tall, wide) == values.shape[2:]:
        return values
    made = np.zeros((*values.shape[:2], tall, wide), values.dtype)
    top, left = vertical.before, horizontal.before
    inside = made[:, :, top : top + vertical.length, left : left + horizontal.length]
    inside[...] = values
    columns, cells = _copies(horizontal)
    made[:, :, top : top + vertical.length, columns] = inside[..., cells]
    rows, cells = _copies(vertical)
    made[:, :, rows] = made[:, :, [top + cell for cell in cells]]
    return made


def _copies(axis: Axis) -> tuple[list[int], list[int]]:
    """Places in the padding, and the input cells that they repeat; nothing for zeros."""
    outside = [*range(-axis.before, 0), *range(axis.length, axis.length + axis.after)]
    found = [(place, source(place, axis.length, axis.mode)) for place in outside]
    pairs = [(place + axis.before, cell) for place, cell in found if cell is not None]
    return [place for place, _ in pairs], [cell for _, cell in pairs]
