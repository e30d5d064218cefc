"""What is not computed: the numbers that a trace begins with."""

from pellucid.explain.rules.case import At, Case, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole
from pellucid.operators.arithmetic import Arithmetic

#: Operations that stand for what is given: there is nothing to recompute in them.
BEGINNINGS = ("input", "pixels")


def _one(case: Case, at: At) -> Made:
    value, shape = float(case.trace.value(case.node)[at]), case.node.shape
    return Made(Arithmetic("given", told(at, shape), axes_of(shape), (), value), (), steps=0)


def _whole(case: Case) -> Whole:
    return Whole(case.trace.value(case.node).astype("float64"))


#: Their rules.
GIVEN: dict[str, Rule] = dict.fromkeys(BEGINNINGS, Rule(_one, _whole))
