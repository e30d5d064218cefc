"""YCbCr as in JPEG: ITU-R BT.601 luma, full range (ITU-T T.871, section 7).

With R, G, B from 0 to 1::

    Y = 0.299·R + 0.587·G + 0.114·B,  Cb = (B − Y)/1.772,  Cr = (R − Y)/1.402

A JPEG file stores round(255·Y), round(255·Cb + 128) and round(255·Cr + 128).
"""

from typing import Any

import numpy as np

from pellucid.images.check import Image, to_floats
from pellucid.images.colour.gray import LUMA
from pellucid.images.colour.values import Floats, as_image, mixed, model_values, rgb

_Y = np.array(LUMA)
_TO = np.array([_Y, ([0, 0, 1] - _Y) / (2 - 2 * LUMA[2]), ([1, 0, 0] - _Y) / (2 - 2 * LUMA[0])])
_FROM = np.linalg.inv(_TO)


def rgb_to_ycbcr(image: Any) -> Floats:
    """RGB to luma and two colour differences.

    Args:
        image: H×W×3 (or one gray channel), uint8 or floats from 0 to 1.

    Returns:
        (H, W, 3) float32: Y from 0 to 1; Cb and Cr from −0.5 to 0.5, 0 for grays.

    Raises:
        UsageError: no such image.

    >>> rgb_to_ycbcr([[[0.0, 0.0, 1.0]]]).round(3).tolist()
    [[[0.11400000005960464, 0.5, -0.08100000023841858]]]
    """
    floats = to_floats(rgb(image)).astype(np.float32, copy=False)
    return mixed(floats, _TO)


def ycbcr_to_rgb(values: Any, *, dtype: Any = np.float32) -> Image:
    """Luma and two colour differences to RGB.

    Args:
        values: H×W×3: Y from 0 to 1, Cb and Cr from −0.5 to 0.5.
        dtype: ``uint8`` (rounded to nearest), ``float32`` or ``float64``.

    Returns:
        (H, W, 3) uint8, or floats from 0 to 1. Three quarters of YCbCr lie outside RGB: such
        colours are clipped, each channel by itself. RGB → YCbCr → RGB gives every uint8 colour
        back exactly, and floats within 1e-6.

    Raises:
        UsageError: no such values.

    >>> ycbcr_to_rgb([[[0.5, 0, 0]]], dtype=np.uint8).tolist()
    [[[128, 128, 128]]]
    """
    bounds = {"Y": (0.0, 1.0), "Cb": (-0.5, 0.5), "Cr": (-0.5, 0.5)}
    return as_image(mixed(model_values(values, "YCbCr", bounds), _FROM), dtype)
