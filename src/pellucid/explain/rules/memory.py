"""Tensors that changed because another one, in the same memory, was written.

``x.view(-1).relu_()`` changes x as well: its new values are a node ``rewritten``. Which of them are
new follows from the views between the two.
"""

from typing import Any

import numpy as np

from pellucid.capture import Node, Result
from pellucid.explain.rules.case import Case, Values
from pellucid.explain.rules.mover import Read
from pellucid.explain.rules.parts import PARTS
from pellucid.explain.rules.views import VIEWS

#: The node that took the memory, and the cells of it that a tensor shows.
Memory = tuple[int, Values]


def rewritten(case: Case, read: Read) -> Values:
    """The values of the tensor that was written, where it shows the same cells; else the old ones.

    Raises:
        LookupError: the views between them are not known.
    """
    return _changed(case, read, case.get("input"), case.get("written"))


def written_too(case: Case, read: Read) -> Values:
    """A second result of work in place: an operand in the memory that was written."""
    index = case.get("index")
    parent = case.graph.nodes[case.get("input").node]
    before = _in_memory(case, parent)[index]
    return _changed(case, read, before, Result(case.node.index - index))


def _changed(case: Case, read: Read, before: Any, written: Any) -> Values:
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
        place = node.arguments["index"]
        if parent.fresh:
            return _own(node)
        if parent.operation in PARTS:
            return _through(case, PARTS[parent.operation], parent, place)
        return memory(case, case.graph.nodes[_in_memory(case, parent)[place].node])
    if node.fresh or not node.inputs:
        return _own(node)
    if node.operation in VIEWS:
        return _through(case, VIEWS[node.operation], node, None)
    return memory(case, case.graph.nodes[node.inputs[0]])  # work in place


def _in_memory(case: Case, node: Node) -> list[Result]:
    """What work in place reads of the memory that it writes; the first is what it is meant to."""
    homes = {source: memory(case, case.graph.nodes[source])[0] for source in node.inputs}
    return [Result(source) for source in homes if homes[source] == homes[node.inputs[0]]]


def _own(node: Node) -> Memory:
    return node.index, np.arange(node.count).reshape(node.shape)


def _through(case: Case, mover: Any, viewing: Node, part: int | None) -> Memory:
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
