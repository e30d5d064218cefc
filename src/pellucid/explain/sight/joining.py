"""What operations read that put several results together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from pellucid.capture import Graph, Result
from pellucid.capture.call import Call
from pellucid.explain.rules.case import Case
from pellucid.explain.rules.memory import memory
from pellucid.explain.sight.links import SAME, Along, Moved, Part, Separable
from pellucid.explain.sight.moves import move, overwrite
from pellucid.explain.sight.reads import Rule, Source, separable

if TYPE_CHECKING:
    from pellucid.explain.trace import Trace


def concatenated(call: Call) -> Iterator[Source]:
    shape = call.node.shape
    axis = range(len(shape))[call.get("dim", 0)]
    start = 0
    for reference in call.get("tensors"):
        length = call.shape_of(reference)[axis]
        if isinstance(reference, Result):
            part = Part(start, length, shape[axis], cut=False)
            yield separable(call, reference.node, {axis - len(shape): part})
        start += length


def stacked(call: Call) -> Iterator[Source]:
    result = call.node.shape
    axis = range(len(result))[call.get("dim", 0)]
    for place, reference in enumerate(call.get("tensors")):
        if isinstance(reference, Result):
            shape = call.shape_of(reference)
            along: list[Along] = [SAME] * len(result)
            along[axis] = Part(place, 1, result[axis], cut=False)
            spaced = (*shape[:axis], 1, *shape[axis:])
            yield reference.node, Separable(spaced, result, along, shape, result)


def overwritten(call: Call) -> Iterator[Source]:
    for name, link in overwrite(call):
        reference = call.node.arguments[name]
        if isinstance(reference, Result):
            yield reference.node, link


def rewritten(call: Call) -> Iterator[Source]:
    """A tensor whose memory was written through another: in part new, in part as it was."""
    before, written = call.node.arguments["input"], call.node.arguments["written"]
    if not isinstance(before, Result) or not isinstance(written, Result):
        raise LookupError
    graph = call.graph
    case = Case(graph, call.node, cast("Trace", _Whole(graph)))
    home, cells = memory(case, graph.nodes[before.node])
    other, seen = memory(case, graph.nodes[written.node])
    if home != other:
        raise LookupError
    places = np.full(graph.nodes[home].count, -1)
    places[seen.ravel()] = np.arange(seen.size)
    new = places[cells]
    old = np.where(new < 0, np.arange(new.size).reshape(new.shape), -1)
    yield written.node, Moved(new, graph.nodes[written.node].shape)
    yield before.node, Moved(old, graph.nodes[before.node].shape)


@dataclass(frozen=True)
class _Whole:
    """A trace as far as memory is followed: its graph alone."""

    graph: Graph


def padded(call: Call) -> Iterator[Source]:
    """Constant padding; where it cuts off, or repeats what is there, elements are followed."""
    sides = call.get("pad")
    if call.get("mode", "constant") != "constant" or min(sides) < 0:
        yield call.node.inputs[0], move(call)
        return
    before, after = call.shape("input"), call.node.shape
    along: dict[int, Along] = {}
    for place, start in enumerate(sides[::2]):  # the last axis comes first
        along[-1 - place] = Part(start, before[-1 - place], after[-1 - place], cut=False)
    yield separable(call, call.node.inputs[0], along)


JOINING: dict[str, Rule] = {
    "pad": padded,
    "cat": concatenated,
    "stack": stacked,
    "setitem": overwritten,
    "rewritten": rewritten,
}
