"""Blurs: the Gaussian bell, and the trace of a moving camera."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.kernels.checks import angle as checked_angle
from pellucid.operators.kernels.checks import direction, real, whole
from pellucid.operators.kernels.kernel import MOST_CELLS, Kernel
from pellucid.operators.kernels.registry import named

#: A bell is cut where it has fallen to exp(−8), 0.03% of its height.
CUT = 4.0
#: The widest bell whose kernel is not too large.
WIDEST = (MOST_CELLS // 2) / CUT
#: The narrowest: below this the weights beside the middle are 0 in float64.
NARROWEST = 0.05


def bell(sigma: float, size: int) -> NDArray[np.float64]:
    """exp(−x²/(2σ²)) at the whole numbers around 0, divided by their sum: ``size`` values.

    >>> bell(1.0, 3).round(3).tolist()
    [0.274, 0.452, 0.274]
    """
    places = np.arange(size) - size // 2
    heights = np.exp(-(places**2) / (2 * sigma**2))
    return np.asarray(heights / heights.sum())


def bell_size(of: str, sigma: float, size: int | None, least: int = 1) -> int:
    """Cells of a bell: as given, or out to 4σ on each side (rounded)."""
    if size is None:
        return 2 * int(CUT * sigma + 0.5) + 1
    return whole(f"size of {of}", size, least, odd=True)


def _left_out(sigma: float, size: int) -> float:
    """The share of the two-dimensional bell that lies beyond the kernel."""
    far = np.arange(size // 2 + 1, size // 2 + 2 + int(12 * sigma))
    near = np.arange(1, size // 2 + 1)
    outside, inside = (2 * float(np.exp(-(x**2) / (2 * sigma**2)).sum()) for x in (far, near))
    kept = (1 + inside) / (1 + inside + outside)
    return max(0.0, 1 - kept**2)


@named
def gaussian(sigma: float = 1.0, size: int | None = None) -> Kernel:
    """A bell of standard deviation sigma, in pixels.

    Without ``size`` it reaches out to 4σ on each side, rounded (the rule of
    ``scipy.ndimage.gaussian_filter``); what lies beyond is left out, and the weights are divided
    by their sum. The formula says how much that is.

    >>> gaussian(1).shape, round(gaussian(1).total, 12)
    ((9, 9), 1.0)
    >>> gaussian(1).formula
    'w(y, x) = exp(−(x² + y²) / (2σ²)) / sum, for |x|, |y| ≤ 4 (beyond: 0.0006% of the bell)'
    """
    sigma = real("sigma of gaussian", sigma, NARROWEST, WIDEST)
    size = bell_size("gaussian", sigma, size)
    row = bell(sigma, size)
    return Kernel(
        "gaussian",
        np.outer(row, row),
        {"sigma": sigma, "size": size},
        f"w(y, x) = exp(−(x² + y²) / (2σ²)) / sum, for |x|, |y| ≤ {size // 2} "
        f"(beyond: {100 * _left_out(sigma, size):.2g}% of the bell)",
        "Blurs evenly in all directions: detail finer than about 2 sigma goes.",
        "Gonzalez and Woods, Digital Image Processing, section 3.5 (lowpass Gaussian kernels)",
    )


@named
def motion(length: float = 9.0, angle: float = 0.0) -> Kernel:
    """The trace of a point while the camera moves evenly along a straight line.

    A weight is the part of the line that lies in its cell, divided by the length.

    Args:
        length: of the line in pixels; an odd whole length covers whole cells.
        angle: degrees, counter-clockwise from the direction to the right.

    >>> motion(3).weights.round(3).tolist()
    [[0.333, 0.333, 0.333]]
    """
    length = real("length of motion", length, 1, MOST_CELLS)
    angle = checked_angle("angle of motion", angle)
    return Kernel(
        "motion",
        _line(length, direction(angle)),
        {"length": length, "angle": angle},
        "w = part of a line of this length and angle that lies in the cell, / length",
        f"Smears the picture over {length:g} pixels along {angle:g}°, as a moving camera does.",
        "Gonzalez and Woods, Digital Image Processing, section 5.6 (uniform linear motion)",
    )


def _line(length: float, way: tuple[float, float]) -> NDArray[np.float64]:
    """Exact lengths of a centred line inside the cells that it crosses, as shares of 1."""
    reaches = [math.ceil(abs(part) * length / 2 - 0.5 - 1e-9) for part in way]
    weights = np.zeros([2 * max(0, reach) + 1 for reach in reaches])
    # The places along the line, from −length/2 to length/2, where it crosses borders of cells.
    crossings = {-length / 2, length / 2}
    for part, reach in zip(way, reaches, strict=True):
        if part:
            borders = np.arange(-reach, reach + 1) - 0.5
            crossings |= {float(place) for place in borders / part if abs(place) < length / 2}
    for start, end in pairwise(sorted(crossings)):
        middle = (start + end) / 2
        row, column = (
            round(middle * part) + reach for part, reach in zip(way, reaches, strict=True)
        )
        weights[row, column] += (end - start) / length
    return weights
