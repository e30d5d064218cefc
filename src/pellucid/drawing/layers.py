"""Layers of a directed graph without cycles, and lanes for the edges that skip layers.

The framework of Sugiyama, Tagawa and Toda 1981 (Methods for visual understanding of hierarchical
system structures): every node gets a layer; an edge that skips layers gets a place in each of
them, so that nothing is drawn through a box.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

Edge = tuple[int, int]


@dataclass(slots=True)
class Layered:
    """A graph in layers. A cell is a box (0 to count − 1) or a place in a lane (from count on).

    All edges from one box share its lane: a result that is read in many places is drawn as one
    line with branches.

    Attributes:
        count: of boxes.
        layers: the cells of each layer, from top to bottom.
        before: of each cell, the linked cells of the layer before.
        after: of each cell, the linked cells of the layer behind.
        paths: the cells along each edge, its two boxes included.
        skipping: the lanes of results that are read in nearer layers too: they skip something,
            where the others are branches without a box in a layer.
    """

    count: int
    layers: list[list[int]]
    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    paths: dict[Edge, tuple[int, ...]] = field(default_factory=dict)
    skipping: set[int] = field(default_factory=set)

    def is_lane(self, cell: int) -> bool:
        """Whether a cell is a place in a lane."""
        return cell >= self.count

    def skips(self, cell: int) -> bool:
        """Whether a cell is a place in a lane that skips boxes."""
        return cell in self.skipping


def longest_paths(count: int, edges: Sequence[Edge]) -> list[int]:
    """The layer of each box: one behind the last of those that it reads.

    A box that reads nothing, but for the first one, stands just before what reads it.

    Args:
        count: boxes; numbered so that every edge leads to a higher number.
        edges: from, to.

    >>> longest_paths(4, [(0, 1), (1, 3), (0, 3), (2, 3)])
    [0, 1, 1, 2]
    """
    reads: list[list[int]] = [[] for _ in range(count)]
    users: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        reads[target].append(source)
        users[source].append(target)
    layer = [0] * count
    for box in range(count):
        layer[box] = 1 + max((layer[source] for source in reads[box]), default=-1)
    for box in range(1, count):
        if not reads[box] and users[box]:
            layer[box] = max(0, min(layer[user] for user in users[box]) - 1)
    return layer


def in_layers(count: int, edges: Sequence[Edge]) -> Layered:
    """Boxes and lanes in layers, in no particular order within each (lanes above boxes)."""
    layer = longest_paths(count, edges)
    graph = Layered(count, [[] for _ in range(1 + max(layer, default=-1))])
    graph.before, graph.after = [[] for _ in range(count)], [[] for _ in range(count)]
    for box in range(count):
        graph.layers[layer[box]].append(box)
    targets: dict[int, list[int]] = {}
    for source, target in dict.fromkeys(edges):
        targets.setdefault(source, []).append(target)
    for source, read in targets.items():
        _add_lane(graph, source, read, layer)
    return graph


def _add_lane(graph: Layered, source: int, targets: list[int], layer: list[int]) -> None:
    """Link a box with all that reads it."""
    way = [source]
    first = layer[source] + 1
    for number in range(first, max(layer[target] for target in targets)):
        lane = len(graph.before)
        graph.before.append([])
        graph.after.append([])
        graph.layers[number].insert(0, lane)
        _link(graph, way[-1], lane)
        way.append(lane)
        if len(targets) > 1:
            graph.skipping.add(lane)
    for target in targets:
        steps = layer[target] - layer[source]
        _link(graph, way[steps - 1], target)
        graph.paths[source, target] = (*way[:steps], target)


def _link(graph: Layered, cell: int, other: int) -> None:
    graph.after[cell].append(other)
    graph.before[other].append(cell)
