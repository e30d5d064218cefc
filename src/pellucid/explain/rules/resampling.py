"""``interpolate``: enlarging and shrinking maps by nearest or (bi)linear values."""

from collections.abc import Callable
from functools import reduce
from itertools import product
from math import floor, prod

import numpy as np

from pellucid.capture.call import spread
from pellucid.explain.rules.case import At, Case, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.operators.arithmetic import Arithmetic, Term

#: The cells that an output reads along one axis, and their weights.
Reads = list[tuple[int, float]]


def _one(case: Case, at: At) -> Made:
    values, shape = case.read(), case.node.shape
    count = len(shape) - 2
    along = [reads(output) for reads, output in zip(_axes(case), at[2:], strict=True)]
    terms = []
    for each in product(*along):
        cell = (*at[:2], *(place for place, _ in each))
        weight, value = prod(weight for _, weight in each), float(values[cell])
        terms.append(
            Term(told(cell, values.shape), (), value, weight, value * weight, "cell")
        )
    name = f"{case.get('mode', 'nearest')} interpolation"
    arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), tuple(terms))
    largest = max(abs(term.value) for term in terms)
    source = (case.source(case.get("input")),) * len(terms)
    return Made(arithmetic, source, steps=_steps(case), scale=largest * count)


def _whole(case: Case) -> Whole:
    wide, count = case.read().astype(np.float64), len(case.node.shape) - 2
    matrices = [
        _matrix(reads, length, outputs)
        for reads, length, outputs in zip(
            _axes(case), wide.shape[2:], case.node.shape[2:], strict=True
        )
    ]

    def along(values: Wide) -> Wide:
        return reduce(
            lambda array, each: np.moveaxis(np.moveaxis(array, each[0], -1) @ each[1].T, -1, each[0]),
            enumerate(matrices, 2),
            values,
        )

    return Whole(along(wide), _steps(case), along(np.abs(wide)) * count)


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
    if mode not in ("nearest", "nearest-exact", "linear", "bilinear") or case.get("antialias"):
        raise LookupError(
            "interpolate is known as nearest, nearest-exact, linear and bilinear, without antialias"
        )
    factors = _factors(case)
    lengths, outputs = case.shape("input")[2:], case.node.shape[2:]
    found = []
    for length, count, factor in zip(lengths, outputs, factors, strict=True):
        step = length / count if factor is None else 1 / factor
        found.append(
            _nearest(length, step, 0.5 if mode == "nearest-exact" else 0.0)
            if mode.startswith("nearest")
            else _linear(length, count, step, align)
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


def _linear(length: int, count: int, step: float, align: bool) -> Callable[[int], Reads]:
    """Between the two cells around (i + 1/2)·step − 1/2; corners on corners with ``align``."""

    def reads(output: int) -> Reads:
        if align:
            place = output * (length - 1) / (count - 1) if count > 1 else 0.0
        else:
            place = max(0.0, (output + 0.5) * step - 0.5)
        cell = min(floor(place), length - 1)
        part = place - cell if cell < length - 1 else 0.0
        return [(cell, 1 - part), (cell + 1, part)] if part else [(cell, 1.0)]

    return reads


#: The rules of resampling.
RESAMPLING: dict[str, Rule] = {
    **dict.fromkeys(("interpolate", "upsample"), Rule(_one, _whole))
}
