"""What every decoder hands over, before colour, transparency and rotation are settled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import FAULTS, ImageError

Pixels = NDArray[np.uint8]

ROTATED = "rotated by EXIF"

_REMEDIES = {
    "empty": "get a fresh copy of it or remove it",
    "truncated": "get a fresh copy of it or remove it",
    "broken": "open it in an image editor and save it again, or remove it",
    "not-an-image": "remove it or replace it by an image",
    "bomb": "make it smaller or remove it",
    "unreadable": "check its permissions",
    "missing": "check its path",
    "non-finite": "replace NaN and infinity by numbers and save it again",
}


@dataclass(frozen=True, slots=True)
class Raw:
    """A decoded image as it lies in its file.

    Attributes:
        values: (H, W, C) uint8; C is 1 (gray), 3 (RGB) or 4 (CMYK, 0 is no ink).
        alpha: (H, W) uint8, 255 opaque; None where the file has no transparency.
        format: ``JPEG``, ``PNG``, …
        mode: how the file stored it, see :class:`pellucid.images.read.Picture`.
        orientation: EXIF's 1 to 8, still to be carried out.
        profile: the embedded ICC colour profile.
        notes: what was done beyond decoding.
        full: (H, W) of the file's image where ``values`` is smaller.
    """

    values: Pixels
    format: str
    mode: str
    alpha: Pixels | None = None
    orientation: int = 1
    profile: bytes | None = None
    notes: tuple[str, ...] = ()
    full: tuple[int, int] | None = None


def image_error(name: str, fault: str, found: str = "") -> ImageError:
    """The error for one image, in one sentence.

    >>> str(image_error("cats/a.jpg", "empty"))
    "cannot read 'cats/a.jpg': the file has zero bytes; get a fresh copy of it or remove it."
    """
    detail = f" ({found.rstrip('.')})" if found else ""
    return ImageError(f"cannot read {name!r}: {FAULTS[fault]}{detail}; {_REMEDIES[fault]}.", fault)


def refuse_bomb(width: int, height: int, max_pixels: int, name: str) -> None:
    """Stop before anything of that size is allocated.

    Raises:
        ImageError: ``bomb`` when width × height is above ``max_pixels``.
    """
    if width * height > max_pixels:
        found = f"{width}×{height} pixels, the limit is {max_pixels:,}"
        raise image_error(name, "bomb", found)
