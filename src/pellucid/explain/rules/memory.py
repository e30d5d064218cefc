"""Tensors that changed because another one, in the same memory, was written.

``x.view(-1).relu_()`` changes x as well: its new values are a node ``rewritten``. Which of them are
new follows from the views between the two.
"""

from typing import Any

import numpy as np

from pellucid.capture import Node, Result
from pellucid.explain.rules.case import Case, Values
from pellucid.explain.rules.moving import PARTS, VIEWS, Read

#: The node that took the memory, and the cells of it that a tensor shows.
Memory = tuple[int, Values]


def rewritten(case: Case, read: Read) -> Values:
    """The values of the tensor that was written, where it shows the same cells; else the old ones.

    Raises:
        LookupError: the views between them are not known.
    """
    before, written = case.get("input"), case.get("written")
    if not isinstance(before, Result) or not isinstance(written, Result):
        raise LookupError("stored values that are written during a forward pass are not followed")
    home, cells = memory(case, case.graph.nodes[before.node])
    other, seen = memory(case, case.graph.nodes[written.node])
    if home != other:
        raise LookupError("the memory that two of its tensors share cannot be followed")
    places = np.full(case.graph.nodes[home].count, -1)
    places[seen.ravel()] = np.arange(seen.size)
    found = places[cells]
    return np.where(found >= 0, read(written).ravel()[found], read(before))


def memory(case: Case, node: Node) -> Memory:
    """Where the result of a node lies, through views and work in place."""
    if node.operation == "item":
        parent = case.graph.nodes[node.arguments["input"].node]
        if parent.fresh or parent.operation not in PARTS:
            return _own(node)
        return _through(case, node, PARTS[parent.operation], parent, node.arguments["index"])
    if node.fresh or not node.inputs:
        return _own(node)
    if node.operation in VIEWS:
        return _through(case, node, VIEWS[node.operation], node, None)
    return memory(case, case.graph.nodes[node.inputs[0]])  # work in place


def _own(node: Node) -> Memory:
    return node.index, np.arange(node.count).reshape(node.shape)


def _through(case: Case, node: Node, mover: Any, viewing: Node, part: int | None) -> Memory:
    """A view: its mover, on the cells of what it views."""
    home, cells = memory(case, case.graph.nodes[viewing.inputs[0]])
    moved = mover(Case.of(case.trace, viewing), _Cells(cells))
    return home, moved if part is None else moved[part]


class _Cells:
    """Reads the cells of the one tensor that is viewed."""

    def __init__(self, cells: Values) -> None:
        self.cells = cells

    def __call__(self, reference: Any) -> Values:
        return self.cells

    def fill(self, value: float) -> Any:
        raise LookupError("a view has no padding")
