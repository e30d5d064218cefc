"""What is put in the place of a picture, or of a part of it, that shall be gone."""

from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError, unknown_name

#: See :func:`filled`.
Fill = Literal["mean", "gray", "blur"]

#: In words, for the sentences of results.
FILLS = {
    "mean": "the picture's own mean colour",
    "gray": "0 at the network's input (the mean colour of its training images)",
    "blur": "the picture itself, blurred",
}


def filled(picture: NDArray[Any], fill: Fill) -> NDArray[Any]:
    """A picture without what made it this picture.

    ========  =================================================================================
    ``mean``  the mean of each channel over the picture
    ``gray``  0, the gray of Zeiler and Fergus 2014: after normalisation the mean colour of the
              training images
    ``blur``  the picture under a Gaussian whose standard deviation is a tenth of the longer side,
              mirrored at the edges
    ========  =================================================================================

    Args:
        picture: (1, C, H, W), a network's input.
        fill: one of these.

    Returns:
        The same shape and type.

    Raises:
        UsageError: another word.

    >>> filled(np.array([[[[1.0, 3.0]]]]), "mean").tolist()
    [[[[2.0, 2.0]]]]
    """
    if fill not in get_args(Fill):
        raise unknown_name("fill", str(fill), get_args(Fill))
    if fill == "gray":
        return np.zeros_like(picture)
    if fill == "mean":
        mean = picture.mean((2, 3), dtype=np.float64, keepdims=True)
        return np.broadcast_to(mean, picture.shape).astype(picture.dtype)
    if picture.dtype not in (np.float32, np.float64):
        raise UsageError(f"expected float32 or float64 to blur, found {picture.dtype}.")
    sigma = max(picture.shape[2:]) / 10
    planes = [
        cv2.GaussianBlur(np.ascontiguousarray(plane), (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        for plane in picture[0]
    ]
    return np.stack(planes)[None].astype(picture.dtype)
