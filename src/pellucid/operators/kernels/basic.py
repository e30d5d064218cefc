"""Kernels that leave the picture as it is, move it, or average it."""

import numpy as np

from pellucid.operators.kernels.checks import whole
from pellucid.operators.kernels.kernel import MOST_CELLS, Kernel
from pellucid.operators.kernels.registry import named
from pellucid.text import counted

_FARTHEST = MOST_CELLS // 2


@named
def identity(size: int = 3) -> Kernel:
    """One in the middle: the picture as it is.

    >>> identity().weights.tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    size = whole("size of identity", size, 1, odd=True)
    weights = np.zeros((size, size))
    weights[size // 2, size // 2] = 1
    return Kernel(
        "identity",
        weights,
        {"size": size},
        "w = 1 in the middle, 0 elsewhere",
        "Leaves the picture as it is.",
        "Gonzalez and Woods, Digital Image Processing, section 3.4 (the unit impulse)",
    )


@named
def shift(dy: int = 0, dx: int = 1) -> Kernel:
    """A single one beside the middle: the picture moves by dy pixels down and dx to the right.

    Output (y, x) is input (y − dy, x − dx), so the one lies on the opposite side.

    >>> shift(0, 1).weights.tolist()
    [[1.0, 0.0, 0.0]]
    """
    dy = whole("dy of shift", dy, -_FARTHEST, _FARTHEST)
    dx = whole("dx of shift", dx, -_FARTHEST, _FARTHEST)
    weights = np.zeros((2 * abs(dy) + 1, 2 * abs(dx) + 1))
    weights[abs(dy) - dy, abs(dx) - dx] = 1
    ways = [
        f"{counted(abs(cells), 'pixel')} {back if cells < 0 else forward}"
        for cells, forward, back in ((dy, "down", "up"), (dx, "to the right", "to the left"))
        if cells
    ]
    return Kernel(
        "shift",
        weights,
        {"dy": dy, "dx": dx},
        "w = 1 at (−dy, −dx) from the middle, 0 elsewhere",
        f"Moves the picture {' and '.join(ways) or 'nowhere'}.",
        "Gonzalez and Woods, Digital Image Processing, section 3.4 (the shifted impulse)",
    )


@named
def box(size: int = 3) -> Kernel:
    """The mean of a square of pixels.

    >>> box(2).weights.tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    size = whole("size of box", size, 1)
    return Kernel(
        "box",
        np.full((size, size), 1 / size**2),
        {"size": size},
        "w = 1 / size²",
        "Blurs: each pixel becomes the mean of a square around it, fine detail goes, edges soften.",
        "Gonzalez and Woods, Digital Image Processing, section 3.5 (box filter kernels)",
    )
