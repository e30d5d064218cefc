"""Operations that only move elements: where each comes from, by the movers of the accounts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pellucid.capture import Constant, Graph, Reference, Result
from pellucid.capture.call import Call
from pellucid.explain.rules.case import Case
from pellucid.explain.rules.memory import rewritten, written_too
from pellucid.explain.rules.mover import Mover, origins
from pellucid.explain.rules.moving import MOVERS
from pellucid.explain.rules.parts import PARTS
from pellucid.explain.sight.links import Moved
from pellucid.explain.sight.reads import Source
from pellucid.explain.values import Values, plain

if TYPE_CHECKING:
    from pellucid.explain.trace import Trace


def mover_of(call: Call) -> Mover | None:
    """How an operation moves; None where it does not, or more than that."""
    operation = call.node.operation
    if operation in PARTS:  # a node of several results stands for the first
        return lambda case, read: PARTS[operation](case, read)[0]
    if operation != "item":
        return rewritten if operation == "rewritten" else MOVERS.get(operation)
    parent = call.graph.nodes[call.node.inputs[0]]
    if parent.operation in PARTS:
        return MOVERS["item"]
    # Work in place may have a second result: an operand that lies in the memory written.
    return written_too if not parent.fresh and call.get("index") > 0 else None


def move(call: Call, mover: Mover) -> Iterator[Source]:
    """The results that a node copies elements of, each with its link.

    Raises:
        LookupError: a form of the operation that is not known.
    """
    case = Case(call.graph, call.node, cast("Trace", _Shapes(call.graph)))
    for reference, elements in origins(case, mover):
        if isinstance(reference, Result):
            yield reference.node, Moved(elements, call.shape_of(reference))


@dataclass(frozen=True)
class _Shapes:
    """A trace as far as moves ask for it: its graph, and the constants in it (such as indices)."""

    graph: Graph

    def read(self, reference: Reference) -> Values:
        if not isinstance(reference, Constant):
            raise LookupError("moves that depend on computed or stored values are not followed")
        return plain(reference.value)
