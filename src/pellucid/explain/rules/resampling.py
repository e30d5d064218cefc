"""``interpolate``: larger and smaller maps by nearest, (bi)linear or bicubic values, or area."""

from collections.abc import Callable
from functools import reduce
from itertools import product
from math import floor, prod

import numpy as np

from pellucid.capture.call import spread
from pellucid.explain.rules.case import At, Case, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.explain.rules.pooling import AREA
from pellucid.operators.arithmetic import Arithmetic, Term

_MODES = ("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "area")
#: The cells that an output reads along one axis, and their weights.
Reads = list[tuple[int, float]]


def _one(case: Case, at: At) -> Made:
    if case.get("mode") == "area":
        return AREA.one(case, at)
    values, shape = case.read(), case.node.shape
    along = [reads(output) for reads, output in zip(_axes(case), at[2:], strict=True)]
    terms = []
    for each in product(*along):
        cell = (*at[:2], *(place for place, _ in each))
        weight, value = prod(weight for _, weight in each), float(values[cell])
        terms.append(Term(told(cell, values.shape), (), value, weight, value * weight, "cell"))
    name = f"{case.get('mode', 'nearest')} interpolation"
    arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), tuple(terms))
    source = (case.source(case.get("input")),) * len(terms)
    return Made(arithmetic, source, steps=_steps(case), scale=float(_scale(values[at[:2]], 1)))


def _whole(case: Case) -> Whole:
    if case.get("mode") == "area":
        return AREA.whole(case)
    wide = case.read().astype(np.float64)
    matrices = [
        _matrix(reads, length, outputs)
        for reads, length, outputs in zip(
            _axes(case), wide.shape[2:], case.node.shape[2:], strict=True
        )
    ]

    values = reduce(
        lambda array, each: np.moveaxis(np.moveaxis(array, each[0], -1) @ each[1].T, -1, each[0]),
        enumerate(matrices, 2),
        wide,
    )
    return Whole(values, _steps(case), _scale(wide, 2))


def _scale(values: Values, lead: int) -> Wide:
    """The largest of each map: a place that is off reads other cells too."""
    axes = tuple(range(lead if lead > 1 else 0, values.ndim))
    return np.asarray(2.0 * np.abs(values).max(axes, keepdims=lead > 1))


def _matrix(reads: Callable[[int], Reads], length: int, outputs: int) -> Wide:
    """The weights as a matrix, outputs × cells."""
    matrix = np.zeros((outputs, length))
    for output in range(outputs):
        for cell, weight in reads(output):
            matrix[output, cell] += weight
    return matrix


def _steps(case: Case) -> float:
    """torch finds the places in float32, so that they are off by about as many cells·ε."""
    if str(case.get("mode", "nearest")).startswith("nearest"):
        return 0.0
    return 4.0 * (4 + max(case.node.shape[2:]) + max(case.shape("input")[2:]))


def _axes(case: Case) -> list[Callable[[int], Reads]]:
    """For each axis what an output reads.

    Raises:
        LookupError: another mode, or smoothing (antialias).
    """
    mode, align = case.get("mode", "nearest"), bool(case.get("align_corners", False))
    if mode not in _MODES or case.get("antialias"):
        raise LookupError(f"interpolate is known as {', '.join(_MODES)}, without antialias")
    factors = _factors(case)
    lengths, outputs = case.shape("input")[2:], case.node.shape[2:]
    found = []
    for length, count, factor in zip(lengths, outputs, factors, strict=True):
        step = length / count if factor is None else 1 / factor
        found.append(
            _nearest(length, step, 0.5 if mode == "nearest-exact" else 0.0)
            if mode.startswith("nearest")
            else _around(length, count, step, align, _cubic if mode == "bicubic" else _linear)
        )
    return found


def _factors(case: Case) -> tuple[float | None, ...]:
    """The factor of each axis, where the call has one that torch uses as it is."""
    axes, factor = len(case.node.shape) - 2, case.get("scale_factor")
    if factor is None or case.get("recompute_scale_factor"):
        return (None,) * axes
    return tuple(float(each) for each in spread(factor, axes))


def _nearest(length: int, step: float, shift: float) -> Callable[[int], Reads]:
    """floor((i + shift)·step), in float32 as torch has it: there it decides between two cells."""

    def reads(output: int) -> Reads:
        place = np.float32(output + shift) * np.float32(step)
        return [(min(floor(place), length - 1), 1.0)]

    return reads


def _around(
    length: int, count: int, step: float, align: bool, weigh: Callable[[float], list[float]]
) -> Callable[[int], Reads]:
    """Cells around (i + 1/2)·step − 1/2; corners on corners with ``align``. Edges are repeated."""

    def reads(output: int) -> Reads:
        if align:
            place = output * (length - 1) / (count - 1) if count > 1 else 0.0
        else:
            place = (output + 0.5) * step - 0.5
            place = place if weigh is _cubic else max(0.0, place)
        first = floor(place)
        weights: dict[int, float] = {}
        factors = weigh(place - first)
        for number, weight in enumerate(factors, first - len(factors) // 2 + 1):
            cell = min(max(number, 0), length - 1)
            weights[cell] = weights.get(cell, 0.0) + weight
        return [(cell, weight) for cell, weight in weights.items() if weight]

    return reads


def _linear(part: float) -> list[float]:
    return [1 - part, part]


def _cubic(part: float) -> list[float]:
    """Keys 1981, Cubic convolution interpolation, with a = −3/4 (torch's)."""
    a = -0.75

    def inner(x: float) -> float:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def outer(x: float) -> float:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [outer(part + 1), inner(part), inner(1 - part), outer(2 - part)]


#: The rules of resampling.
RESAMPLING: dict[str, Rule] = {**dict.fromkeys(("interpolate", "upsample"), Rule(_one, _whole))}
