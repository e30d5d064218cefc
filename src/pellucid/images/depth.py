"""Any number type to 8 bits: one rule for image files and for arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.images.raw import Pixels, image_error


@dataclass(frozen=True, slots=True)
class Scaling:
    """A linear map to uint8: ``low`` becomes 0 and ``high`` 255, rounded to nearest.

    Attributes:
        low: the value of black.
        high: the value of full intensity.
        note: said where the range had to be guessed from the values.
    """

    low: float
    high: float
    note: str | None = None

    def apply(self, values: NDArray[Any]) -> Pixels:
        """Values of any shape to uint8 of that shape.

        >>> Scaling(0, 65535).apply(np.array([0, 128, 129, 65535], np.uint16)).tolist()
        [0, 0, 1, 255]
        """
        if values.dtype == np.uint8 and (self.low, self.high) == (0, 255):
            return values
        # 24 bits of a float32 are exact enough for 16-bit input: v·255/65535 is never nearer
        # than 1/514 to a half.
        small = values.dtype.itemsize <= 2 and values.dtype.kind in "bui"
        wide: NDArray[np.floating[Any]] = values.astype(np.float32 if small else np.float64)
        wide -= self.low
        wide *= 255 / (self.high - self.low) if self.high > self.low else 0
        np.rint(wide, out=wide)
        return np.clip(wide, 0, 255, out=wide).astype(np.uint8)


def scaling(name: str, *arrays: NDArray[Any]) -> Scaling:
    """How these values become 8 bits; the rule is decided once for all of them.

    ====================  ==========================================================
    bool                  0 and 1 become 0 and 255
    uint8                 as they are
    uint16                255/65535
    other integers        within [0, 255] as they are, within [0, 65535] like uint16
    floats                within [0, 1] times 255, within [0, 255] as they are
    anything beyond       the smallest value becomes 0, the largest 255, with a note
    ====================  ==========================================================

    Args:
        name: of the image or file, for messages.
        arrays: of any shapes, of one type.

    Raises:
        ImageError: ``non-finite`` values, or ``broken`` where they are not real numbers.

    >>> scaling("x", np.array([0.0, 0.5, 1.0])).high
    1.0
    """
    dtype = arrays[0].dtype
    if dtype.kind not in "buif":
        raise image_error(name, "broken", f"its values are of type {dtype}, not real numbers")
    if dtype == np.bool_:
        return Scaling(0, 1)
    if dtype in (np.uint8, np.uint16):
        return Scaling(0, float(np.iinfo(dtype).max))
    filled = [values for values in arrays if values.size]
    low = float(min((values.min() for values in filled), default=0))
    high = float(max((values.max() for values in filled), default=0))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise image_error(name, "non-finite")
    ranges = (1.0, 255.0) if dtype.kind == "f" else (255.0, 65535.0)
    for top in ranges:
        if low >= 0 and high <= top:
            return Scaling(0, top)
    return Scaling(low, high, f"values from {low:g} to {high:g} stretched to 0 to 255")


def split_alpha(values: NDArray[Any], rule: Scaling) -> tuple[Pixels, Pixels | None, str]:
    """Values (H, W, 1, 3 or 4) to 8-bit colours, alpha (the fourth channel) and mode."""
    scaled = rule.apply(values)
    channels = values.shape[2]
    color = {1: "gray", 3: "RGB", 4: "RGBA"}[channels]
    alpha = scaled[..., 3] if channels == 4 else None
    return scaled[..., :3], alpha, _mode(color, values.dtype)


def _mode(color: str, dtype: np.dtype[Any]) -> str:
    """``gray`` and ``gray16``, ``float32`` and ``RGB float32``."""
    if dtype == np.uint8:
        return color
    if dtype == np.uint16:
        return f"{color}16"
    return dtype.name if color == "gray" else f"{color} {dtype.name}"
