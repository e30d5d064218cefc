"""Pictures inside of a page."""

import base64

from pellucid.images.fit import fit
from pellucid.images.raw import Pixels
from pellucid.images.save import encode

#: The longer side of a photograph on a page, in pixels.
_SIDE = 900


def drawing_uri(pixels: Pixels) -> str:
    """A drawing as a data URI, every value kept.

    >>> import numpy as np
    >>> drawing_uri(np.zeros((1, 1, 3), np.uint8))[:26]
    'data:image/png;base64,iVBO'
    """
    return _uri("png", encode(pixels, "PNG"))


def photo_uri(pixels: Pixels, side: int = _SIDE) -> str:
    """A picture as a data URI: every value kept where it is small, else a JPEG.

    Args:
        pixels: (H, W, 1 or 3) uint8; larger ones than ``side`` are reduced.
        side: the longer side of what is shown, in pixels, at most.
    """
    shown = fit(pixels, side, side) if max(pixels.shape[:2]) > side else pixels
    whole, lossy = encode(shown, "PNG"), encode(shown, "JPEG")
    return _uri("jpeg", lossy) if 2 * len(lossy) < len(whole) else _uri("png", whole)


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
