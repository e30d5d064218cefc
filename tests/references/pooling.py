"""Pooling by loops over every window, in float64, straight from the definition."""

from itertools import product
from math import ceil, floor, isnan, sqrt

import numpy as np


def outputs(length, size, stride, dilation, before, after, ceiled):
    """Windows along one axis, by torch's documented rule."""
    room = (before + length + after - dilation * (size - 1) - 1) / stride
    count = (ceil(room) if ceiled else floor(room)) + 1
    if ceiled and (count - 1) * stride >= length + before:
        count -= 1
    return count


def naive_pool(image, kind, size, stride, dilation, padding, ceiled, count_padding):
    """An image H×W; each argument one entry an axis, padding (before, after)."""
    counts = [
        outputs(n, f, s, d, *p, ceiled)
        for n, f, s, d, p in zip(image.shape, size, stride, dilation, padding, strict=True)
    ]
    result = np.zeros(counts)
    for place in product(*map(range, counts)):
        cells, allowed = [], 0
        for taps in product(*map(range, size)):
            where = [
                i * s - p[0] + k * d
                for i, s, p, k, d in zip(place, stride, padding, taps, dilation, strict=True)
            ]
            sides = zip(where, image.shape, padding, strict=True)
            allowed += all(-p[0] <= w < n + p[1] for w, n, p in sides)
            if all(0 <= w < n for w, n in zip(where, image.shape, strict=True)):
                cells.append(float(image[tuple(where)]))
        result[place] = _number(cells, kind, allowed if count_padding else len(cells))
    return result


def _number(cells, kind, count):
    nan = any(map(isnan, cells))
    if kind in ("last", "first"):
        return cells[-1 if kind == "last" else 0]
    if nan:
        return float("nan")
    if kind in ("max", "min"):
        return max(cells) if kind == "max" else min(cells)
    if kind == "l2":
        return sqrt(sum(cell * cell for cell in cells))
    return sum(cells) / (count if kind == "average" else 1)
