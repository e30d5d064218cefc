"""How rules are made: what an operation reads along each axis of its arguments."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from pellucid.capture import Result
from pellucid.capture.call import Call
from pellucid.explain.sight.links import (
    SAME,
    AllOf,
    Along,
    Link,
    Pairs,
    Readers,
    Separable,
    Shape,
    pairs,
)

#: A node that is read, and how.
Source = tuple[int, Link]
#: What the arguments of an operation have to do with its result. LookupError or TypeError: of
#: this use of it nothing is known.
Rule = Callable[[Call], Iterator[Source]]


def separable(call: Call, source: int, along: dict[int, Along]) -> Source:
    """A link along the last axes of an argument that has as many as the result.

    Args:
        call: of the node.
        source: the node that is read.
        along: by axis, counted from the end (−1 is the last); the others are the same.
    """
    shape, result = call.graph.nodes[source].shape, call.node.shape
    if len(shape) != len(result):
        raise LookupError
    steps = [along.get(axis - len(shape), SAME) for axis in range(len(shape))]
    return source, Separable(shape, result, steps, shape, result)


def elementwise(call: Call) -> Iterator[Source]:
    """Value by value; an argument with fewer positions is spread out over the others."""
    for source in call.node.inputs:
        yield source, spread_out(call.graph.nodes[source].shape, call.node.shape)


def spread_out(shape: Shape, result: Shape) -> Separable:
    """Broadcasting: axes of length 1, and those that are missing in front, are repeated."""
    if len(shape) > len(result):
        raise LookupError
    padded = (1,) * (len(result) - len(shape)) + shape
    along = [SAME if n == m else AllOf() for n, m in zip(padded, result, strict=True)]
    return Separable(padded, result, along, shape, result)


def input_of(call: Call) -> int:
    """The node that is the first argument.

    Raises:
        LookupError: it is none.
    """
    reference = call.node.arguments["input"]
    if not isinstance(reference, Result):
        raise LookupError
    return reference.node


def blocks(groups: int, outputs: int, inputs: int) -> Along:
    """Channels in groups: those of a group feed each other."""
    if groups == 1:
        return AllOf()
    if groups == inputs == outputs:
        return SAME
    one = np.ones((outputs // groups, inputs // groups), np.bool_)
    return Pairs(np.kron(np.eye(groups, dtype=np.bool_), one))


def by_axis(axes: Sequence[Readers]) -> dict[int, Along]:
    """What feeds what along the last axes."""
    return {place - len(axes): pairs(axis) for place, axis in enumerate(axes)}
