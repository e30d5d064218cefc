"""Kernels that bring out detail: sharpening, relief, outlines."""

import numpy as np

from pellucid.operators.kernels.blur import NARROWEST, WIDEST, bell, bell_size
from pellucid.operators.kernels.checks import real
from pellucid.operators.kernels.kernel import Kernel
from pellucid.operators.kernels.registry import named

_STRONGEST = 100.0
_BOOK = "Gonzalez and Woods, Digital Image Processing, section 3.6"


@named
def sharpen(amount: float = 1.0) -> Kernel:
    """The picture minus ``amount`` times its Laplacian.

    >>> sharpen().weights.tolist()
    [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]
    """
    amount = real("amount of sharpen", amount, 0, _STRONGEST)
    cross = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float64)
    middle = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float64)
    return Kernel(
        "sharpen",
        middle - amount * cross,
        {"amount": amount},
        "w = identity − amount · Laplacian (4 neighbours)",
        "Sharpens: each pixel is pushed away from its four neighbours, noise grows with it.",
        f"{_BOOK} (the Laplacian for sharpening)",
    )


@named
def unsharp(sigma: float = 1.0, amount: float = 1.0, size: int | None = None) -> Kernel:
    """Unsharp masking: the picture plus ``amount`` times what a Gaussian blur takes away.

    >>> round(unsharp(2, 0.5).total, 12)
    1.0
    """
    sigma = real("sigma of unsharp", sigma, NARROWEST, WIDEST)
    amount = real("amount of unsharp", amount, 0, _STRONGEST)
    size = bell_size("unsharp", sigma, size)
    row = bell(sigma, size)
    weights = -amount * np.outer(row, row)
    weights[size // 2, size // 2] += 1 + amount
    return Kernel(
        "unsharp",
        weights,
        {"sigma": sigma, "amount": amount, "size": size},
        f"w = (1 + amount) · identity − amount · Gaussian(σ), for |x|, |y| ≤ {size // 2}",
        "Sharpens detail finer than sigma, with bright and dark seams along edges if overdone.",
        f"{_BOOK} (unsharp masking and highboost filtering)",
    )


@named
def emboss() -> Kernel:
    """Relief, lit from the lower right: a diagonal difference added to the picture.

    >>> emboss().total
    1.0
    """
    return Kernel(
        "emboss",
        np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
        {},
        "w = identity + a difference along the diagonal",
        "Makes a relief: edges that brighten towards the lower right shine, the others darken.",
        "common practice of photo editors; no paper",
    )


@named
def outline() -> Kernel:
    """Each pixel against its eight neighbours: minus the Laplacian with 8 neighbours.

    >>> outline().weights[1].tolist()
    [-1.0, 8.0, -1.0]
    """
    return Kernel(
        "outline",
        np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]),
        {},
        "w = 9 · identity − (sum over the 3×3 square) = −Laplacian (8 neighbours)",
        "Leaves lines and edges only: what equals its surroundings becomes 0.",
        f"{_BOOK} (the Laplacian)",
    )
