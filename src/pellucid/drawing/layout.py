"""Where boxes and edges lie: left to right, in rows where the way is long."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from pellucid.drawing.layers import Edge, Layered, in_layers
from pellucid.drawing.order import put_in_order
from pellucid.drawing.place import middles
from pellucid.drawing.routes import Route, Router
from pellucid.drawing.rows import break_rows

#: Pixels: between columns, between boxes, from a lane to its neighbours, between rows.
COLUMN_GAP, BOX_GAP, LANE_GAP, ROW_GAP = 34.0, 16.0, 8.0, 44.0
#: Around the members of a group, and above them for its name.
PAD, HEAD = 9.0, 18.0
#: A drawing is as wide as this at least before it is broken, and about this much wider than high.
FULL_WIDTH, ASPECT = 1560.0, 1.8
#: What it costs to break inside a group.
_INSIDE = 3.0


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels: left upper corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Half its height down."""
        return self.y + self.height / 2

    def meets(self, other: "Rect") -> bool:
        """Whether the two have more than an edge in common."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing's places.

    Attributes:
        boxes: one a box, none overlapping.
        routes: the line of each edge, from the right side of a box to the left side of another.
        frames: around the groups that lie together, by number.
        width: of everything, in pixels.
        height: likewise.
    """

    boxes: tuple[Rect, ...]
    routes: dict[Edge, Route]
    frames: dict[int, Rect]
    width: float
    height: float


def lay_out(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[Edge],
    groups: Sequence[frozenset[int]] = (),
) -> Layout:
    """Find places for boxes and edges.

    Args:
        sizes: width and height of each box, in pixels.
        edges: from and to, each to a higher number.
        groups: boxes to frame together, disjoint; where others lie between them, they are not.

    >>> drawn = lay_out([(60, 40)] * 3, [(0, 1), (1, 2), (0, 2)])
    >>> [(round(box.x), round(box.y)) for box in drawn.boxes]
    [(0, 16), (94, 16), (188, 16)]
    """
    graph = in_layers(len(sizes), edges)
    put_in_order(graph)
    heights = [height for _, height in sizes] + [0.0] * (len(graph.before) - len(sizes))
    widths = [max(sizes[cell][0] for cell in cells if cell < len(sizes)) for cells in graph.layers]
    grouped = frozenset[int]().union(*groups)
    rows = break_rows(
        [width + COLUMN_GAP for width in widths],
        _cuts(graph, groups),
        _limit(graph, widths, heights),
    )
    router = Router(graph, heights)
    rects: dict[int, Rect] = {}
    frames: dict[int, Rect] = {}
    top = 0.0
    for row in rows:
        layers = [graph.layers[number] for number in row]
        place = middles(graph, layers, [_gaps(graph, cells, heights) for cells in layers])
        framed = any(cell in grouped for cells in layers for cell in cells)
        high = min(y - heights[cell] / 2 for cell, y in place.items())
        down = top - high + (PAD + HEAD if framed else 0.0)
        middle = {cell: y + down for cell, y in place.items()}
        placed = _row(layers, [widths[number] for number in row], heights, middle)
        for cell, rect in placed.items():
            router.put(cell, rect.x, rect.right, rect.middle)
        right, bottom = (max(ends) for ends in zip(*map(_ends, placed.values()), strict=True))
        bottom += PAD if framed else 0.0
        router.end_row(row, right, bottom)
        rects |= placed
        frames |= _frames(graph, placed, groups)
        top = bottom + ROW_GAP + router.gutter(row)
    routes = router.routes()
    ends = [_ends(rect) for rect in (*rects.values(), *frames.values())]
    ends += [point for route in routes.values() for _, point in route]
    width, height = (max(each) for each in zip(*ends, strict=True))
    boxes = tuple(rects[box] for box in range(len(sizes)))
    return Layout(boxes, routes, frames, width, height)


def _row(
    layers: Sequence[Sequence[int]],
    widths: Sequence[float],
    heights: Sequence[float],
    middle: dict[int, float],
) -> dict[int, Rect]:
    """The cells of a row, column by column from the left."""
    placed: dict[int, Rect] = {}
    x = 0.0
    for cells, width in zip(layers, widths, strict=True):
        for cell in cells:
            placed[cell] = Rect(x, middle[cell] - heights[cell] / 2, width, heights[cell])
        x += width + COLUMN_GAP
    return placed


def _ends(rect: Rect) -> tuple[float, float]:
    return rect.right, rect.bottom


def _limit(graph: Layered, widths: Sequence[float], heights: Sequence[float]) -> float:
    """How wide a row may be: wider in drawings of many rows, so that they do not become towers."""
    across = sum(widths) + COLUMN_GAP * len(widths)
    stacks = (sum(heights[cell] + BOX_GAP for cell in cells) for cells in graph.layers)
    return max(FULL_WIDTH, sqrt(across * (max(stacks, default=0.0) + ROW_GAP) * ASPECT))


def _gaps(graph: Layered, cells: Sequence[int], heights: Sequence[float]) -> list[float]:
    """Least distances between the centres of neighbours in a layer."""
    found = []
    for above, below in pairwise(cells):
        gap = LANE_GAP if graph.is_lane(above) and graph.is_lane(below) else BOX_GAP
        found.append((heights[above] + heights[below]) / 2 + gap)
    return found


def _cuts(graph: Layered, groups: Sequence[frozenset[int]]) -> list[float]:
    """The cost of breaking behind each layer but the last: lines that go over, and groups."""
    layer = {cell: number for number, cells in enumerate(graph.layers) for cell in cells}
    spans = [(min(found), max(found)) for found in ([layer[box] for box in g] for g in groups)]
    return [
        sum(1.0 for cell in cells if graph.after[cell])
        - 1.0
        + sum(_INSIDE for first, last in spans if first <= number < last)
        for number, cells in enumerate(graph.layers[:-1])
    ]


def _frames(
    graph: Layered, placed: dict[int, Rect], groups: Sequence[frozenset[int]]
) -> dict[int, Rect]:
    """Frames around the groups in a row, and the lanes over them that end there.

    A group has none where it is not whole, or something else lies in it.
    """
    found: dict[int, Rect] = {}
    for number, group in enumerate(groups):
        if not group <= placed.keys():
            continue
        members = [placed[box] for box in group]
        left, right = min(box.x for box in members), max(box.right for box in members)
        ways = (way for (_, target), way in graph.paths.items() if target in group)
        lanes = {cell for way in ways for cell in way if graph.is_lane(cell)}
        over = [placed[cell] for cell in lanes & placed.keys()]
        members += [lane for lane in over if left <= lane.x and lane.right <= right]
        x, y = left - PAD, min(each.y for each in members) - HEAD
        frame = Rect(x, y, right + PAD - x, max(each.bottom for each in members) + PAD - y)
        others = (each for cell, each in placed.items() if cell < graph.count and cell not in group)
        if not any(map(frame.meets, others)) and not any(map(frame.meets, found.values())):
            found[number] = frame
    return found
