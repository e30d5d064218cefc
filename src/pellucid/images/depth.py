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


def scaling(values: NDArray[Any], name: str) -> Scaling:
    """How these values become 8 bits; the rule is decided once for the whole array.

    ====================  ==========================================================
    bool                  0 and 1 become 0 and 255
    uint8                 as they are
    uint16                255/65535
    other integers        within [0, 255] as they are, within [0, 65535] like uint16
    floats                within [0, 1] times 255, within [0, 255] as they are
    anything beyond       the smallest value becomes 0, the largest 255, with a note
    ====================  ==========================================================

    Args:
        values: of any shape, at least one value.
        name: of the image or file, for messages.

    Raises:
        ImageError: ``non-finite`` values, or ``broken`` where they are not real numbers.

    >>> scaling(np.array([0.0, 0.5, 1.0]), "x").high
    1.0
    """
    dtype = values.dtype
    if dtype.kind not in "buif":
        raise image_error(name, "broken", f"its values are of type {dtype}, not real numbers")
    if dtype == np.bool_:
        return Scaling(0, 1)
    if dtype in (np.uint8, np.uint16):
        return Scaling(0, float(np.iinfo(dtype).max))
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise image_error(name, "non-finite")
    ranges = (1.0, 255.0) if dtype.kind == "f" else (255.0, 65535.0)
    for top in ranges:
        if low >= 0 and high <= top:
            return Scaling(0, top)
    return Scaling(low, high, f"values from {low:g} to {high:g} stretched to 0 to 255")
