"""What is done value by value: activations, and operations of two arrays that are broadcast."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.capture import Result
from pellucid.explain.rules.case import At, Case, Source, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Place, Rule, Whole
from pellucid.explain.rules.products import aligned
from pellucid.operators.arithmetic import Arithmetic, Finish, Term

#: Roundings of a function of one number: of exp, of a division, and so on.
_STEPS = 8
#: Of SELU (Klambauer et al. 2017, Self-normalizing neural networks, equation 14).
_SELU = (1.6732632423543772, 1.0507009873554805)


def _function(
    of: Callable[[Case], Finish], *, steps: int = _STEPS, cancels: bool = False
) -> Rule:
    """A function of one number.

    Args:
        of: what it is, by the node's arguments.
        steps: roundings: 0 where it only chooses, 1 where a bound is rounded to the dtype.
        cancels: its rounding is relative to its argument too, such as GELU's.
    """

    def one(case: Case, at: At) -> Made:
        finish, shape = of(case), case.node.shape
        place = aligned(at, case.shape("input"))
        value = float(case.read()[place])
        term = Term(told(place, case.shape("input")), (), value, 1.0, value, "cell")
        arithmetic = Arithmetic(
            finish.name, told(at, shape), axes_of(shape), (term,), finish=finish
        )
        scale = abs(arithmetic.total) + (abs(value) if cancels else 0.0)
        source = (case.source(case.get("input")),)
        return Made(arithmetic, source, steps=steps, scale=scale)

    def whole(case: Case) -> Whole:
        wide = case.read().astype(np.float64)
        values: Wide = of(case).of(wide)
        scale = np.abs(values) + np.abs(wide) if cancels else np.abs(values)
        return Whole(values, steps, scale)

    return Rule(one, whole)


def _always(name: str, *parameters: float) -> Callable[[Case], Finish]:
    finish = Finish(name, parameters)
    return lambda case: finish


def _with(name: str, *arguments: tuple[str, float]) -> Callable[[Case], Finish]:
    """A function with parameters from the call, by name and default, in torch's order."""

    def finish(case: Case) -> Finish:
        given = (
            case.get(argument, case.get(f"argument{place}", default))
            for place, (argument, default) in enumerate(arguments, 1)
        )
        return Finish(name, tuple(float(each) for each in given))

    return finish


def _bound(case: Case, name: str) -> float:
    return float(case.get(name, case.get("argument1")))


def _clamp(case: Case) -> Finish:
    low, high = (
        case.get(name, case.get(f"argument{place}")) for place, name in enumerate(("min", "max"), 1)
    )
    if any(isinstance(bound, Result) for bound in (low, high)):
        raise LookupError("clamp is known with numbers for bounds, not with tensors")
    return Finish(
        "clip", (-np.inf if low is None else float(low), np.inf if high is None else float(high))
    )


def _gelu(case: Case) -> Finish:
    return Finish("GELU (tanh)" if case.get("approximate", "none") == "tanh" else "GELU")


def _prelu_slope(case: Case, at: At) -> float:
    slopes = _slopes(case).ravel()
    return float(slopes[at[1] if len(slopes) > 1 else 0])


def _slopes(case: Case) -> Values:
    return case.values(case.get("weight", case.get("argument1")))


def _prelu(case: Case, at: At) -> Made:
    """x, or a·x below 0, a one a channel (He et al. 2015, Delving deep into rectifiers)."""
    rule = _function(lambda case: Finish("leaky ReLU", (_prelu_slope(case, at),)))
    return rule.one(case, at)


def _prelu_whole(case: Case) -> Whole:
    wide = case.read().astype(np.float64)
    slopes = _slopes(case).astype(np.float64)
    if slopes.size > 1:
        slopes = slopes.reshape(-1, *(1,) * (wide.ndim - 2))
    values = np.where(wide > 0, wide, slopes * wide)
    return Whole(values, _STEPS, np.abs(values))


def _operands(case: Case) -> tuple[Any, Any]:
    """The two arguments, tensors or numbers."""
    names = ("other", "exponent", "dim", "argument1")
    return case.get("input"), next((case.get(name) for name in names if name in case.node.arguments))


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
    return _product(case, at, "product", *_operands(case), lambda weight: weight)


def _divided(case: Case, at: At) -> Made:
    numerator, denominator = _operands(case)
    if case.get("rounding_mode"):
        raise LookupError("division is known without rounding")
    if isinstance(denominator, Result) and not isinstance(numerator, Result):
        return _inverse(case, at, denominator, _value(case, numerator, at)[0])
    return _product(
        case, at, "quotient", numerator, denominator, lambda weight: _quotient(1.0, weight)
    )


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
    return Made(arithmetic, (source,), steps=_STEPS, scale=abs(arithmetic.total))


def _product(
    case: Case, at: At, name: str, left: Any, right: Any, weigh: Callable[[float], float]
) -> Made:
    """One term: value × weight, the weight from the other operand."""
    if isinstance(right, Result) and not isinstance(left, Result):
        left, right = right, left
    value, place, source = _value(case, left, at)
    other, spot, _ = _value(case, right, at)
    weight, shape = weigh(other), case.node.shape
    term = Term(place, (), value, weight, value * weight, "cell")
    partner = Place(right.node, spot) if isinstance(right, Result) and spot is not None else None
    arithmetic = Arithmetic(name, told(at, shape), axes_of(shape), (term,))
    return Made(arithmetic, (source,), (partner,) if partner else ())


def _power(case: Case, at: At) -> Made:
    base, exponent = _operands(case)
    raised = _value(case, exponent, at)[0]
    rule = _function(lambda case: Finish("power", (raised, 1.0)))
    if not isinstance(base, Result):
        raise LookupError("a power is known of a computed base only")
    return rule.one(case, at)


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


def _raised(case: Case, at: At) -> Made:
    """``2 ** x``: other^input, as e^(ln other·x)."""
    base = _value(case, _operands(case)[1], at)[0]
    return _function(lambda case: Finish("exponential", (base,))).one(case, at)


def _rrelu(case: Case) -> Finish:
    """In evaluation its slope is the middle of the two bounds."""
    bounds = (case.get("lower", 1 / 8), case.get("upper", 1 / 3))
    return Finish("leaky ReLU", (sum(bounds) / 2,))


#: The rules of what is done value by value.
POINTWISE: dict[str, Rule] = {
    "relu": _function(_always("ReLU"), steps=0),
    "relu6": _function(_always("clip", 0.0, 6.0), steps=1),
    "hardtanh": _function(_with("clip", ("min_val", -1.0), ("max_val", 1.0)), steps=1),
    **dict.fromkeys(("clamp", "clip"), _function(_clamp, steps=1)),
    "clamp_min": _function(lambda case: Finish("clip", (_bound(case, "min"), np.inf)), steps=1),
    "clamp_max": _function(lambda case: Finish("clip", (-np.inf, _bound(case, "max"))), steps=1),
    "leaky_relu": _function(_with("leaky ReLU", ("negative_slope", 0.01))),
    "prelu": Rule(_prelu, _prelu_whole),
    "elu": _function(lambda case: Finish("ELU", (float(case.get("alpha", 1.0)), 1.0))),
    "selu": _function(_always("ELU", *_SELU)),
    "celu": _function(_with("CELU", ("alpha", 1.0))),
    "gelu": _function(_gelu, cancels=True),
    "sigmoid": _function(_always("sigmoid")),
    "tanh": _function(_always("tanh")),
    "silu": _function(_always("SiLU")),
    "mish": _function(_always("Mish")),
    "hardsigmoid": _function(_always("hard sigmoid")),
    "hardswish": _function(_always("hard swish")),
    "softplus": _function(_with("softplus", ("beta", 1.0), ("threshold", 20.0))),
    "softsign": _function(_always("softsign")),
    **dict.fromkeys(("logsigmoid", "log_sigmoid"), _function(_always("log sigmoid"))),
    "rrelu": _function(_rrelu),
    "threshold": _function(_with("threshold", ("threshold", 0.0), ("value", 0.0)), steps=1),
    "hardshrink": _function(_with("hard shrink", ("lambd", 0.5)), steps=1),
    "softshrink": _function(_with("soft shrink", ("lambd", 0.5)), cancels=True),
    "tanhshrink": _function(_always("tanh shrink"), cancels=True),
    "exp": _function(_always("exp")),
    "log": _function(_always("ln"), cancels=True),
    "abs": _function(_always("abs"), steps=0),
    "sqrt": _function(_always("√")),
    "rsqrt": _function(_always("power", -0.5, 1.0)),
    "square": _function(_always("power", 2.0, 1.0)),
    "reciprocal": _function(_always("power", -1.0, 1.0)),
    "neg": _function(_always("−"), steps=0),
    "sin": _function(_always("sin"), cancels=True),
    "cos": _function(_always("cos"), cancels=True),
    "add": _added(1.0, 1.0, "sum"),
    "sub": _added(1.0, -1.0, "difference"),
    "rsub": _added(-1.0, 1.0, "difference"),
    **{
        name: _added(1.0, -1.0, "comparison", test)
        for name, test in (
            ("gt", "> 0"), ("ge", "≥ 0"), ("lt", "< 0"), ("le", "≤ 0"), ("eq", "= 0"), ("ne", "≠ 0")
        )
    },
    "mul": Rule(_multiplied, _of_two(np.multiply, 2)),
    "div": Rule(_divided, _of_two(np.divide, 2)),
    "rdiv": Rule(_divided_other, _of_two(lambda left, right: right / left, 2)),
    "pow": Rule(_power, _of_two(np.power, _STEPS)),
    "rpow": Rule(_raised, _of_two(lambda left, right: right**left, _STEPS)),
    "maximum": _extreme("max"),
    "minimum": _extreme("min"),
}
