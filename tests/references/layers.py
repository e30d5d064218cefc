"""Layers as plain loops in float64, written from the papers' formulas."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def naive_response_norm(x: Array, n: int, alpha: float, beta: float, k: float) -> Array:
    """Krizhevsky 2012, section 3.3, map by map and pixel by pixel; x is (N, C, H, W)."""
    result = np.empty_like(x)
    maps = x.shape[1]
    for image, i, row, column in np.ndindex(x.shape):
        total = 0.0
        for j in range(max(0, i - n // 2), min(maps - 1, i + n // 2) + 1):
            total += x[image, j, row, column] ** 2
        result[image, i, row, column] = x[image, i, row, column] / (k + alpha * total) ** beta
    return result


def naive_unshared(
    x: Array, weight: Array, bias: Array | None, kernel: int, stride: int, before: int, after: int
) -> Array:
    """Every position with its own filters.

    Args:
        x: (N, C, H, W).
        weight: (rows, columns, O, C, kernel, kernel).
        bias: (rows, columns, O), or None.
        kernel: side of the window.
        stride: between windows.
        before: zeros above and to the left.
        after: zeros below and to the right.
    """
    padded = np.pad(x, ((0, 0), (0, 0), (before, after), (before, after)))
    rows, columns, outputs = weight.shape[:3]
    result = np.zeros((len(x), outputs, rows, columns))
    for image, o, i, j in np.ndindex(result.shape):
        patch = padded[image, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
        result[image, o, i, j] = (patch * weight[i, j, o]).sum()
        if bias is not None:
            result[image, o, i, j] += bias[i, j, o]
    return result


def naive_convolution(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Valid cross-correlation with stride 1; x (N, C, H, W), weight (O, C, kh, kw)."""
    outputs, _, kh, kw = weight.shape
    result = np.zeros((len(x), outputs, x.shape[2] - kh + 1, x.shape[3] - kw + 1))
    for image, o, i, j in np.ndindex(result.shape):
        result[image, o, i, j] = (x[image, :, i : i + kh, j : j + kw] * weight[o]).sum()
        if bias is not None:
            result[image, o, i, j] += bias[o]
    return result
