"""Filters over many channels as products of matrices: every window is a column."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from pellucid.operators.border import padded
from pellucid.operators.problem import Problem
from pellucid.operators.rounding import finished

#: Numbers of the columns that are laid out at once: 1 MiB in float32, a part of the cache.
_COLUMNS = 1 << 18


def by_products(problem: Problem) -> NDArray[Any]:
    """N×F×H'×W': filters F×(C·kh·kw) times windows (C·kh·kw)×(rows·W'), a few rows at a time.

    BLAS shares each product out over the cores.
    """
    values = padded(problem.values, problem.vertical, problem.horizontal)
    images = np.ascontiguousarray(values, problem.work)
    weights = problem.weights.astype(problem.work)
    groups = problem.groups
    maps = weights.shape[0] // groups
    flat = weights.reshape(groups, maps, -1)
    sums = np.empty(problem.shape, problem.work)
    by_group = sums.reshape(sums.shape[0], groups, maps, *sums.shape[2:])
    channels = images.reshape(images.shape[0], groups, -1, *images.shape[2:])
    for image, results in zip(channels, by_group, strict=True):
        for group in range(groups):
            _multiplied(flat[group], _windows(image[group], problem), results[group])
    return finished(sums, problem.bias, problem.dtype)


def _windows(planes: NDArray[Any], problem: Problem) -> NDArray[Any]:
    """C×kh×kw×H'×W': what each weight meets, a view of C×H×W."""
    down, across = problem.vertical, problem.horizontal
    channel, row, cell = planes.strides
    shape = (len(planes), down.kernel, across.kernel, down.output, across.output)
    taps = (row * down.dilation, cell * across.dilation)
    return as_strided(planes, shape, (channel, *taps, row * down.stride, cell * across.stride))


def _multiplied(weights: NDArray[Any], windows: NDArray[Any], target: NDArray[Any]) -> None:
    """target (F×H'×W') = weights (F×K) · windows, K = C·kh·kw."""
    tall, wide = target.shape[1:]
    length = weights.shape[1]
    rows = max(1, min(tall, _COLUMNS // (length * wide)))
    memory = np.empty((*windows.shape[:3], rows, wide), weights.dtype)
    for first in range(0, tall, rows):
        last = min(first + rows, tall)
        columns = memory[..., : last - first, :]
        columns[...] = windows[..., first:last, :]
        product = weights @ columns.reshape(length, -1)
        target[:, first:last] = product.reshape(-1, last - first, wide)
