"""NaN and infinities in an image: they reach the results that weigh them, and no others.

Transforms and matrices spread a NaN over a whole tile or block (0·NaN is NaN). So images that hold
any are computed without them, and what they reach is marked afterwards.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.problem import Problem
from pellucid.operators.rounding import rounded

#: Computes a problem without non-finite values.
Way = Callable[[Problem], NDArray[Any]]


def is_finite(values: NDArray[Any]) -> bool:
    """Whether no value is NaN or infinite."""
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())


def might_hold(result: NDArray[Any]) -> bool:
    """Whether a float result might be touched by a NaN or an infinity: rather yes than no.

    Its sum of squares tells in one quick pass: it is finite only if every number is.
    """
    flat = np.moveaxis(result, 1, 3) if result.strides[1] < result.strides[3] else result
    flat = flat.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return not np.isfinite(np.dot(flat, flat))


def around_nonfinite(problem: Problem, way: Way) -> NDArray[Any]:
    """N×F×H'×W' of an image with NaN or infinities.

    A result is NaN if it weighs a NaN, or infinities that cancel; infinite if it weighs
    infinities of one sign. Weights of zero do not count.
    """
    values = problem.values
    clean = np.where(np.isfinite(values), values, 0).astype(problem.work)
    sums = way(replace(problem, values=clean, dtype=problem.work))

    def reached(marks: NDArray[Any], weights: NDArray[np.bool_]) -> NDArray[np.bool_]:
        if not (marks.any() and weights.any()):
            return np.zeros(sums.shape, bool)
        marked = replace(
            problem,
            values=marks.astype(problem.work),
            weights=weights.astype(np.float64),
            bias=np.zeros(1),
            dtype=problem.work,
        )
        return way(marked) > 0.5

    more, less = problem.weights > 0, problem.weights < 0
    high, low = values == np.inf, values == -np.inf
    up = reached(high, more) | reached(low, less)
    down = reached(high, less) | reached(low, more)
    sums[up] = np.inf
    sums[down] = -np.inf
    sums[reached(np.isnan(values), more | less) | (up & down)] = np.nan
    return rounded(sums, problem.dtype)
