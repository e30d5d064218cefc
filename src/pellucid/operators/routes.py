"""Which algorithm computes a convolution, and why: the cheapest by estimated time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.operators.bank import by_products
from pellucid.operators.direct import by_opencv
from pellucid.operators.fourier import by_fourier, cells_a_result, tile_side
from pellucid.operators.matrices import by_matrices
from pellucid.operators.nonfinite import around_nonfinite, is_finite, might_hold
from pellucid.operators.problem import Problem
from pellucid.operators.rank import Factor, factors
from pellucid.operators.rounding import finished
from pellucid.operators.separable import by_passes
from pellucid.operators.taps import by_taps

#: Weights, zeros of a dilation included, from which ``cv2.filter2D`` turns to a transform of its
#: own, which spreads NaN and is slower than ours.
_DIRECT = {"float32": 130, "float64": 50}


@dataclass(frozen=True)
class Route:
    """A way to compute a problem.

    Attributes:
        way: its name.
        cost: estimated nanoseconds a result, on one core.
        run: computes N×F×H'×W'.
        local: whether a NaN stays by nature in the windows that hold it.
        detail: what decided the cost, in words.
    """

    way: str
    cost: float
    run: Callable[[Problem], NDArray[Any]]
    local: bool
    detail: str


def ranked(problem: Problem) -> tuple[Route, ...]:
    """Every way that can compute a problem, the quickest by estimate first."""
    return tuple(sorted(_candidates(problem), key=lambda route: route.cost))


def computed(problem: Problem, route: Route) -> NDArray[Any]:
    """N×F×H'×W' of the result's dtype, NaN and infinities in their place."""
    if route.local or problem.values.dtype.kind != "f":
        return route.run(problem)
    if problem.dtype.kind == "f":
        with np.errstate(invalid="ignore", over="ignore"):
            result = route.run(problem)
        if not might_hold(result) or is_finite(problem.values):
            return result
    elif is_finite(problem.values):
        return route.run(problem)
    return around_nonfinite(problem, lambda each: computed(each, ranked(each)[0]))


def _candidates(problem: Problem) -> list[Route]:
    if not problem.alone:
        return [_bank(problem)]
    found = [_taps(problem)]
    kernel = problem.kernel
    if problem.vertical.span * problem.horizontal.span < _DIRECT[problem.work.name]:
        found.append(_direct(problem))
    if kernel.size > 9 and min(kernel.shape) > 1:
        terms = factors(kernel, problem.work)
    else:
        terms = _line(kernel)
    if terms:
        found += _of_rank(problem, terms)
    if kernel.size > 30:
        found.append(_fourier(problem))
    return found


def _line(kernel: NDArray[np.float64]) -> list[Factor]:
    """A kernel of one row or column; for small ones separating does not pay."""
    if kernel.shape[0] == 1:
        return [(np.ones(1), kernel[0])]
    return [(kernel[:, 0], np.ones(1))] if kernel.shape[1] == 1 else []


# The estimates are nanoseconds a result for an RGB image of 1 megapixel on one core of an AMD EPYC
# (Zen 4), fitted by hand to timings of each way. Only their order counts.


def _skipped(problem: Problem) -> int:
    """Results that are computed for each that is kept."""
    return problem.vertical.stride * problem.horizontal.stride


def _wide(problem: Problem) -> float:
    """How much longer float64 takes."""
    return 1.0 if problem.work == np.float32 else 2.0


def _taps(problem: Problem) -> Route:
    count = int(np.count_nonzero(problem.weights))

    def run(each: Problem) -> NDArray[Any]:
        return finished(by_taps(each), each.bias, each.dtype)

    detail = f"{count} weights that are not zero, one shifted image each"
    return Route("shifts", (1.5 + 1.5 * count) * _wide(problem), run, True, detail)


def _direct(problem: Problem) -> Route:
    count = int(np.count_nonzero(problem.kernel))
    each = 0.056 if problem.values.dtype == np.uint8 else 0.041
    cost = (0.35 + each * count) * _skipped(problem) * _wide(problem)
    return Route("direct", cost, by_opencv, True, f"{count} products a result")


def _of_rank(problem: Problem, terms: list[Factor]) -> list[Route]:
    rank, (tall, wide) = len(terms), problem.kernel.shape
    stride = max(problem.vertical.stride, problem.horizontal.stride)
    words = f"rank {rank}: {rank}·({tall} + {wide}) = {rank * (tall + wide)} products a result"
    # Blocks of 32 outputs read 31 cells more than their kernel spans; the matrices take 0.6 ms.
    spans = problem.vertical.span + problem.horizontal.span
    cost = (2 + rank * (1.7 + 0.028 * (spans + 62 * stride))) * _wide(problem)
    cost += 6e5 / prod(problem.window.output_shape)
    run = partial(by_matrices, terms=terms)
    found = [Route("matrices", cost, run, False, f"{words}, as products with banded matrices")]
    if rank == 1:
        slow = 1.0 if _symmetric(terms[0]) else 3.0
        cost = (0.5 + 0.065 * slow * spans + 0.0007 * spans**2) * _skipped(problem)
        passes = partial(by_passes, factor=terms[0])
        local = all(bool(taps.all()) for taps in terms[0])
        found.append(
            Route("passes", cost * _wide(problem), passes, local, f"{words}, in two passes")
        )
    return found


def _symmetric(factor: Factor) -> bool:
    """OpenCV has quick passes for (anti-)symmetric taps."""
    return all(
        taps.size % 2 == 1 and np.array_equal(np.abs(taps), np.abs(taps[::-1])) for taps in factor
    )


def _fourier(problem: Problem) -> Route:
    kernel = (problem.vertical.span, problem.horizontal.span)
    image = (problem.vertical.padded, problem.horizontal.padded)
    side = tile_side(kernel, image)
    cells = cells_a_result(side, kernel, image)
    cost = (1 + 6.6 * cells) * _skipped(problem) * _wide(problem)
    detail = f"transforms of {side}×{side} tiles, {cells:.2f} cells a result"
    return Route("fourier", cost, by_fourier, False, detail)


def _bank(problem: Problem) -> Route:
    filters, channels, tall, wide = problem.weights.shape
    count = channels * tall * wide
    detail = f"{filters} filters of {channels}×{tall}×{wide} = {count} products a result"
    return Route("filters", 0.02 * count, by_products, False, f"{detail}, as products of matrices")


def why(problem: Problem, routes: Sequence[Route]) -> str:
    """What decided, in one sentence with its numbers."""
    best, *others = routes
    size = "×".join(map(str, problem.window.kernel_shape))
    start = f"The kernel is {size}; {best.way} ({best.detail}) takes about {best.cost:.1f} ns"
    if not others:
        return f"{start} a result on one core, and is the way for filters over channels."
    rest = ", ".join(f"{other.way} {other.cost:.1f}" for other in others)
    return f"{start} a result on one core, by estimate the least: {rest}."
