"""sRGB (IEC 61966-2-1:1999): between stored values and light, and from light to CIE XYZ."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.images.check import Image
from pellucid.images.colour.values import Floats

#: x, y of the red, green and blue primaries, and of white (D65).
_PRIMARIES = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_WHITE = (0.3127, 0.3290)


def linear(image: Image) -> Floats:
    """Stored values to light, both from 0 to 1.

    v/12.92 up to 0.04045, ((v + 0.055)/1.055)^2.4 above.

    Args:
        image: any shape, uint8 or floats from 0 to 1.

    >>> linear(np.array([0, 188, 255], np.uint8)).round(3).tolist()
    [0.0, 0.503000020980835, 1.0]
    """
    if image.dtype == np.uint8:  # only 256 values: looked up
        table: Floats = _decoded(np.arange(256) / 255).astype(np.float32)
        return table[image]
    light: Floats = _decoded(image.astype(np.float32, copy=False))
    return light


def encoded(light: Floats) -> Floats:
    """Light to stored values, both from 0 to 1; what lies outside is clipped first.

    12.92·l up to 0.0031308, 1.055·l^(1/2.4) − 0.055 above.

    >>> encoded(np.array([0, 0.5, 1], np.float32)).round(3).tolist()
    [0.0, 0.7350000143051147, 1.0]
    """
    light = np.clip(light, 0, 1)
    curve = np.float32(1.055) * np.power(light, np.float32(1 / 2.4)) - np.float32(0.055)
    return np.where(light <= np.float32(0.0031308), light * np.float32(12.92), curve)


def xyz_matrix() -> NDArray[np.float64]:
    """The 3×3 matrix from linear RGB to CIE XYZ, in which white has Y = 1.

    The primaries' XYZ, each scaled so that together they make white.

    >>> xyz_matrix().round(4).tolist()
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    """
    primaries = np.array([_xyz(x, y) for x, y in _PRIMARIES]).T
    return primaries * np.linalg.solve(primaries, np.array(_xyz(*_WHITE)))


def _xyz(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


def _decoded(stored: NDArray[Any]) -> NDArray[Any]:
    kind = stored.dtype.type  # float32 stays float32
    curve: NDArray[Any] = np.power((stored + kind(0.055)) / kind(1.055), kind(2.4))
    return np.where(stored <= kind(0.04045), stored / kind(12.92), curve)
