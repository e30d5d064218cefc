"""Functions of one number: activations and the like."""

from collections.abc import Callable

import numpy as np

from pellucid.capture import Result
from pellucid.explain.rules.case import At, Case, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.explain.rules.products import aligned
from pellucid.operators.arithmetic import Arithmetic, Finish, Term

#: Roundings of a function of one number: of exp, of a division, and so on.
STEPS = 8
#: Of SELU (Klambauer et al. 2017, Self-normalizing neural networks, equation 14).
_SELU = (1.6732632423543772, 1.0507009873554805)


def function(of: Callable[[Case], Finish], *, steps: int = STEPS, cancels: bool = False) -> Rule:
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
    rule = function(lambda case: Finish("leaky ReLU", (_prelu_slope(case, at),)))
    return rule.one(case, at)


def _prelu_whole(case: Case) -> Whole:
    wide = case.read().astype(np.float64)
    slopes = _slopes(case).astype(np.float64)
    if slopes.size > 1:
        slopes = slopes.reshape(-1, *(1,) * (wide.ndim - 2))
    values = np.where(wide > 0, wide, slopes * wide)
    return Whole(values, STEPS, np.abs(values))


def _rrelu(case: Case) -> Finish:
    """In evaluation its slope is the middle of the two bounds."""
    bounds = (case.get("lower", 1 / 8), case.get("upper", 1 / 3))
    return Finish("leaky ReLU", (sum(bounds) / 2,))


#: The rules of functions of one number.
ACTIVATIONS: dict[str, Rule] = {
    "relu": function(_always("ReLU"), steps=0),
    "relu6": function(_always("clip", 0.0, 6.0), steps=1),
    "hardtanh": function(_with("clip", ("min_val", -1.0), ("max_val", 1.0)), steps=1),
    **dict.fromkeys(("clamp", "clip"), function(_clamp, steps=1)),
    "clamp_min": function(lambda case: Finish("clip", (_bound(case, "min"), np.inf)), steps=1),
    "clamp_max": function(lambda case: Finish("clip", (-np.inf, _bound(case, "max"))), steps=1),
    "leaky_relu": function(_with("leaky ReLU", ("negative_slope", 0.01))),
    "prelu": Rule(_prelu, _prelu_whole),
    "elu": function(lambda case: Finish("ELU", (float(case.get("alpha", 1.0)), 1.0))),
    "selu": function(_always("ELU", *_SELU)),
    "celu": function(_with("CELU", ("alpha", 1.0))),
    "gelu": function(_gelu, cancels=True),
    "sigmoid": function(_always("sigmoid")),
    "tanh": function(_always("tanh")),
    "silu": function(_always("SiLU")),
    "mish": function(_always("Mish")),
    "hardsigmoid": function(_always("hard sigmoid")),
    "hardswish": function(_always("hard swish")),
    "softplus": function(_with("softplus", ("beta", 1.0), ("threshold", 20.0))),
    "softsign": function(_always("softsign")),
    **dict.fromkeys(("logsigmoid", "log_sigmoid"), function(_always("log sigmoid"))),
    "rrelu": function(_rrelu),
    "threshold": function(_with("threshold", ("threshold", 0.0), ("value", 0.0)), steps=1),
    "hardshrink": function(_with("hard shrink", ("lambd", 0.5)), steps=1),
    "softshrink": function(_with("soft shrink", ("lambd", 0.5)), cancels=True),
    "tanhshrink": function(_always("tanh shrink"), cancels=True),
    "exp": function(_always("exp")),
    "log": function(_always("ln"), cancels=True),
    "abs": function(_always("abs"), steps=0),
    "sqrt": function(_always("√")),
    "rsqrt": function(_always("power", -0.5, 1.0)),
    "square": function(_always("power", 2.0, 1.0)),
    "reciprocal": function(_always("power", -1.0, 1.0)),
    "neg": function(_always("−"), steps=0),
    "sin": function(_always("sin"), cancels=True),
    "cos": function(_always("cos"), cancels=True),
}
