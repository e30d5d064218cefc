"""A kernel of rank one as a pass across and a pass down: kh + kw products a pixel, not kh·kw."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.operators.problem import Problem
from pellucid.operators.rank import Factor
from pellucid.operators.rounding import finished
from pellucid.operators.sliding import DEPTHS, Spot, slide


def by_passes(problem: Problem, factor: Factor) -> NDArray[Any]:
    """N×C×H'×W' by ``cv2.sepFilter2D``, in floats: its uint8 way has weights of 8 bits."""
    down, across = problem.vertical, problem.horizontal
    column = _spread(factor[0], down.dilation).astype(problem.work)
    row = _spread(factor[1], across.dilation).astype(problem.work)
    together = problem.bias.size == 1
    delta = float(problem.bias[0]) if together else 0.0

    def run(source: NDArray[Any], target: NDArray[Any], spot: Spot) -> None:
        depth = DEPTHS[target.dtype.name]
        cv2.sepFilter2D(source, depth, row, column, target, spot.anchor, delta, spot.border)

    dtype = problem.dtype if together else problem.work
    through = None if dtype == problem.work else problem.work
    made = slide(problem, dtype, run, cost=column.size + row.size, through=through)
    return made if together else finished(made, problem.bias, problem.dtype)


def _spread(taps: NDArray[np.float64], dilation: int) -> NDArray[np.float64]:
    wide = np.zeros(dilation * (taps.size - 1) + 1)
    wide[::dilation] = taps
    return wide
