"""Numbers as shades: what black, white, blue and orange stand for is always stated."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.images.check import checked_values, finite_range
from pellucid.images.colour.gray import gray_to_rgb
from pellucid.images.raw import Pixels

#: The report's blue and orange, which people with any colour vision tell apart; nearly white
#: between them. Both are about as dark, so in gray one still sees how far from zero a value is.
NEGATIVE, ZERO, POSITIVE = (20, 99, 158), (247, 247, 247), (179, 71, 15)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to shades.

    Attributes:
        low: the value drawn black; where the scale is signed, blue.
        high: the value drawn white; where the scale is signed, orange.
        signed: low = −high, and zero in the middle is nearly white.
    """

    low: float
    high: float
    signed: bool = False

    def __str__(self) -> str:
        """Where which shade is.

        >>> print(Scale(-2.5, 2.5, signed=True))
        −2.5 blue, 0 white, 2.5 orange
        >>> print(Scale(0, 255))
        0 black, 255 white
        """
        low, high = number(self.low), number(self.high)
        if self.signed:
            return f"{low} blue, 0 white, {high} orange"
        return f"{low} black, {high} white"

    def apply(self, values: NDArray[Any]) -> Pixels:
        """Values (H, W) as shades (H, W, 3); those beyond the ends get the ends' shades.

        >>> Scale(-1, 1, signed=True).apply(np.array([[-1.0, 0.0, 2.0]])).tolist()
        [[[20, 99, 158], [247, 247, 247], [179, 71, 15]]]
        """
        span = self.high - self.low or 1.0
        share = np.clip((values.astype(np.float32) - self.low) / span, 0, 1)
        levels = np.rint(share * (2 * _HALF if self.signed else 255)).astype(np.int16)
        shades: Pixels = _DIVERGING[levels] if self.signed else gray_to_rgb(levels.astype(np.uint8))
        return shades


def scale_of(values: NDArray[Any]) -> Scale:
    """The scale that fits some values, zero always on it.

    =====================  ===================================
    uint8                  0 black, 255 white
    floats within 0 … 1    0 black, 1 white
    any negative           −m blue, 0 white, m orange
    the rest               0 black, m white
    =====================  ===================================

    m is the greatest distance from zero.

    >>> print(scale_of(np.array([-3.0, 1.0])))
    −3 blue, 0 white, 3 orange
    """
    if values.dtype == np.uint8:
        return Scale(0, 255)
    low, high = finite_range(values, "values")
    if low < 0:
        most = max(-low, high)
        return Scale(-most, most, signed=True)
    return Scale(0, 1 if high <= 1 and values.dtype.kind == "f" else high)


def shades(values: Any) -> tuple[Pixels, Scale]:
    """Values of any range, H×W or H×W×1, as a picture (H, W, 3), and the scale it has.

    Raises:
        UsageError: no such array, NaN or infinity.

    >>> print(shades([[-1.0, 0.5]])[1])
    −1 blue, 0 white, 1 orange
    """
    plane = checked_values(values)[..., 0]
    scale = scale_of(plane)
    return scale.apply(plane), scale


def number(value: float) -> str:
    """A number in at most four digits, with a real minus.

    >>> number(-0.30000001), number(255.0), number(12345678.0)
    ('−0.3', '255', '1.235e+07')
    """
    return f"{value:.4g}".replace("-", "−", 1) if value < 0 else f"{value:.4g}"


def _diverging(half: int) -> Pixels:
    """2·half + 1 shades from blue over white to orange."""
    below, above = np.linspace(NEGATIVE, ZERO, half + 1), np.linspace(ZERO, POSITIVE, half + 1)
    table: Pixels = np.rint(np.concatenate([below, above[1:]])).astype(np.uint8)
    return table


_HALF = 255
_DIVERGING = _diverging(_HALF)
