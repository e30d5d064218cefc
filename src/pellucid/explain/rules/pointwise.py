"""Operations of two arrays, value by value, which are broadcast to one shape."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.capture import Result
from pellucid.explain.rules.activations import STEPS, function
from pellucid.explain.rules.case import At, Case, Source, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Place, Rule, Whole
from pellucid.explain.rules.products import aligned
from pellucid.operators.arithmetic import Arithmetic, Finish, Term


def _operands(case: Case) -> tuple[Any, Any]:
    """The two arguments, tensors or numbers."""
    return case.get("input"), case.given("other", "exponent", "dim", "argument1")


def _value(case: Case, given: Any, at: At) -> tuple[float, At | None, Source]:
    """A number that an operand holds for a result, where, and in what."""
    values = case.values(given)
    place = aligned(at, values.shape)
    source = case.source(given)
    return float(values[place]), None if source is None else told(place, values.shape), source


def _added(first: float, second: float, name: str, test: str | None = None) -> Rule:
    """first·input + second·other, ``alpha`` times other; or 1 where this passes a test, else 0."""
    finish = None if test is None else Finish(test)

    def one(case: Case, at: At) -> Made:
        factors = (first, second * float(case.get("alpha", 1)))
        terms, sources, bias = [], list[Source](), 0.0
        for given, factor in zip(_operands(case), factors, strict=True):
            value, place, source = _value(case, given, at)
            if isinstance(given, Result):
                terms.append(Term(place, (), value, factor, factor * value, "cell"))
                sources.append(source)
            else:
                bias += factor * value
        shape = case.node.shape
        arithmetic = Arithmetic(
            name, told(at, shape), axes_of(shape), tuple(terms), bias, finish=finish
        )
        return Made(arithmetic, tuple(sources))

    def whole(case: Case) -> Whole:
        left, right = _wide(case)
        left, right = first * left, second * float(case.get("alpha", 1)) * right
        if finish is not None:
            return Whole(finish.of(left + right))
        return Whole(left + right, 4, np.abs(left) + np.abs(right))

    return Rule(one, whole)


def _multiplied(case: Case, at: At) -> Made:
    return _product(case, at, _operands(case), divides=False)


def _divided(case: Case, at: At) -> Made:
    numerator, denominator = _operands(case)
    if case.get("rounding_mode"):
        raise LookupError("division is known without rounding")
    if isinstance(denominator, Result) and not isinstance(numerator, Result):
        return _inverse(case, at, denominator, _value(case, numerator, at)[0])
    return _product(case, at, (numerator, denominator), divides=True)


def _divided_other(case: Case, at: At) -> Made:
    """``1 / x``: other / input."""
    value = _value(case, _operands(case)[1], at)[0]
    return _inverse(case, at, case.get("input"), value)


def _inverse(case: Case, at: At, given: Any, times: float) -> Made:
    value, place, source = _value(case, given, at)
    shape = case.node.shape
    arithmetic = Arithmetic(
        "quotient",
        told(at, shape),
        axes_of(shape),
        (Term(place, (), value, 1.0, value, "cell"),),
        finish=Finish("power", (-1.0, times)),
    )
    return Made(arithmetic, (source,), steps=STEPS, scale=abs(arithmetic.total))


def _product(case: Case, at: At, pair: tuple[Any, Any], *, divides: bool) -> Made:
    """One term: value × weight, the weight from the other operand."""
    left, right = pair
    if isinstance(right, Result) and not isinstance(left, Result):
        left, right = right, left
    value, place, source = _value(case, left, at)
    other, spot, _ = _value(case, right, at)
    weight, shape = _quotient(1.0, other) if divides else other, case.node.shape
    term = Term(place, (), value, weight, value * weight, "cell")
    partner = Place(right.node, spot) if isinstance(right, Result) and spot is not None else None
    name = "quotient" if divides else "product"
    arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), (term,))
    return Made(arithmetic, (source,), (partner,) if partner else ())


def _power(case: Case, at: At) -> Made:
    base, exponent = _operands(case)
    raised = _value(case, exponent, at)[0]
    rule = function(lambda case: Finish("power", (raised, 1.0)))
    if not isinstance(base, Result):
        raise LookupError("a power is known of a computed base only")
    return rule.one(case, at)


def _raised(case: Case, at: At) -> Made:
    """``2 ** x``: other^input, as e^(ln other·x)."""
    base = _value(case, _operands(case)[1], at)[0]
    return function(lambda case: Finish("exponential", (base,))).one(case, at)


def _extreme(kind: str) -> Rule:
    """The larger or smaller of two."""

    def one(case: Case, at: At) -> Made:
        found = [_value(case, given, at) for given in _operands(case)]
        numbers = np.array([value for value, _, _ in found])
        kept = int(numbers.argmax() if kind == "max" else numbers.argmin())
        terms = tuple(
            Term(place, (), value, 1.0, value, "kept")
            if number == kept
            else Term(place, (), value, 0.0, 0.0, "left")
            for number, (value, place, _) in enumerate(found)
        )
        shape = case.node.shape
        rule: Any = kind
        arithmetic = Arithmetic(f"{kind}imum", told(at, shape), axes_of(shape), terms, 0.0, rule)
        return Made(arithmetic, tuple(source for _, _, source in found), steps=0)

    def whole(case: Case) -> Whole:
        left, right = _wide(case)
        return Whole(np.maximum(left, right) if kind == "max" else np.minimum(left, right))

    return Rule(one, whole)


def _of_two(function: Callable[[Wide, Wide], Wide], steps: int) -> Callable[[Case], Whole]:
    def whole(case: Case) -> Whole:
        with np.errstate(all="ignore"):
            values = function(*_wide(case))
        return Whole(values, steps, np.abs(values))

    return whole


def _wide(case: Case) -> tuple[Wide, Wide]:
    shape = case.node.shape
    left, right = (_array(case, given, shape) for given in _operands(case))
    return left, right


def _array(case: Case, given: Any, shape: tuple[int, ...]) -> Wide:
    values: Values = case.values(given).astype(np.float64)
    return np.broadcast_to(values, shape)


def _quotient(left: float, right: float) -> float:
    """As floating-point arithmetic has it where the divisor is 0."""
    with np.errstate(all="ignore"):
        return float(np.float64(left) / np.float64(right))


#: The rules of operations of two arrays.
POINTWISE: dict[str, Rule] = {
    "add": _added(1.0, 1.0, "sum"),
    "sub": _added(1.0, -1.0, "difference"),
    "rsub": _added(-1.0, 1.0, "difference"),
    **{
        name: _added(1.0, -1.0, "comparison", test)
        for name, test in (
            ("gt", "> 0"),
            ("ge", "≥ 0"),
            ("lt", "< 0"),
            ("le", "≤ 0"),
            ("eq", "= 0"),
            ("ne", "≠ 0"),
        )
    },
    "mul": Rule(_multiplied, _of_two(np.multiply, 2)),
    "div": Rule(_divided, _of_two(np.divide, 2)),
    "rdiv": Rule(_divided_other, _of_two(lambda left, right: right / left, 2)),
    "pow": Rule(_power, _of_two(np.power, STEPS)),
    "rpow": Rule(_raised, _of_two(lambda left, right: right**left, STEPS)),
    "maximum": _extreme("max"),
    "minimum": _extreme("min"),
}
