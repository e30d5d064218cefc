"""What is not computed: the numbers that a trace begins with."""

from pellucid.explain.rules.case import At, Case, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.operators.arithmetic import Arithmetic

#: Operations that stand for what is given: there is nothing to recompute in them.
BEGINNINGS = ("input", "pixels")


def _one(case: Case, at: At) -> Made:
    return _as_it_is(case, at, "given")


def _as_it_is(case: Case, at: At, name: str) -> Made:
    value, shape = float(case.trace.value(case.node)[at]), case.node.shape
    return Made(Arithmetic(name, told(at, shape), axes_of(shape), (), value), (), steps=0)


def _whole(case: Case) -> Whole:
    return Whole(case.trace.value(case.node).astype("float64"))


def _untraced(case: Case, at: At) -> Made:
    """A tensor that comes from nowhere that torch shows: an account ends here."""
    if case.node.inputs:
        raise LookupError("torch does not show how it is made of what it reads")
    return _as_it_is(case, at, "made by code that torch does not show")


def _unknown(case: Case) -> Whole:
    raise LookupError("torch does not show how it is made")


#: Their rules.
GIVEN: dict[str, Rule] = {
    **dict.fromkeys(BEGINNINGS, Rule(_one, _whole)),
    "untraced": Rule(_untraced, _unknown),
}
