"""CIE L*a*b* of sRGB colours under D65 (CIE 15:2004, section 8.2.1).

Stored values become light by the sRGB transfer function, then XYZ by the matrix that the
chromaticities of sRGB's primaries and white give (IEC 61966-2-1). With X, Y, Z over those of
white::

    f(t) = t^(1/3) where t > (6/29)^3, else t/(3·(6/29)^2) + 4/29
    L = 116·f(Y) − 16,  a = 500·(f(X) − f(Y)),  b = 200·(f(Y) − f(Z))
"""

from typing import Any

import numpy as np

from pellucid.images.check import Image
from pellucid.images.colour.srgb import encoded, linear, xyz_matrix
from pellucid.images.colour.values import Floats, as_image, mixed, model_values, rgb

_DELTA = np.float32(6 / 29)
_SLOPE = np.float32(3 * (6 / 29) ** 2)
_FOOT = np.float32(4 / 29)
_AXES = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float64)
_SHIFT = np.array([[-16], [0], [0]], np.float64)
_TO_XYZ = xyz_matrix() / xyz_matrix().sum(axis=1, keepdims=True)  # over white's XYZ
_FROM_XYZ = np.linalg.inv(_TO_XYZ)


def rgb_to_lab(image: Any) -> Floats:
    """sRGB to CIE L*a*b*, D65.

    Args:
        image: H×W×3 (or one gray channel), uint8 or floats from 0 to 1.

    Returns:
        (H, W, 3) float32: L from 0 to 100; a from green (−86.2) to red (98.2), b from blue
        (−107.9) to yellow (94.5). Within 1e-3 of the formula in float64.

    Raises:
        UsageError: no such image.

    >>> rgb_to_lab([[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]]).round(1).tolist()
    [[[53.20000076293945, 80.0999984741211, 67.19999694824219], [100.0, 0.0, 0.0]]]
    """
    light = mixed(linear(rgb(image)), _TO_XYZ)
    roots = np.where(light > _DELTA**3, np.cbrt(light), light / _SLOPE + _FOOT)
    lab = mixed(roots, np.hstack([_AXES, _SHIFT]))
    np.clip(lab[..., 0], 0, 100, out=lab[..., 0])  # black may come out a rounding error below 0
    return lab


def lab_to_rgb(values: Any, *, dtype: Any = np.float32) -> Image:
    """CIE L*a*b*, D65, to sRGB.

    Args:
        values: H×W×3: L from 0 to 100, a and b from −128 to 128.
        dtype: ``uint8`` (rounded to nearest), ``float32`` or ``float64``.

    Returns:
        (H, W, 3) uint8, or floats from 0 to 1. Most of Lab lies outside sRGB: such colours are
        clipped, each channel by itself. RGB → Lab → RGB gives every uint8 colour back exactly,
        and floats within 2e-5.

    Raises:
        UsageError: no such values.

    >>> lab_to_rgb([[[100, 0, 0], [0, 0, 0]]], dtype=np.uint8).tolist()
    [[[255, 255, 255], [0, 0, 0]]]
    """
    bounds = {"L": (0.0, 100.0), "a": (-128.0, 128.0), "b": (-128.0, 128.0)}
    lab = model_values(values, "Lab", bounds)
    inverse = np.linalg.inv(_AXES)
    roots = mixed(lab, np.hstack([inverse, -inverse @ _SHIFT]))
    light = np.where(roots > _DELTA, roots * roots * roots, _SLOPE * (roots - _FOOT))
    return as_image(encoded(mixed(light, _FROM_XYZ)), dtype)
