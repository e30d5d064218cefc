"""Drawing an area on a picture: what is seen stays as it is and is outlined, the rest is dimmed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.explain.sight.links import Mask
from pellucid.images.fit import fit
from pellucid.images.raw import Pixels

#: The line around an area: seen on photographs, and by people with any colour vision.
LINE = (255, 140, 0)
#: How much of the picture's colours is left outside of the area, and how light the rest is.
_KEPT, _VEIL = 0.3, 90.0


def highlighted(picture: Pixels, mask: Mask, side: int = 960) -> Pixels:
    """A picture with an area of it outlined, and the rest dimmed.

    Args:
        picture: (H, W, 3) uint8.
        mask: (H, W) bool.
        side: the picture is fitted into so many pixels a side, small ones by whole factors.

    Returns:
        (H', W', 3) uint8.
    """
    drawn = fit(picture, side, side)
    inside = fitted_mask(mask, drawn.shape[0], drawn.shape[1])
    gray = drawn.mean(axis=2, keepdims=True)
    dimmed = _KEPT * (0.5 * drawn + 0.5 * gray) + (1 - _KEPT) * _VEIL
    result: Pixels = np.where(inside[..., None], drawn, dimmed).astype(np.uint8)
    result[outline(inside, max(1, side // 320))] = LINE
    return result


def fitted_mask(mask: Mask, height: int, width: int) -> Mask:
    """A mask at a picture's size on the screen; of a smaller one, true where any of it is."""
    rows, columns = (
        _places(length, wanted)
        for length, wanted in ((mask.shape[0], height), (mask.shape[1], width))
    )
    if height >= mask.shape[0]:
        found: Mask = mask[np.ix_(rows, columns)]
        return found
    starts = np.logical_or.reduceat(np.logical_or.reduceat(mask, rows, axis=0), columns, axis=1)
    return np.asarray(starts, np.bool_)


def _places(length: int, wanted: int) -> NDArray[np.int64]:
    """For each place on the screen the first cell that it shows."""
    return np.arange(wanted) * length // wanted


def outline(mask: Mask, thickness: int) -> Mask:
    """The cells of a mask that lie at its border (the picture's edge is one), or near it."""
    inner = np.pad(mask, thickness)
    for _ in range(thickness):
        inner[1:-1, 1:-1] &= inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    inside = inner[thickness:-thickness, thickness:-thickness]
    found: Mask = mask & ~inside
    return found


def as_picture(values: NDArray[Any]) -> Pixels:
    """Any (C, H, W) as a picture (H, W, 3): its least value black, its largest white.

    Of 1 channel gray, of 3 in colour, of others their mean.
    """
    planes = np.asarray(values, np.float64)
    if len(planes) not in (1, 3):
        planes = planes.mean(axis=0, keepdims=True)
    low, high = float(planes.min()), float(planes.max())
    shades = np.rint((planes - low) / (high - low or 1.0) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(np.broadcast_to(shades, (3, *shades.shape[1:])), 0, 2))
