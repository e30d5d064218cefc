"""Is a kernel a product of a column and a row, or a sum of few such products?"""

import numpy as np
from numpy.typing import NDArray

from pellucid.threads import one_blas_thread

#: A column and a row: their outer product is a kernel of rank one.
Factor = tuple[NDArray[np.float64], NDArray[np.float64]]

#: What may be left over, as part of the kernel's sum of magnitudes: the rounding of the dtype that
#: sums are computed in is of this size. A Gaussian written in float32 has rank one by this measure.
_LEFT_OVER = {"float32": 1e-7, "float64": 1e-14}


def factors(kernel: NDArray[np.float64], work: np.dtype[np.floating]) -> list[Factor]:
    """The fewest columns and rows whose outer products add up to a kernel.

    By singular values: K = Σ σᵢ·uᵢ·vᵢᵀ, of which the sum of the first r is the nearest kernel of
    rank r (Eckart and Young 1936). Terms are taken until Σ|K − Kᵣ| ≤ ε·Σ|K|, with ε = 1e-7 for
    sums in float32 and 1e-14 for float64; so no result differs by more than ε·Σ|K|·max|I|.

    Args:
        kernel: kh×kw weights.
        work: the dtype that the sums are computed in.

    Returns:
        Columns (kh) and rows (kw), the strongest pair first; none for a kernel of zeros.

    >>> len(factors(np.outer([1, 2, 1], [1, 0, -1]), np.dtype("float32")))  # Sobel
    1
    >>> len(factors(np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]), np.dtype("float32")))
    2
    """
    with one_blas_thread():
        columns, strengths, rows = np.linalg.svd(kernel, full_matrices=False)
    limit = _LEFT_OVER[work.name] * np.abs(kernel).sum()
    left, found = kernel.astype(np.float64), []
    for column, strength, row in zip(columns.T, strengths, rows, strict=True):
        if np.abs(left).sum() <= limit:
            break
        root = np.sqrt(strength)
        found.append((_evened(root * column, work), _evened(root * row, work)))
        left -= np.outer(*found[-1])
    return found


def _evened(taps: NDArray[np.float64], work: np.dtype[np.floating]) -> NDArray[np.float64]:
    """Taps that are symmetric or antisymmetric but for rounding, made so exactly.

    OpenCV folds such taps, in half of the time, but compares them bit by bit.
    """
    limit = 10 * _LEFT_OVER[work.name] * np.abs(taps).max()
    for mirrored in (taps[::-1], -taps[::-1]):
        if np.abs(taps - mirrored).max() <= limit:
            return (taps + mirrored) / 2
    return taps
