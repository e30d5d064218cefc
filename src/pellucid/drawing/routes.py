"""The lines of the edges: from box to box through their lanes, around the ends of rows."""

from collections.abc import Sequence
from itertools import pairwise

from pellucid.drawing.layers import Edge, Layered

Point = tuple[float, float]
#: How a line goes on, and where to: "M" starts, "L" is straight, "C" is an S-shaped curve that
#: leaves and arrives horizontally.
Route = tuple[tuple[str, Point], ...]

#: Pixels between lines that run side by side around the end of a row, and before the first.
TRACK, FIRST_TRACK = 9.0, 20.0
#: Pixels between the ends of lines at one box.
_PORT = 9.0


class Router:
    """Is told where cells lie, and then knows the lines."""

    def __init__(self, graph: Layered, heights: Sequence[float]) -> None:
        self._graph, self._heights = graph, heights
        self._cells: dict[int, tuple[float, float, float]] = {}  # left, right, middle
        self._row: dict[int, int] = {}
        self._ends: list[tuple[float, float]] = []  # of rows: right side, lower side
        self._tracks: dict[int, int] = {}  # of a cell that leads to the next row

    def put(self, cell: int, left: float, right: float, middle: float) -> None:
        """A cell of the row in work."""
        self._cells[cell] = left, right, middle
        self._row[cell] = len(self._ends)

    def end_row(self, row: range, right: float, bottom: float) -> None:
        """The row in work is done."""
        self._ends.append((right, bottom))
        cells = self._graph.layers[row[-1]]
        leading = [cell for cell in cells if self._graph.after[cell]]
        self._tracks.update((cell, track) for track, cell in enumerate(leading))

    def gutter(self, row: range) -> float:
        """Pixels that the lines to the next row need below this one."""
        return TRACK * max(0, sum(cell in self._tracks for cell in self._graph.layers[row[-1]]) - 1)

    def routes(self) -> dict[Edge, Route]:
        """The line of every edge."""
        return {edge: self._route(path) for edge, path in self._graph.paths.items()}

    def _route(self, path: Sequence[int]) -> Route:
        _, right, middle = self._cells[path[0]]
        steps: list[tuple[str, Point]] = [("M", (right, middle))]
        for cell, following in pairwise(path):
            left, right, middle = self._cells[following]
            entry = (left, middle + self._port(cell, following))
            if self._row[cell] == self._row[following]:
                steps.append(("C", entry))
            else:
                steps += [("L", point) for point in (*self._around(cell, entry), entry)]
            if following != path[-1]:
                steps.append(("L", (right, middle)))
        return tuple(steps)

    def _around(self, cell: int, entry: Point) -> tuple[Point, ...]:
        """From the right side of one row to the left side of the next."""
        right, bottom = self._ends[self._row[cell]]
        track = self._tracks[cell]
        count = sum(1 for other in self._tracks if self._row[other] == self._row[cell])
        # The upmost line turns last, so that they do not cross on the right.
        out = right + FIRST_TRACK + TRACK * (count - 1 - track)
        down = bottom + FIRST_TRACK + TRACK * (count - 1 - track)
        back = -FIRST_TRACK - TRACK * track
        y = self._cells[cell][2]
        return (out, y), (out, down), (back, down), (back, entry[1])

    def _port(self, cell: int, following: int) -> float:
        """How far from the middle of a box a line ends: in the order in which they come."""
        if self._graph.is_lane(following):
            return 0.0
        ends = sorted(self._graph.before[following], key=lambda each: self._cells[each][1:][::-1])
        room = self._heights[following] - 12
        step = min(_PORT, room / max(1, len(ends) - 1))
        return (ends.index(cell) - (len(ends) - 1) / 2) * step
