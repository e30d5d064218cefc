"""Places for the names of points in a chart, so that none covers a point or another name."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Width of a bold character and height of a line, in units, for text of 12 units.
CHARACTER, LINE = 7.4, 13.0
_GAP = 8.0
_STEPS = 8


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, right and bottom, in units."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Area that both cover.

        >>> Box(0, 0, 4, 4).overlap(Box(3, 2, 9, 9))
        2
        """
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0) * max(down, 0)

    def outside(self, frame: "Box") -> float:
        """Area that lies outside a frame."""
        area = (self.right - self.left) * (self.bottom - self.top)
        return area - self.overlap(frame)


def place_labels(
    texts: Sequence[str],
    points: Sequence[tuple[float, float]],
    taken: Sequence[Box],
    frame: Box,
) -> list[Box]:
    """A box for the label of each point: the nearest that is free, else the one least covered.

    Args:
        texts: labels.
        points: x and y of each.
        taken: what no label shall cover, such as the points' marks.
        frame: where labels shall lie.
    """
    placed: list[Box] = []
    for text, point in zip(texts, points, strict=True):
        others = [*taken, *placed]

        def cost(box: Box, others: list[Box] = others) -> float:
            return sum(map(box.overlap, others)) + 10 * box.outside(frame)

        placed.append(min(_candidates(text, *point), key=cost))
    return placed


def _candidates(text: str, x: float, y: float) -> list[Box]:
    """Boxes around a point, from near to far; ``min`` takes the first of equals."""
    wide = CHARACTER * len(text)
    found = []
    for step in range(_STEPS):
        away = _GAP + step * LINE
        lefts = (x + _GAP, x - _GAP - wide, x - wide / 2)
        tops = (y - LINE / 2,) if step == 0 else (y - away, y + away - LINE)
        found += [
            Box(left, top, left + wide, top + LINE)
            for top in tops
            for left in lefts
            if step or left != lefts[2]  # at the point's own height, beside it
        ]
    return found
