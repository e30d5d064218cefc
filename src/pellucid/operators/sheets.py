"""Planes in the form that OpenCV takes: H×W×c arrays of uint8, float32 or float64, pixels whole."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Channels of one array that OpenCV filters together.
_MOST = 4


def sheets(values: NDArray[Any]) -> list[NDArray[Any]]:
    """N×C×H×W as H×W×c sheets: one an image where its channels lie side by side, else one a plane.

    They are views wherever OpenCV can read the memory as it lies.

    >>> image = np.zeros((4, 5, 3), np.uint8)
    >>> [each.shape for each in sheets(np.moveaxis(image, 2, 0)[None])]
    [(4, 5, 3)]
    >>> [each.shape for each in sheets(np.zeros((2, 3, 4, 5), np.uint8))]
    [(4, 5, 1), (4, 5, 1), (4, 5, 1), (4, 5, 1), (4, 5, 1), (4, 5, 1)]
    """
    if _side_by_side(values):
        return [_readable(image) for image in np.moveaxis(values, 1, 3)]
    return [_readable(plane[..., None]) for image in values for plane in image]


def planes_of(made: Sequence[NDArray[Any]], images: int) -> NDArray[Any]:
    """The results of all sheets as N×C×H×W again; one image is not copied."""
    if len(made) == 1:
        return np.moveaxis(made[0], 2, 0)[None]
    if len(made) == images:
        return np.moveaxis(np.stack(made), 3, 1)
    whole = np.stack([sheet[..., 0] for sheet in made])
    return whole.reshape(images, -1, *whole.shape[1:])


def _side_by_side(values: NDArray[Any]) -> bool:
    channels, step = values.shape[1], values.strides[1]
    return 1 < channels <= _MOST and abs(step) <= min(
        abs(values.strides[3]), abs(values.strides[2])
    )


def _readable(sheet: NDArray[Any]) -> NDArray[Any]:
    """A sheet whose pixels and rows lie one after another, each row whole."""
    size = sheet.itemsize
    wanted = (sheet.shape[2] * size, size)
    whole = sheet.strides[1:] == wanted and sheet.strides[0] >= sheet.shape[1] * wanted[0]
    return sheet if whole else np.ascontiguousarray(sheet)
