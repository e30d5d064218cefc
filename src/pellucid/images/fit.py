"""Pictures made smaller or larger for the eye; what a network sees is resized elsewhere."""

import numpy as np

from pellucid.images.raw import Pixels


def fit(pixels: Pixels, height: int, width: int) -> Pixels:
    """A picture as large as fits a box, its sides' ratio kept.

    A smaller picture is enlarged by a whole factor, each pixel a square: nothing is invented. A
    larger one is reduced by averaging the covered pixels.

    Args:
        pixels: (H, W, C) uint8.
        height: of the box, in pixels, at least 1.
        width: of the box, likewise.

    Returns:
        (H', W', C) uint8 with H' ≤ height and W' ≤ width.

    >>> fit(np.zeros((2, 3, 3), np.uint8), 7, 7).shape
    (4, 6, 3)
    >>> fit(np.zeros((20, 10, 1), np.uint8), 5, 5).shape
    (5, 2, 1)
    """
    import cv2

    high, wide, channels = pixels.shape
    factor = min(height // high, width // wide)
    if factor >= 1:
        return pixels.repeat(factor, axis=0).repeat(factor, axis=1) if factor > 1 else pixels
    share = min(height / high, width / wide)
    size = (max(1, int(wide * share + 1e-9)), max(1, int(high * share + 1e-9)))
    reduced = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    return reduced.reshape(size[1], size[0], channels).astype(np.uint8, copy=False)
