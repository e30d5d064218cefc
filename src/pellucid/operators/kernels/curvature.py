"""Second differences: kernels that answer to bends of brightness, not to slopes."""

import numpy as np

from pellucid.operators.kernels.blur import WIDEST, bell, bell_size
from pellucid.operators.kernels.checks import real
from pellucid.operators.kernels.kernel import Kernel
from pellucid.operators.kernels.registry import named

_BOOK = "Gonzalez and Woods, Digital Image Processing, section 3.6 (the Laplacian)"
_EFFECT = "Answers to spots, lines and the two sides of edges: positive on dark ones."


@named
def laplacian4() -> Kernel:
    """The sum of the four neighbours minus four times the middle.

    >>> laplacian4().weights.tolist()
    [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]
    """
    weights = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    formula = "w = second difference down + second difference across, each (1 −2 1)"
    return Kernel("laplacian4", weights, {}, formula, _EFFECT, _BOOK)


@named
def laplacian8() -> Kernel:
    """The sum of the eight neighbours minus eight times the middle."""
    weights = np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]])
    formula = "w = second differences (1 −2 1) down, across and along both diagonals"
    return Kernel("laplacian8", weights, {}, formula, _EFFECT, _BOOK)


@named
def log(sigma: float = 1.4, size: int | None = None) -> Kernel:
    """The Laplacian of a Gaussian: blurred by sigma first, so that noise does not answer.

    The cut bell leaves a small sum; it is taken off in proportion to the bell, so that flat areas
    give exactly 0.

    >>> log(1.4).shape, abs(log(1.4).total) < 1e-12
    ((13, 13), True)
    """
    sigma = real("sigma of log", sigma, 0.4, WIDEST)
    size = bell_size("log", sigma, size, least=3)
    row, places = bell(sigma, size), np.arange(size) - size // 2
    gaussian = np.outer(row, row)
    squares = places[:, None] ** 2 + places[None, :] ** 2
    weights = gaussian * (squares - 2 * sigma**2) / sigma**4
    return Kernel(
        "log",
        weights - weights.sum() * gaussian,
        {"sigma": sigma, "size": size},
        f"w(y, x) = (x² + y² − 2σ²) / σ⁴ · Gaussian(σ), for |x|, |y| ≤ {size // 2}, less its sum",
        "Answers to spots about 1.4 sigma in radius and to edges: positive on dark ones.",
        "Marr and Hildreth 1980, Theory of edge detection, Proceedings of the Royal Society B 207",
    )
