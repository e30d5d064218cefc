"""First differences: kernels that answer to edges, with a sign for the side that is brighter."""

from collections.abc import Sequence

import numpy as np

from pellucid.operators.kernels.blur import WIDEST, bell, bell_size
from pellucid.operators.kernels.checks import angle as checked_angle
from pellucid.operators.kernels.checks import direction, real
from pellucid.operators.kernels.kernel import Kernel
from pellucid.operators.kernels.registry import named

_SOBEL = "Sobel and Feldman 1968, An isotropic 3×3 image gradient operator"
_PREWITT = "Prewitt 1970, Object enhancement and extraction, in Picture Processing"
_SCHARR = "Scharr 2000, Optimale Operatoren in der digitalen Bildverarbeitung"
_ROBERTS = "Roberts 1963, Machine perception of three-dimensional solids"


def _gradient(name: str, smooth: Sequence[float], source: str) -> Kernel:
    """A difference along one axis, averaged with weights ``smooth`` along the other."""
    across = np.outer(smooth, (-1, 0, 1))
    horizontal = name.endswith("_x")
    weights = " ".join(f"{w:g}" for w in smooth)
    return Kernel(
        name,
        across if horizontal else across.T,
        {},
        f"w = ({weights})ᵀ · (−1 0 1)" if horizontal else f"w = (−1 0 1)ᵀ · ({weights})",
        "Answers to upright edges: positive where it is brighter to the right."
        if horizontal
        else "Answers to level edges: positive where it is brighter below.",
        source,
    )


@named
def sobel_x() -> Kernel:
    """Sobel's difference from left to right.

    >>> sobel_x().weights.tolist()
    [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]
    """
    return _gradient("sobel_x", (1, 2, 1), _SOBEL)


@named
def sobel_y() -> Kernel:
    """Sobel's difference from top to bottom."""
    return _gradient("sobel_y", (1, 2, 1), _SOBEL)


@named
def prewitt_x() -> Kernel:
    """Prewitt's difference from left to right: all three rows count alike."""
    return _gradient("prewitt_x", (1, 1, 1), _PREWITT)


@named
def prewitt_y() -> Kernel:
    """Prewitt's difference from top to bottom."""
    return _gradient("prewitt_y", (1, 1, 1), _PREWITT)


@named
def scharr_x() -> Kernel:
    """Scharr's difference from left to right: weights 3, 10, 3 tell an edge's angle best."""
    return _gradient("scharr_x", (3, 10, 3), _SCHARR)


@named
def scharr_y() -> Kernel:
    """Scharr's difference from top to bottom."""
    return _gradient("scharr_y", (3, 10, 3), _SCHARR)


@named
def roberts_x() -> Kernel:
    """One arm of Roberts' cross: upper left minus lower right.

    >>> roberts_x().weights.tolist()
    [[1.0, 0.0], [0.0, -1.0]]
    """
    return Kernel(
        "roberts_x",
        np.array([[1, 0], [0, -1]]),
        {},
        "w = (1 0; 0 −1), the difference along the diagonal \\",
        "Answers to diagonal edges, very finely: positive where it is brighter at the upper left.",
        _ROBERTS,
    )


@named
def roberts_y() -> Kernel:
    """The other arm of Roberts' cross: upper right minus lower left."""
    return Kernel(
        "roberts_y",
        np.array([[0, 1], [-1, 0]]),
        {},
        "w = (0 1; −1 0), the difference along the diagonal /",
        "Answers to diagonal edges, very finely: positive where it is brighter at the upper right.",
        _ROBERTS,
    )


@named
def oriented(angle: float = 45.0, sigma: float = 1.0, size: int | None = None) -> Kernel:
    """The slope of the picture, blurred by a Gaussian, in any direction.

    Any direction is a mixture of two (a steerable filter). Scaled so that brightness that rises
    by 1 a pixel in the direction gives 1.

    Args:
        angle: degrees, counter-clockwise from the direction to the right.
        sigma: standard deviation of the Gaussian, in pixels.
        size: cells along each axis, odd; 4σ on each side where not given.

    >>> oriented(0, sigma=0.5, size=3).weights.round(3).tolist()
    [[-0.053, 0.0, 0.053], [-0.393, 0.0, 0.393], [-0.053, 0.0, 0.053]]
    """
    angle = checked_angle("angle of oriented", angle)
    sigma = real("sigma of oriented", sigma, 0.3, WIDEST)
    size = bell_size("oriented", sigma, size, least=3)
    smooth, places = bell(sigma, size), np.arange(size) - size // 2
    spread = float((smooth * places**2).sum())
    slope = smooth * places / spread
    down, right = direction(angle)
    return Kernel(
        "oriented",
        right * np.outer(smooth, slope) + down * np.outer(slope, smooth),
        {"angle": angle, "sigma": sigma, "size": size},
        "w = (x·cos θ − y·sin θ) · Gaussian(σ) / its second moment",
        f"Answers to edges across {angle:g}°: positive where it gets brighter in that direction.",
        "Freeman and Adelson 1991, The design and use of steerable filters, section II",
    )
