"""The arithmetic of one output of any operator, term by term, in float64.

Computed from the geometry and the operator's definition alone, in plain loops: it is what the
fast operators are checked against, and what explanations show.
"""

from pellucid.operators.arithmetic.correlation import (
    explain_convolution,
    explain_correlation,
    explain_mixing,
    filter_terms,
)
from pellucid.operators.arithmetic.finishing import Finish
from pellucid.operators.arithmetic.place import Place
from pellucid.operators.arithmetic.pooling import explain_global_pooling, explain_pooling
from pellucid.operators.arithmetic.result import Arithmetic, Role, Rule, Term
from pellucid.operators.arithmetic.series import explain_ema, explain_series

__all__ = [
    "Arithmetic",
    "Finish",
    "Place",
    "Role",
    "Rule",
    "Term",
    "explain_convolution",
    "explain_correlation",
    "explain_ema",
    "explain_global_pooling",
    "explain_mixing",
    "explain_pooling",
    "explain_series",
    "filter_terms",
]
