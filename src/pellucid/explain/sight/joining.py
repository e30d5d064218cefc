"""What operations read that put several results together."""

from collections.abc import Iterator

from pellucid.capture import Result
from pellucid.capture.call import Call
from pellucid.explain.rules.moving import MOVERS
from pellucid.explain.sight.links import SAME, Along, Part, Separable
from pellucid.explain.sight.moves import move
from pellucid.explain.sight.reads import Rule, Source, separable


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


def padded(call: Call) -> Iterator[Source]:
    """Constant padding; where it cuts off, or repeats what is there, elements are followed."""
    sides = call.get("pad")
    if call.get("mode", "constant") != "constant" or min(sides) < 0:
        yield from move(call, MOVERS["pad"])
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
}
