"""Sums, means and extremes over whole axes."""

from collections.abc import Sequence
from itertools import repeat
from math import prod
from typing import Any

import numpy as np

from pellucid.explain.rules.case import At, Case, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.explain.rules.products import pick
from pellucid.operators.arithmetic import Arithmetic, Term
from pellucid.operators.pooling import Kind


def reduced(case: Case, at: At, name: str, kind: Kind, index: Sequence[int | slice]) -> Made:
    """A number made of a part of the input.

    Args:
        case: whose number it is.
        at: its position.
        name: of the operation.
        kind: ``sum``, ``average``, ``max`` or ``min``.
        index: for each axis of the input a position or a slice.
    """
    picked = pick(case, case.get("input"), index)
    numbers, count = picked.numbers, len(picked.numbers)
    if kind in ("max", "min"):
        kept = _kept(numbers, kind)
        weights = [float(place == kept) for place in range(count)]
        roles = ["kept" if place == kept else "left" for place in range(count)]
        products = [number if place == kept else 0.0 for place, number in enumerate(numbers)]
    else:
        weight = 1 / count if kind == "average" else 1.0
        weights, products = [weight] * count, [number * weight for number in numbers]
        roles = ["cell"] * count
    rows = (picked.cells, repeat(()), numbers, weights, products, roles)
    shape = case.node.shape
    arithmetic = Arithmetic(
        name, told(at, shape), axes_of(shape), tuple(map(Term, *rows)), 0.0, kind
    )
    steps = 0 if kind in ("max", "min") else None
    return Made(arithmetic, (case.source(case.get("input")),) * count, steps=steps)


def _kept(numbers: list[float], kind: Kind) -> int:
    """The first of the largest or smallest; NaN before all, as torch has it."""
    array = np.asarray(numbers)
    return int(array.argmax() if kind == "max" else array.argmin())


def _over(kind: Kind, name: str) -> Rule:
    """A reduction over the axes ``dim``, all of them where there is none."""

    def one(case: Case, at: At) -> Made:
        return reduced(case, at, name, kind, input_index(case, at))

    def whole(case: Case) -> Whole:
        wide, axes = case.read().astype(np.float64), tuple(reduced_axes(case))
        shape = case.node.shape
        if kind in ("max", "min"):
            found = wide.max(axes) if kind == "max" else wide.min(axes)
            return Whole(np.asarray(found).reshape(shape))
        count = prod(wide.shape[axis] for axis in axes)
        divisor = count if kind == "average" else 1
        values, scale = (
            np.asarray(each.sum(axes) / divisor).reshape(shape) for each in (wide, np.abs(wide))
        )
        return Whole(values, roundings(count), scale)

    return Rule(one, whole)


def input_index(case: Case, at: At) -> list[int | slice]:
    """The part of the input that an output of a reduction is made of."""
    axes, kept = reduced_axes(case), case.given("keepdim", "argument3", default=False)
    rest = iter(at)
    index: list[int | slice] = []
    for axis in range(len(case.shape("input"))):
        if axis in axes and kept:
            next(rest)
        index.append(slice(None) if axis in axes else next(rest))
    return index


def reduced_axes(case: Case) -> list[int]:
    """The axes that a reduction is over, ascending, from 0 on."""
    given: Any = case.given("dim", "axis", "argument1")
    count = len(case.shape("input"))
    if given is None or given == () or isinstance(given, bool):
        return list(range(count))
    dims = given if isinstance(given, tuple | list) else (given,)
    return sorted(int(dim) % count for dim in dims)


#: The rules of reductions; ``max`` and ``min`` of one tensor, also with their places.
REDUCING: dict[str, Rule] = {
    "sum": _over("sum", "sum"),
    "mean": _over("average", "mean"),
    "amax": _over("max", "maximum"),
    "amin": _over("min", "minimum"),
    "max": _over("max", "maximum"),
    "min": _over("min", "minimum"),
}
