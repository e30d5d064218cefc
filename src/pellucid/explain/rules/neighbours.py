"""Normalisation by the length of the values around: of neighbouring maps, or along an axis."""

import numpy as np

from pellucid.explain.rules.case import At, Case, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.explain.rules.products import pick
from pellucid.operators.arithmetic import Arithmetic, Finish, Term
from pellucid.operators.arithmetic.show import number, operand

#: Roundings beside those of the sum of squares.
_STEPS = 10


def _response(case: Case, at: At) -> Made:
    """b = a / (k + α·Σ a²)^β over neighbouring maps (Krizhevsky et al. 2012, section 3.3)."""
    first, last = _neighbours(case, at[1])
    picked = pick(case, case.get("input"), (at[0], slice(first, last), *at[2:]))
    own, alpha = picked.numbers[at[1] - first], _alpha(case)
    terms = tuple(
        Term(cell, (place,), value, alpha * value, alpha * value * value, "cell")
        for place, (cell, value) in enumerate(zip(picked.cells, picked.numbers, strict=True))
    )
    beta, shape = float(case.get("beta", 0.75)), case.node.shape
    arithmetic = Arithmetic(
        "local response normalisation",
        told(at, shape),
        axes_of(shape),
        terms,
        float(case.get("k", 1.0)),
        finish=Finish("power", (-beta, own)),
    )
    written = (
        f"{operand(own)} / ({number(arithmetic.bias)} + {number(alpha)}·("
        f"{' + '.join(f'{operand(value)}²' for value in picked.numbers)}))^{number(beta)}"
    )
    sources = (case.source(case.get("input")),) * len(terms)
    steps = _STEPS + beta * roundings(len(terms))
    return Made(arithmetic, sources, steps=steps, scale=abs(arithmetic.total), written=written)


def _response_whole(case: Case) -> Whole:
    wide = case.read().astype(np.float64)
    maps, beta = wide.shape[1], float(case.get("beta", 0.75))
    # Σ over maps first … last − 1 as a difference of running sums, in float64.
    running = np.concatenate([np.zeros_like(wide[:, :1]), np.cumsum(wide * wide, axis=1)], axis=1)
    ends = np.array([_neighbours(case, channel) for channel in range(maps)])
    squares = running[:, ends[:, 1]] - running[:, ends[:, 0]]
    base = float(case.get("k", 1.0)) + _alpha(case) * squares
    values: Wide = wide * base**-beta
    return Whole(values, _STEPS + beta * roundings(case.get("size")), np.abs(values))


def _neighbours(case: Case, channel: int) -> tuple[int, int]:
    """The maps that damp a map: the first, and the end."""
    size = case.get("size")
    return max(0, channel - size // 2), min(case.shape("input")[1], channel + (size - 1) // 2 + 1)


def _alpha(case: Case) -> float:
    """What the sum of squares is weighed by: the paper's α, or torch's α / n."""
    alpha = float(case.get("alpha", 1e-4))
    return alpha / case.get("size") if case.get("mean", True) else alpha


def _unit(case: Case, at: At) -> Made:
    """``F.normalize``: a / √(Σ a²) along one axis."""
    axis = _unit_axis(case)
    picked = pick(case, case.get("input"), (*at[:axis], slice(None), *at[axis + 1 :]))
    own = picked.numbers[at[axis]]
    terms = tuple(
        Term(cell, (place,), value, value, value * value, "cell")
        for place, (cell, value) in enumerate(zip(picked.cells, picked.numbers, strict=True))
    )
    least, shape = float(case.get("eps", 1e-12)), case.node.shape
    small = sum(term.product for term in terms) < least**2
    finish = Finish("power", (0.0, own / least) if small else (-0.5, own))
    arithmetic = Arithmetic("normalisation", told(at, shape), axes_of(shape), terms, finish=finish)
    sources = (case.source(case.get("input")),) * len(terms)
    steps = _STEPS + roundings(len(terms))
    return Made(arithmetic, sources, steps=steps, scale=abs(arithmetic.total))


def _unit_whole(case: Case) -> Whole:
    wide, axis = case.read().astype(np.float64), _unit_axis(case)
    length = np.sqrt((wide * wide).sum(axis, keepdims=True))
    values = wide / np.maximum(length, float(case.get("eps", 1e-12)))
    return Whole(values, _STEPS + roundings(wide.shape[axis]), np.abs(values))


def _unit_axis(case: Case) -> int:
    if float(case.get("p", 2.0)) != 2.0:
        raise LookupError("normalize is known of the 2-norm only")
    return int(case.get("dim", 1)) % len(case.node.shape)


#: The rules of these.
NEIGHBOURS: dict[str, Rule] = {
    "local_response_norm": Rule(_response, _response_whole),
    "normalize": Rule(_unit, _unit_whole),
}
