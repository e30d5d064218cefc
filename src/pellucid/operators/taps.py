"""The sum of shifted images, one for each weight that is not zero: any stride, any dilation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.border import padded
from pellucid.operators.problem import Problem


def by_taps(problem: Problem) -> NDArray[Any]:
    """N×F×H'×W' in the working dtype: out[f, i, j] = Σ w[f, c, u, v] · in[c, i·s + u·d, j·s + v·d].

    Weights of zero are passed over, so that a shift costs a copy and the identity little more.
    """
    image = padded(problem.values, problem.vertical, problem.horizontal)
    out = np.zeros(problem.shape, problem.work)
    filters = np.argwhere(problem.weights)
    for f, c, u, v in filters:
        weight = problem.work.type(problem.weights[f, c, u, v])
        seen = _seen(image, problem, int(u), int(v))
        if problem.alone:
            out += weight * seen
        else:
            group = f // (problem.weights.shape[0] // problem.groups)
            channel = group * problem.weights.shape[1] + c
            out[:, f] += weight * seen[:, channel]
    return out


def _seen(image: NDArray[Any], problem: Problem, u: int, v: int) -> NDArray[Any]:
    """What tap (u, v) reads for every output: N×C×H'×W', a view."""
    places = []
    for axis, tap in ((problem.vertical, u), (problem.horizontal, v)):
        first = tap * axis.dilation
        places.append(slice(first, first + (axis.output - 1) * axis.stride + 1, axis.stride))
    return image[:, :, places[0], places[1]]
