"""How every operation computes, in float64 and without torch: one rule an operation.

A rule (:class:`Rule`) gives the terms of one output, for an account, and all outputs at once, for
verification. Operations without a rule are named, never passed over.
"""

from pellucid.capture import Constant, Result, Stored
from pellucid.explain.rules.activations import ACTIVATIONS
from pellucid.explain.rules.case import At, Case, Source, axes_of, told
from pellucid.explain.rules.convolution import CONVOLUTIONS
from pellucid.explain.rules.given import BEGINNINGS, GIVEN
from pellucid.explain.rules.made import Made, Place, Rule, Whole
from pellucid.explain.rules.memory import rewritten, written_too
from pellucid.explain.rules.mover import moved
from pellucid.explain.rules.moving import MOVING
from pellucid.explain.rules.neighbours import NEIGHBOURS
from pellucid.explain.rules.norms import NORMS
from pellucid.explain.rules.parts import PARTS
from pellucid.explain.rules.picture import PICTURE
from pellucid.explain.rules.pointwise import POINTWISE
from pellucid.explain.rules.pooling import POOLING
from pellucid.explain.rules.products import PRODUCTS
from pellucid.explain.rules.reducing import REDUCING
from pellucid.explain.rules.resampling import RESAMPLING
from pellucid.explain.rules.softmax import SOFTMAX
from pellucid.explain.rules.variance import VARIANCE

#: The rules by the names of the operations.
RULES: dict[str, Rule] = {
    **GIVEN,
    **ACTIVATIONS,
    **CONVOLUTIONS,
    **MOVING,
    **NEIGHBOURS,
    **NORMS,
    **PICTURE,
    **POINTWISE,
    **POOLING,
    **PRODUCTS,
    **REDUCING,
    **RESAMPLING,
    **SOFTMAX,
    **VARIANCE,
    "rewritten": moved("rewritten", rewritten),
}
#: Operations on two tensors that torch calls like a reduction of one.
_OF_TWO = {"max": "maximum", "min": "minimum"}
#: Operations whose first result is an extreme, and the second where it was.
_WITH_PLACES = ("max", "min", "adaptive_max")


def rule_of(case: Case) -> Rule:
    """The rule of a node.

    Raises:
        LookupError: there is none, with a sentence that names the operation.
    """
    operation = case.node.operation
    if operation == "item" and case.graph.nodes[case.get("input").node].operation not in PARTS:
        return _rule_of_item(case)
    if operation in _OF_TWO and isinstance(case.get("dim"), Result | Stored | Constant):
        operation = _OF_TWO[operation]
    if operation not in RULES:
        raise LookupError(f"there is no rule for the operation '{operation}'")
    return RULES[operation]


def _rule_of_item(case: Case) -> Rule:
    """The rule of one of several results.

    Of an extreme and its place it is the extreme; of work in place that more than one of its
    operands shares, the first is what was meant.
    """
    parent = Case.of(case.trace, case.graph.nodes[case.get("input").node])
    operation, place = parent.node.operation, case.get("index")
    in_place = not parent.node.fresh
    if in_place and place > 0:
        return moved(operation, written_too)
    if not in_place and (place > 0 or not operation.startswith(_WITH_PLACES)):
        raise LookupError(f"there is no rule for result {place} of the operation '{operation}'")
    rule = rule_of(parent)
    return Rule(lambda _, at: rule.one(parent, at), lambda _: rule.whole(parent))


__all__ = [
    "BEGINNINGS", "RULES", "At", "Case", "Made", "Place", "Rule", "Source", "Whole", "axes_of",
    "rule_of", "told",
]  # fmt: skip
