"""How every operation computes, in float64 and without torch: one rule an operation.

A rule (:class:`Rule`) gives the terms of one output, for an account, and all outputs at once, for
verification. Operations without a rule are named, never passed over.
"""

from pellucid.explain.rules.case import At, Case, Source, axes_of, told
from pellucid.explain.rules.made import Made, Place, Rule, Whole
from pellucid.explain.rules.moving import MOVING
from pellucid.explain.rules.picture import PICTURE

#: The rules by the names of the operations.
RULES: dict[str, Rule] = {**MOVING, **PICTURE}


def rule_of(case: Case) -> Rule:
    """The rule of a node.

    Raises:
        LookupError: there is none, with a sentence that names the operation.
    """
    rule = RULES.get(case.node.operation)
    if rule is None:
        raise LookupError(f"there is no rule for the operation '{case.node.operation}'")
    return rule


__all__ = [
    "RULES", "At", "Case", "Made", "Place", "Rule", "Source", "Whole", "axes_of", "rule_of", "told",
]  # fmt: skip
