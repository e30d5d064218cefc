"""The sum of shifted images, one for each weight that is not zero: any stride, any dilation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.border import padded
from pellucid.operators.problem import Problem


def by_taps(problem: Problem) -> NDArray[Any]:
    """N×C×H'×W' in the working dtype: out[c, i, j] = Σ w[u, v] · in[c, i·s + u·d, j·s + v·d].

    For channels that are filtered alone. Weights of zero are passed over.
    """
    image = padded(problem.values, problem.vertical, problem.horizontal)
    out = np.zeros_like(_seen(image, problem, 0, 0), problem.work)  # in the image's order
    for u, v in np.argwhere(problem.kernel):
        weight = problem.work.type(problem.kernel[u, v])
        out += weight * _seen(image, problem, int(u), int(v))
    return out


def _seen(image: NDArray[Any], problem: Problem, u: int, v: int) -> NDArray[Any]:
    """What tap (u, v) reads for every output: N×C×H'×W', a view."""
    places = []
    for axis, tap in ((problem.vertical, u), (problem.horizontal, v)):
        first = tap * axis.dilation
        places.append(slice(first, first + (axis.output - 1) * axis.stride + 1, axis.stride))
    return image[:, :, places[0], places[1]]
