"""Rewrites: pure functions from graph to graph with the same answers.

Each is tried alone on a machine and kept where it is faster there.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pellucid.inference.plan.graph import Graph
from pellucid.inference.plan.rewrites.averages import average_first
from pellucid.inference.plan.rewrites.batch_norm import fold_batch_norm
from pellucid.inference.plan.rewrites.normalisation import fold_normalisation
from pellucid.inference.plan.rewrites.response_norm import (
    response_norm_as_convolution,
    response_norm_as_operation,
)
from pellucid.inference.plan.rewrites.siblings import merge_siblings
from pellucid.inference.plan.rewrites.unneeded import drop_unneeded

#: In the order in which they are tried, by what a table calls them.
REWRITES: Mapping[str, Callable[[Graph], Graph]] = MappingProxyType(
    {
        "drop what training needs": drop_unneeded,
        "fold batch norm": fold_batch_norm,
        "fold normalisation": fold_normalisation,
        "response norm as LRN": response_norm_as_operation,
        "response norm as convolution": response_norm_as_convolution,
        "average first": average_first,
        "merge sibling 1×1": merge_siblings,
    }
)

__all__ = [
    "REWRITES",
    "average_first",
    "drop_unneeded",
    "fold_batch_norm",
    "fold_normalisation",
    "merge_siblings",
    "response_norm_as_convolution",
    "response_norm_as_operation",
]
