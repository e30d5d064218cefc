"""What stands at each place of a padded axis, and planes with their padding around them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis
from pellucid.geometry.padding import source


def cells(axis: Axis) -> NDArray[np.intp]:
    """The input cell at each place of the padded axis; -1 for zeros.

    >>> cells(Axis(3, kernel=3, before=2, after=1, mode="reflect"))
    array([2, 1, 0, 1, 2, 1])
    >>> cells(Axis(3, kernel=3, before=1, after=0))
    array([-1,  0,  1,  2])
    """
    found = np.arange(-axis.before, axis.length + axis.after)
    for place in (*range(-axis.before, 0), *range(axis.length, axis.length + axis.after)):
        cell = source(place, axis.length, axis.mode)
        found[place + axis.before] = -1 if cell is None else cell
    return found


def padded(values: NDArray[Any], vertical: Axis, horizontal: Axis) -> NDArray[Any]:
    """N×C×H×W with the padding of both axes, in the same order in memory; itself if it has none.

    >>> axis = Axis(3, kernel=3, before=1, after=1, mode="reflect")
    >>> padded(np.array([[[[1, 2, 3]]]]), Axis(1, kernel=1), axis)[0, 0]
    array([[2, 1, 2, 3, 2]])
    """
    size = vertical.padded, horizontal.padded
    if size == values.shape[2:]:
        return values
    order = np.argsort([-abs(step) for step in values.strides], kind="stable")
    shape = (*values.shape[:2], *size)
    made = np.zeros([shape[each] for each in order], values.dtype).transpose(np.argsort(order))
    top, left = vertical.before, horizontal.before
    inside = made[:, :, top : top + vertical.length, left : left + horizontal.length]
    inside[...] = values
    places, copied = _copies(horizontal)
    made[:, :, top : top + vertical.length, places] = inside[..., copied]
    places, copied = _copies(vertical)
    made[:, :, places] = made[:, :, copied + top]
    return made


def _copies(axis: Axis) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places in the padding, and the input cells that they repeat; nothing for zeros."""
    found = cells(axis)
    outside = np.ones(found.shape, bool)
    outside[axis.before : axis.before + axis.length] = False
    places = np.flatnonzero(outside & (found >= 0))
    return places, found[places]
