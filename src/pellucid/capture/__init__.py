"""One forward pass of a torch network as a graph: what was computed, from what, and where.

:func:`capture` runs on shapes alone (no weights, nothing computed) or on real tensors. The
ledger counts from the graph, drawings and traces read it.
"""

from pellucid.capture.graph import Constant, Graph, Node, Reference, Result, Stored
from pellucid.capture.run import capture
from pellucid.capture.weightless import weightless

__all__ = [
    "Constant",
    "Graph",
    "Node",
    "Reference",
    "Result",
    "Stored",
    "capture",
    "weightless",
]
