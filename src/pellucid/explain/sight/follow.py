"""Masks through a whole graph: from a result down to the pixels, and from a pixel up."""

from collections.abc import Container, Iterator

import numpy as np

from pellucid.capture import Graph
from pellucid.errors import UsageError
from pellucid.explain.sight.links import Mask
from pellucid.explain.sight.rules import links, read_by


def backwards(graph: Graph, node: int, mask: Mask, wanted: Container[int]) -> dict[int, Mask]:
    """Which elements of some nodes feed any of these elements of a node.

    Args:
        graph: the forward pass.
        node: where to start.
        mask: of the node's shape.
        wanted: the nodes to answer for.

    Returns:
        By node, a mask of its shape. Nodes that nothing leads to are absent.

    Raises:
        UsageError: an operation on the way of which nothing is known.
    """
    pending, found = {node: mask}, {}
    for index in range(node, -1, -1):
        reached = pending.pop(index, None)
        if reached is None:
            continue
        if index in wanted:
            found[index] = reached
        for source, link in links(graph, graph.nodes[index]):
            more = link.back(reached)
            pending[source] = more if source not in pending else pending[source] | more
    return found


def forwards(graph: Graph, node: int, mask: Mask) -> Iterator[tuple[int, Mask | None]]:
    """Which elements of every later node any of these elements of a node feed.

    Args:
        graph: the forward pass.
        node: where to start; the first to be yielded.
        mask: of the node's shape.

    Yields:
        Node by node, those that nothing reaches left out: its index and a mask of its shape; None
        where that is not known, because an operation on the way is not.
    """
    reached: dict[int, Mask | None] = {node: mask}
    yield node, mask
    last = {source: each.index for each in graph.nodes for source in read_by(graph, each)}
    for later in graph.nodes[node + 1 :]:
        if reached.keys().isdisjoint(read_by(graph, later)):
            continue
        found = _join(graph, later.index, reached)
        if found is None or found.any():
            reached[later.index] = found
            yield later.index, found
        for source in read_by(graph, later):
            if last[source] == later.index:  # nobody will read it again
                reached.pop(source, None)


def _join(graph: Graph, index: int, reached: dict[int, Mask | None]) -> Mask | None:
    """What the reached nodes feed of one node."""
    node = graph.nodes[index]
    try:
        sources = links(graph, node)
    except UsageError:
        return None
    found = np.zeros(node.shape, np.bool_)
    for source, link in sources:
        mask = reached.get(source)
        if mask is None and source in reached:
            return None
        if mask is not None:
            found |= link.forth(mask)
    return found
