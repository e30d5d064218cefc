"""HSV and HSL: hue, saturation, and value or lightness (Smith 1978, Color gamut transform pairs).

With M, m and c = M − m the largest, the smallest and the difference of R, G, B from 0 to 1::

    H = 60°·(G − B)/c  (mod 360°)  where M = R
        60°·(B − R)/c + 120°       where M = G
        60°·(R − G)/c + 240°       where M = B
    HSV: S = c/M,  V = M        HSL: S = c/(1 − |2L − 1|),  L = (M + m)/2

H is 0 where c = 0: grays have no hue. S is 0 there as well.
"""

from typing import Any

import numpy as np

from pellucid.images.check import Image
from pellucid.images.colour.values import Floats, as_image, model_values, rgb

#: OpenCV adds 1.2e-7 to its divisors; against numbers of this size that is nothing. A power of
#: two, so that nothing is rounded; hue and saturation do not depend on it.
_LIFT = np.float32(2.0**119)
_ANY = (-np.inf, np.inf)
_UNIT = (0.0, 1.0)


def rgb_to_hsv(image: Any) -> Floats:
    """RGB to hue, saturation and value.

    Args:
        image: H×W×3 (or one gray channel), uint8 or floats from 0 to 1.

    Returns:
        (H, W, 3) float32: H in degrees, 0 ≤ H < 360; S and V from 0 to 1.

    Raises:
        UsageError: no such image.

    >>> rgb_to_hsv(np.array([[[255, 0, 0], [0, 51, 0], [7, 7, 7]]], np.uint8)).round(3).tolist()[0]
    [[0.0, 1.0, 1.0], [120.0, 1.0, 0.20000000298023224], [0.0, 0.0, 0.027000000700354576]]
    """
    return _hsv(rgb(image))


def hsv_to_rgb(values: Any, *, dtype: Any = np.float32) -> Image:
    """Hue, saturation and value to RGB.

    Args:
        values: H×W×3: H in degrees, any number, taken modulo 360; S and V from 0 to 1.
        dtype: ``uint8`` (rounded to nearest), ``float32`` or ``float64``.

    Returns:
        (H, W, 3) uint8, or floats from 0 to 1. RGB → HSV → RGB gives every uint8 colour back
        exactly, and floats within 1e-6.

    Raises:
        UsageError: no such values.

    >>> hsv_to_rgb([[[120, 1, 1], [-120, 1, 1]]], dtype=np.uint8).tolist()
    [[[0, 255, 0], [0, 0, 255]]]
    """
    bounds = {"hue": _ANY, "saturation": _UNIT, "value": _UNIT}
    return as_image(_converted(_turned(values, "HSV", bounds), "HSV2RGB"), dtype)


def rgb_to_hsl(image: Any) -> Floats:
    """RGB to hue, saturation and lightness.

    Args:
        image: H×W×3 (or one gray channel), uint8 or floats from 0 to 1.

    Returns:
        (H, W, 3) float32: H in degrees, 0 ≤ H < 360; S and L from 0 to 1.

    Raises:
        UsageError: no such image.

    >>> rgb_to_hsl([[[1.0, 0.5, 0.5]]]).tolist()
    [[[0.0, 1.0, 0.75]]]
    """
    import cv2  # not needed to read an image

    pixels = rgb(image)
    hue = cv2.extractChannel(_hsv(pixels), 0)
    top = np.float32(255 if pixels.dtype == np.uint8 else 1)  # whole numbers stay exact
    red, green, blue = cv2.split(pixels.astype(np.float32, copy=False))
    most = cv2.max(cv2.max(red, green), blue)
    least = cv2.min(cv2.min(red, green), blue)
    # 1 − |2L − 1| is M + m or 2 − M − m, whichever is less; so written it cancels nothing.
    room = cv2.min(most + least, (top - most) + (top - least))
    saturation = np.divide(most - least, room, out=np.zeros_like(room), where=room > 0)
    return np.asarray(cv2.merge([hue, saturation, (most + least) / (2 * top)]))


def hsl_to_rgb(values: Any, *, dtype: Any = np.float32) -> Image:
    """Hue, saturation and lightness to RGB.

    Args:
        values: H×W×3: H in degrees, any number, taken modulo 360; S and L from 0 to 1.
        dtype: ``uint8`` (rounded to nearest), ``float32`` or ``float64``.

    Returns:
        (H, W, 3) uint8, or floats from 0 to 1. RGB → HSL → RGB gives every uint8 colour back
        exactly, and floats within 1e-6.

    Raises:
        UsageError: no such values.

    >>> hsl_to_rgb([[[0, 1, 0.5], [480, 1, 0.5]]], dtype=np.uint8).tolist()
    [[[255, 0, 0], [0, 255, 0]]]
    """
    bounds = {"hue": _ANY, "saturation": _UNIT, "lightness": _UNIT}
    turned = _turned(values, "HSL", bounds)
    swapped = np.ascontiguousarray(turned[..., (0, 2, 1)])  # OpenCV's order is H, L, S
    return as_image(_converted(swapped, "HLS2RGB"), dtype)


def _hsv(pixels: Image) -> Floats:
    top = np.float32(255 if pixels.dtype == np.uint8 else 1)
    values = _converted(pixels.astype(np.float32, copy=False) * _LIFT, "RGB2HSV")
    values[..., 2] /= _LIFT * top
    hue = values[..., 0]
    hue[hue >= 360] = 0  # a hair below 0, and so 360 once rounded
    return values


def _turned(values: Any, model: str, bounds: dict[str, tuple[float, float]]) -> Floats:
    """Checked values, the hue from 0 to 360 degrees."""
    floats = model_values(values, model, bounds)
    hue = floats[..., 0]
    if hue.min() < 0 or hue.max() >= 360:
        floats = floats.copy()
        floats[..., 0] = np.mod(hue, 360)
    return floats


def _converted(values: Floats, way: str) -> Floats:
    import cv2  # not needed to read an image

    return np.asarray(cv2.cvtColor(values, getattr(cv2, f"COLOR_{way}")), np.float32)
