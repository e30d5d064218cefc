"""The variance over some axes, and its root."""

from math import prod
from typing import Any

import numpy as np

from pellucid.explain.rules.case import At, Case, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.explain.rules.products import pick
from pellucid.explain.rules.reducing import input_index, reduced_axes
from pellucid.operators.arithmetic import Arithmetic, Finish, Term

#: Roundings beside those of the sums.
_STEPS = 8


def _variance(root: bool) -> Rule:
    """Σ (x − μ)² / (n − 1) = Σ x·(x − μ) / (n − 1), or its root; n where it is not corrected."""

    def one(case: Case, at: At) -> Made:
        picked = pick(case, case.get("input"), input_index(case, at))
        numbers = np.array(picked.numbers)
        weights = (numbers - numbers.mean()) / _divisor(case, len(numbers))
        rows = zip(picked.cells, picked.numbers, weights.tolist(), strict=True)
        terms = tuple(Term(cell, (), x, weight, x * weight, "cell") for cell, x, weight in rows)
        shape = case.node.shape
        finish = Finish("√") if root else None
        name = "standard deviation" if root else "variance"
        arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), terms, finish=finish)
        scale = float(_scale(np.array(arithmetic.magnitude), np.array(arithmetic.total), root))
        sources = (case.source(case.get("input")),) * len(terms)
        return Made(arithmetic, sources, steps=_STEPS + roundings(len(terms)), scale=scale)

    def whole(case: Case) -> Whole:
        wide, axes = case.read().astype(np.float64), tuple(reduced_axes(case))
        count = prod(wide.shape[axis] for axis in axes)
        centred = wide - wide.mean(axes, keepdims=True)
        divisor, shape = _divisor(case, count), case.node.shape
        values = ((centred * centred).sum(axes) / divisor).reshape(shape)
        sizes = (np.abs(centred * wide).sum(axes) / divisor).reshape(shape)
        values = np.sqrt(values) if root else values
        return Whole(values, _STEPS + roundings(count), _scale(sizes, values, root))

    return Rule(one, whole)


def _scale(sizes: Wide, values: Wide, root: bool) -> Wide:
    """Σ |product|; of the root its derivative times that."""
    if not root:
        return sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0, sizes / (2 * values), np.sqrt(sizes)) + values


def _divisor(case: Case, count: int) -> float:
    """n less the correction, which is 1 unless the call has another."""
    correction: Any = case.get("correction")
    if correction is None:
        unbiased = case.given("unbiased", "argument2", "argument1", default=True)
        correction = unbiased if isinstance(unbiased, bool) else 1
    return float(count - int(correction))


#: The rules of variances.
VARIANCE: dict[str, Rule] = {"var": _variance(False), "std": _variance(True)}
