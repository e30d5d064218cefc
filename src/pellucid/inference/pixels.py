"""The pixels of what is to be predicted: a file, or an array."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images.read import Pixels, read_image

#: An image: a file, or pixels H×W or H×W×C uint8 (C 1 or 3, RGB order).
Image = str | Path | NDArray[np.uint8]


def name_of(position: int, image: Image) -> str:
    """What an image is called: its file as it was named, or ``array N``."""
    return f"array {position}" if isinstance(image, np.ndarray) else str(image)


def pixels_of(image: Image, enough: int | None = None) -> Pixels:
    """The pixels (H, W, C) of an image.

    Args:
        image: a file or an array.
        enough: see :func:`pellucid.images.read.decode_image`.

    Raises:
        ImageError: the file cannot be read.
        UsageError: the array is not H×W or H×W×C uint8 with one or three channels.
    """
    if not isinstance(image, np.ndarray):
        return read_image(image, enough=enough).pixels
    pixels = image[..., None] if image.ndim == 2 else image
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or pixels.dtype != np.uint8:
        raise UsageError(
            "an array to predict is H×W or H×W×C with one or three channels, uint8; found shape "
            f"{image.shape} of {image.dtype}."
        )
    if 0 in pixels.shape:
        raise UsageError(f"an array to predict has no pixels: shape {image.shape}.")
    return pixels
