"""Gray: one channel of brightness."""

from typing import Any

import numpy as np

from pellucid.images.check import Image, checked, to_bytes
from pellucid.images.colour.srgb import encoded, linear, xyz_matrix
from pellucid.images.colour.values import mixed, rgb

#: Luma of stored values, ITU-R BT.601: that of JPEG, of OpenCV and of Pillow's "L".
LUMA = (0.299, 0.587, 0.114)


def rgb_to_gray(image: Any, *, light: bool = False) -> Image:
    """RGB to one channel of brightness.

    The luma 0.299·R + 0.587·G + 0.114·B weighs values as they are stored, which is quick and
    what nearly everybody does. ``light=True`` weighs the light that they stand for, 0.2126·R +
    0.7152·G + 0.0722·B after the sRGB transfer function, and stores it again by that function: a
    saturated colour then keeps its luminance.

    Args:
        image: H×W×3 (or one gray channel, given back as it is), uint8 or floats from 0 to 1.
        light: weigh light, not stored values.

    Returns:
        (H, W, 1) of the image's own type; uint8 rounded to nearest, as OpenCV does.

    Raises:
        UsageError: no such image.

    >>> red = np.array([[[255, 0, 0]]], np.uint8)
    >>> rgb_to_gray(red).item(), rgb_to_gray(red, light=True).item()
    (76, 127)
    """
    if checked(image).shape[2] == 1:
        return checked(image)
    pixels = rgb(image)
    if light:
        bright = encoded(mixed(linear(pixels), xyz_matrix()[1:2]))
        whole = to_bytes(bright) if pixels.dtype == np.uint8 else bright.astype(pixels.dtype)
    elif pixels.dtype == np.uint8:
        import cv2  # not needed to read an image

        whole = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    else:
        whole = np.clip(mixed(pixels, np.array([LUMA])), 0, 1)
    return np.asarray(whole, pixels.dtype).reshape(*pixels.shape[:2], 1)


def gray_to_rgb(image: Any) -> Image:
    """One channel as three equal ones, (H, W, 3) of the image's own type.

    Raises:
        UsageError: it has not one channel.

    >>> gray_to_rgb([[0.5]]).tolist()
    [[[0.5, 0.5, 0.5]]]
    """
    return checked(image, channels=(1,)).repeat(3, axis=2)
