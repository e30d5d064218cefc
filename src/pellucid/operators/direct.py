"""Every weight in turn, by OpenCV."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis
from pellucid.operators.problem import Problem
from pellucid.operators.rounding import finished
from pellucid.operators.sliding import DEPTHS, Spot, slide


def by_opencv(problem: Problem) -> NDArray[Any]:
    """N×C×H'×W' by ``cv2.filter2D``, which sums in float32 or float64, also from uint8 to uint8."""
    kernel = spread(problem.kernel, problem.vertical, problem.horizontal).astype(problem.work)
    rounds = problem.values.dtype == problem.dtype == np.uint8
    native = problem.bias.size == 1 and (rounds or problem.dtype == problem.work)
    depth = problem.dtype if native else problem.work
    delta = float(problem.bias[0]) if native else 0.0

    def run(source: NDArray[Any], target: NDArray[Any], spot: Spot) -> None:
        number = DEPTHS[target.dtype.name]
        cv2.filter2D(source, number, kernel, target, spot.anchor, delta, spot.border)

    made = slide(problem, depth, run, cost=kernel.size)
    return made if native else finished(made, problem.bias, problem.dtype)


def spread(kernel: NDArray[np.float64], vertical: Axis, horizontal: Axis) -> NDArray[np.float64]:
    """A kernel with dilation as one without: zeros between its weights.

    >>> spread(np.array([[1.0, 2.0]]), Axis(9, 1), Axis(9, 2, dilation=2))
    array([[1., 0., 2.]])
    """
    wide = np.zeros((vertical.span, horizontal.span))
    wide[:: vertical.dilation, :: horizontal.dilation] = kernel
    return wide
