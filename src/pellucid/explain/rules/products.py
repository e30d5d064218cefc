"""Sums of products of two arrays: linear layers and products of matrices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product, repeat
from typing import Any

import numpy as np

from pellucid.capture import Reference, Result
from pellucid.explain.rules.case import At, Case, Source, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Place, Rule, Whole, roundings
from pellucid.operators.arithmetic import Arithmetic, Term

#: Rows of a matrix of weights that are made float64 at once.
_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Picked:
    """Numbers of a tensor.

    Attributes:
        reference: the tensor.
        cells: their positions, as people see them.
        numbers: what is there.
    """

    reference: Reference
    cells: list[At]
    numbers: list[float]


def pick(case: Case, reference: Any, index: Sequence[int | slice]) -> Picked:
    """The numbers of a part of a tensor, row by row.

    Args:
        case: who reads them.
        reference: the tensor.
        index: for each axis a position, or a slice of it.
    """
    shape = case.shape_of(reference)
    ranges = [
        range(size)[each] if isinstance(each, slice) else (each,)
        for size, each in zip(shape, index, strict=True)
    ]
    lead = told(tuple(range(len(shape))), shape)
    numbers = case.values(reference)[tuple(index)].astype(np.float64).ravel().tolist()
    return Picked(reference, list(product(*(ranges[axis] for axis in lead))), numbers)


def dot(case: Case, at: At, name: str, pair: tuple[Picked, Picked], bias: float = 0.0) -> Made:
    """Σ value·weight + bias of two lists of numbers; what is computed is the value."""
    value, weight = pair
    if not isinstance(value.reference, Result) and isinstance(weight.reference, Result):
        value, weight = weight, value
    taps = [(place,) for place in range(len(value.cells))]
    products = [v * w for v, w in zip(value.numbers, weight.numbers, strict=True)]
    rows = (value.cells, taps, value.numbers, weight.numbers, products, repeat("cell"))
    shape = case.node.shape
    arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), tuple(map(Term, *rows)), bias)
    sources: tuple[Source, ...] = (case.source(value.reference),) * len(taps)
    return Made(arithmetic, sources, partners(case, weight.reference, weight.cells))


def partners(case: Case, reference: Any, cells: Iterable[At]) -> tuple[Place | None, ...]:
    """Where weights come from; nothing where they are stored."""
    if not isinstance(reference, Result):
        return ()
    return tuple(Place(reference.node, cell) for cell in cells)


def aligned(at: At, shape: tuple[int, ...]) -> At:
    """The position in an operand that was broadcast to the result.

    >>> aligned((0, 5, 2, 3), (8, 1, 1))
    (5, 0, 0)
    """
    last = at[len(at) - len(shape) :]
    return tuple(0 if size == 1 else index for index, size in zip(last, shape, strict=True))


def _linear(case: Case, at: At) -> Made:
    every = slice(None)
    read = pick(case, case.get("input"), (*at[:-1], every))
    weights = pick(case, case.get("weight"), (*at[-1:], every) if case.node.shape else (every,))
    return dot(case, at, "linear layer", (read, weights), case.number("bias", at[-1:]))


def _linear_whole(case: Case) -> Whole:
    read, weights = case.read().astype(np.float64), case.read("weight")
    if weights.ndim == 1:
        weights = weights[None]
    sums, scale = (np.empty((*read.shape[:-1], len(weights))) for _ in range(2))
    for first in range(0, len(weights), _ROWS):
        rows = weights[first : first + _ROWS].astype(np.float64)
        sums[..., first : first + _ROWS] = read @ rows.T
        scale[..., first : first + _ROWS] = np.abs(read) @ np.abs(rows, out=rows).T
    if case.get("bias") is not None:
        bias = case.read("bias").astype(np.float64)
        sums, scale = sums + bias, scale + np.abs(bias)
    shape = case.node.shape
    return Whole(sums.reshape(shape), roundings(weights.shape[1]), scale.reshape(shape))


def _multiplied(first: str, second: str, added: str | None = None) -> Rule:
    """A product of matrices, with what is added to it."""

    def given(case: Case) -> tuple[Any, Any]:
        return case.get(first), case.given(second, "argument1")

    def one(case: Case, at: At) -> Made:
        pair = _row_and_column(case, at, *given(case))
        if added is None:
            return dot(case, at, "matrix product", pair)
        alpha, beta = float(case.get("alpha", 1)), float(case.get("beta", 1))
        right = Picked(pair[1].reference, pair[1].cells, [alpha * each for each in pair[1].numbers])
        begin = case.read(added)
        bias = beta * float(begin[aligned(at, begin.shape)])
        return dot(case, at, "matrix product", (pair[0], right), bias)

    def whole(case: Case) -> Whole:
        left, right = (case.values(each).astype(np.float64) for each in given(case))
        sums, scale = np.matmul(left, right), np.matmul(np.abs(left), np.abs(right))
        if added is not None:
            alpha, beta = float(case.get("alpha", 1)), float(case.get("beta", 1))
            begin = beta * case.read(added).astype(np.float64)
            sums, scale = alpha * sums + begin, abs(alpha) * scale + np.abs(begin)
        return Whole(np.asarray(sums), roundings(left.shape[-1]), np.asarray(scale))

    return Rule(one, whole)


def _row_and_column(case: Case, at: At, left: Any, right: Any) -> tuple[Picked, Picked]:
    """What a value of a product of matrices is the product of (``torch.matmul``'s axes)."""
    one, two = len(case.shape_of(left)), len(case.shape_of(right))
    batch = at[: len(at) - (one > 1) - (two > 1)]
    row = at[len(batch) : len(batch) + 1] if one > 1 else ()
    column = at[-1:] if two > 1 else ()
    every = slice(None)
    return (
        pick(case, left, (*aligned(batch, case.shape_of(left)[:-2]), *row, every)),
        pick(case, right, (*aligned(batch, case.shape_of(right)[:-2]), every, *column)),
    )


def _einsum(case: Case, at: At) -> Made:
    names, result, operands = _letters(case)
    fixed = dict(zip(result, at, strict=True))
    sizes: dict[str, int] = {}
    for letters, operand in zip(names, operands, strict=True):
        sizes.update(zip(letters, case.shape_of(operand), strict=True))
    summed = [letter for letter in sizes if letter not in fixed]
    places = [
        {**fixed, **dict(zip(summed, each, strict=True))}
        for each in product(*(range(sizes[letter]) for letter in summed))
    ]
    picked = [
        _gathered(case, operand, [tuple(place[letter] for letter in letters) for place in places])
        for letters, operand in zip(names, operands, strict=True)
    ]
    if len(picked) == 1:
        picked.append(Picked(picked[0].reference, [], [1.0] * len(places)))
        return _without_partners(dot(case, at, "einsum", (picked[0], picked[1])))
    return dot(case, at, "einsum", (picked[0], picked[1]))


def _without_partners(made: Made) -> Made:
    return Made(made.arithmetic, made.sources)


def _gathered(case: Case, reference: Any, places: list[At]) -> Picked:
    values, shape = case.values(reference), case.shape_of(reference)
    cells = [told(place, shape) for place in places]
    return Picked(reference, cells, [float(values[place]) for place in places])


def _einsum_whole(case: Case) -> Whole:
    names, result, operands = _letters(case)
    equation = f"{','.join(names)}->{result}"
    arrays: list[Wide] = [case.values(each).astype(np.float64) for each in operands]
    scale = np.einsum(equation, *map(np.abs, arrays), optimize=True)
    count = max(array.size for array in arrays)
    return Whole(np.einsum(equation, *arrays, optimize=True), roundings(count), scale)


def _letters(case: Case) -> tuple[list[str], str, tuple[Reference, ...]]:
    """The letters of each operand and of the result, and the operands."""
    equation, given = case.get("equation"), case.get("operands")
    operands = given if isinstance(given, tuple) else (given,)
    if len(operands) == 1 and isinstance(operands[0], tuple):
        operands = operands[0]
    if not isinstance(equation, str) or "." in equation or len(operands) > 2:
        raise LookupError("einsum is known of one or two operands, without '...'")
    letters, arrow, result = equation.replace(" ", "").partition("->")
    if not arrow:
        once = (each for each in set(letters) - {","} if letters.count(each) == 1)
        result = "".join(sorted(once))
    return letters.split(","), result, operands


#: The rules of linear layers and products of matrices.
PRODUCTS: dict[str, Rule] = {
    "linear": Rule(_linear, _linear_whole),
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot", "vdot"), _multiplied("input", "other")),
    "addmm": _multiplied("mat1", "mat2", "input"),
    "baddbmm": _multiplied("batch1", "batch2", "input"),
    "einsum": Rule(_einsum, _einsum_whole),
}
