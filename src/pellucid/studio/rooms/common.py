"""What the rooms with a sliding window share: small planes of a picture, and their numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis
from pellucid.images import Crop, Grid, Pixels
from pellucid.images.colour import rgb_to_gray
from pellucid.images.fit import fit
from pellucid.operators.channels import RGB

#: Sides to which a picture is averaged down, so that single pixels are seen; 0: as it is.
SIDES = {
    side: f"{side} pixels" if side else "the whole picture" for side in (12, 16, 24, 32, 48, 96, 0)
}
#: Planes of a picture that a window may slide over.
PLANES = ("gray", "red", "green", "blue")


def smaller(pixels: Pixels, side: int) -> Pixels:
    """A picture averaged down so that its longer side has so many pixels; 0 leaves it.

    >>> smaller(np.zeros((100, 50, 3), np.uint8), 10).shape
    (10, 5, 3)
    """
    return fit(pixels, side, side) if 0 < side < max(pixels.shape[:2]) else pixels


def small_plane(pixels: Pixels, plane: str, side: int) -> Pixels:
    """One plane of a picture, (H, W) uint8, averaged down as :func:`smaller` does it.

    >>> small_plane(np.full((4, 4, 3), (9, 8, 7), np.uint8), "blue", 2).tolist()
    [[7, 7], [7, 7]]
    """
    small = smaller(pixels, side)
    if small.shape[2] == 1:
        return small[..., 0]
    if plane == "gray":
        return np.asarray(rgb_to_gray(small)[..., 0], np.uint8)
    return np.ascontiguousarray(small[..., RGB[plane]])


def numbers_of(values: NDArray[Any], shown: Pixels, crop: Crop) -> Grid:
    """The numbers of a part of a plane.

    Args:
        values: (H, W).
        shown: (H, W, 3), how they are drawn.
        crop: the part.

    Raises:
        UsageError: the crop reaches beyond it.
    """
    height, width = values.shape
    crop.check(height, width)
    where = np.s_[crop.top : crop.bottom, crop.left : crop.right]
    return Grid(crop, values[where][..., None], shown[where])


def size_formula(axis: Axis) -> str:
    """⌊(n + before + after − span) / s⌋ + 1, with an axis' numbers.

    >>> size_formula(Axis(7, kernel=3, stride=2, before=1, after=1))
    '⌊(7 + 1 + 1 − 3) / 2⌋ + 1 = 4'
    """
    span = f"({axis.dilation}·({axis.kernel} − 1) + 1)" if axis.dilation > 1 else f"{axis.span}"
    inside = f"{axis.length} + {axis.before} + {axis.after} − {span}"
    low, high = "⌈⌉" if axis.ceil else "⌊⌋"
    return f"{low}({inside}) / {axis.stride}{high} + 1 = {axis.output}"
