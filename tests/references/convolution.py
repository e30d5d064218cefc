"""Cross-correlation in float64, output by output, from its formula alone."""

from itertools import product

import numpy as np


def naive_correlate(values, weights, stride, dilation, before, shape, groups=1, mode="zeros"):
    """N×C×H×W and F×(C/groups)×kh×kw to N×F×H'×W'.

    S(n, f, i, j) = Σ I(n, c, i·s + u·d − p, j·s + v·d − p)·K(f, c, u, v)
    """
    images, channels, height, width = values.shape
    filters, depth, rows, columns = weights.shape
    out = np.zeros((images, filters, *shape))
    for n, f, i, j in product(range(images), range(filters), *map(range, shape)):
        first = f // (filters // groups) * depth
        for c, u, v in product(range(depth), range(rows), range(columns)):
            y = naive_cell(i * stride[0] + u * dilation[0] - before[0], height, mode)
            x = naive_cell(j * stride[1] + v * dilation[1] - before[1], width, mode)
            weight = float(weights[f, c, u, v])
            if y is not None and x is not None and weight != 0:
                out[n, f, i, j] += float(values[n, first + c, y, x]) * weight
    assert channels == groups * depth
    return out


def naive_cell(place, length, mode):
    """The cell that stands at a place, walking back inside step by step."""
    while not 0 <= place < length:
        if mode == "zeros":
            return None
        if mode == "replicate":
            place += 1 if place < 0 else -1
        elif mode == "circular":
            place += length if place < 0 else -length
        elif length == 1:
            return 0
        else:
            place = -place if place < 0 else 2 * (length - 1) - place
    return place


def naive_output(length, kernel, stride, dilation, before, after):
    """How often a window fits, by counting."""
    count, start = 0, -before
    while start + (kernel - 1) * dilation < length + after:
        count, start = count + 1, start + stride
    return count
