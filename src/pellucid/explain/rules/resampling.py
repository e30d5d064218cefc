"""``interpolate``: larger and smaller maps by nearest, (bi)linear or bicubic values, or area."""

from functools import reduce
from itertools import product
from math import prod

import numpy as np

from pellucid.explain.resizing import NearestAxis, interpolated_axes
from pellucid.explain.rules.case import At, Case, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.explain.rules.pooling import AREA
from pellucid.geometry import AdaptiveAxis, ResampledAxis
from pellucid.operators.arithmetic import Arithmetic, Term

#: An axis of which each output is a weighted sum of cells.
Weighing = ResampledAxis | NearestAxis


def _one(case: Case, at: At) -> Made:
    if case.get("mode") == "area":
        return AREA.one(case, at)
    values, shape = case.read(), case.node.shape
    along = [axis.weights(output) for axis, output in zip(_axes(case), at[2:], strict=True)]
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
    matrices = map(weight_matrix, _axes(case))
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


def weight_matrix(axis: Weighing) -> Wide:
    """The weights as a matrix, outputs × cells."""
    matrix = np.zeros((axis.output, axis.length))
    for output in range(axis.output):
        for cell, weight in axis.weights(output):
            matrix[output, cell] = weight
    return matrix


def _axes(case: Case) -> list[Weighing]:
    return [axis for axis in interpolated_axes(case) if not isinstance(axis, AdaptiveAxis)]


def _steps(case: Case) -> float:
    """torch finds the places in float32, so that they are off by about as many cells·ε."""
    if str(case.get("mode", "nearest")).startswith("nearest"):
        return 0.0
    return 4.0 * (4 + max(case.node.shape[2:]) + max(case.shape("input")[2:]))


#: The rules of resampling.
RESAMPLING: dict[str, Rule] = {**dict.fromkeys(("interpolate", "upsample"), Rule(_one, _whole))}
