"""Softmax and its logarithm over one axis."""

from typing import Any

import numpy as np

from pellucid.explain.rules.case import At, Case, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.explain.rules.products import pick
from pellucid.operators.arithmetic import Arithmetic, Finish, Term
from pellucid.operators.arithmetic.show import number

#: Scores that a formula spells out.
_SPELLED = 9


def _softmax(logarithm: bool) -> Rule:
    """exp(x_i) / Σ_j exp(x_j) = 1 / Σ_j exp(x_j − x_i), or its logarithm.

    The terms are exp(x_j − x_i): what each of the others takes from x_i.
    """
    name = "log-softmax" if logarithm else "softmax"
    finish = Finish("−ln") if logarithm else Finish("power", (-1.0, 1.0))

    def one(case: Case, at: At) -> Made:
        axis = _axis(case)
        picked = pick(case, case.get("input"), (*at[:axis], slice(None), *at[axis + 1 :]))
        own = picked.numbers[at[axis]]
        with np.errstate(all="ignore"):
            powers = np.exp(np.array(picked.numbers) - own).tolist()
        terms = tuple(
            Term(cell, (place,), value, 1.0, power, "cell")
            for place, (cell, value, power) in enumerate(
                zip(picked.cells, picked.numbers, powers, strict=True)
            )
        )
        shape = case.node.shape
        arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), terms, finish=finish)
        largest = max(abs(value) for value in picked.numbers)
        total = abs(arithmetic.total)
        return Made(
            arithmetic,
            (case.source(case.get("input")),) * len(terms),
            steps=roundings(len(terms)) + 8,
            scale=total + largest if logarithm else total * (1 + largest),
            written=_written(own, picked.numbers, logarithm),
        )

    def whole(case: Case) -> Whole:
        wide, axis = case.read().astype(np.float64), _axis(case)
        shifted = wide - wide.max(axis, keepdims=True)
        sums = np.exp(shifted).sum(axis, keepdims=True)
        largest: Any = np.abs(wide).max(axis, keepdims=True)
        steps = roundings(wide.shape[axis]) + 8
        if logarithm:
            values: Wide = shifted - np.log(sums)
            return Whole(values, steps, np.abs(values) + largest)
        values = np.exp(shifted) / sums
        return Whole(values, steps, values * (1 + largest))

    return Rule(one, whole)


def _axis(case: Case) -> int:
    """The axis; where none is given the one that ``F.softmax`` takes."""
    count, axis = len(case.node.shape), case.get("dim")
    if axis is None:
        axis = 0 if count in (0, 1, 3) else 1
    return int(axis) % count


def _written(own: float, numbers: list[float], logarithm: bool) -> str:
    largest = sorted(numbers, reverse=True)[:_SPELLED]
    pieces = [f"exp({number(value)})" for value in largest]
    if len(numbers) > _SPELLED:
        pieces.append(f"… {len(numbers) - _SPELLED:,} more …")
    added = " + ".join(pieces)
    if logarithm:
        return f"{number(own)} − ln({added})"
    return f"exp({number(own)}) / ({added})"


#: The rules of softmax.
SOFTMAX: dict[str, Rule] = {"softmax": _softmax(False), "log_softmax": _softmax(True)}
