"""Read any image file a user really has, rightly, into H×W×C uint8 (see ``read_image``)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image with what its file said.

    Attributes:
        pixels: H×W×C uint8, upright, sRGB order; C is 1 (gray data) or 3 (colour).
        format: ``JPEG``, ``PNG``, …; ``array`` where there was no image file.
        mode: how the file stored it, e.g. ``RGB``, ``gray``, ``CMYK``, ``palette``,
            ``gray16``, ``RGBA``, ``float32``, ``1-bit``.
        digest: 16-byte BLAKE2b of the file's bytes (of shape and pixels for arrays).
        notes: what was done beyond decoding, e.g. ``rotated by EXIF``, ``alpha over white``.
    """

    pixels: Pixels
    format: str
    mode: str
    digest: bytes
    notes: tuple[str, ...] = ()
