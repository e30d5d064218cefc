"""Accuracy against cost: a point a network with its interval, and the Pareto front marked.

Networks on the front have filled round marks joined by a line, the others hollow square ones: the
shapes tell them apart, not the colours alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup

from pellucid.report.accuracy_grid import accuracy_grid
from pellucid.report.axes import Axis, covering, logarithmic
from pellucid.report.charts import WIDTH, axis_name, drawing
from pellucid.report.labels import CHARACTER, LINE, Box, place_labels
from pellucid.report.words import count, percent

HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 46, 346, 34, 254
#: Half the side of a mark with some room, and half the width of a whisker with some.
_MARK, _WHISKER = 7.0, 3.0


@dataclass(frozen=True, slots=True)
class Point:
    """One network in the plot.

    Attributes:
        name: of the network.
        cost: above 0.
        accuracy: in [0, 1].
        interval: its ends.
        front: it lies on the front.
    """

    name: str
    cost: float
    accuracy: float
    interval: tuple[float, float]
    front: bool


def pareto_chart(title: str, cost: str, points: Sequence[Point]) -> Markup:
    """Draw the points; the scale of the cost is logarithmic.

    Args:
        title: what is drawn, for people who do not see it.
        cost: what is counted, in words.
        points: at least one.

    Returns:
        An ``<svg>`` of 360×300 units.
    """
    across = logarithmic([point.cost for point in points], LEFT + 14, RIGHT - 14)
    up = covering([end for point in points for end in point.interval], BOTTOM, TOP)
    places = [_place(point, across, up) for point in points]
    said = "; ".join(f"{p.name} {percent(p.accuracy)} for {count(p.cost)}" for p in points)
    return drawing(
        title,
        f"{said}.",
        accuracy_grid(across, up, left=LEFT, right=RIGHT, base=BOTTOM, columns=(TOP, BOTTOM)),
        axis_name(LEFT, TOP - 16, "accuracy, with 95% interval", anchor="start"),
        axis_name((LEFT + RIGHT) / 2, HEIGHT - 6, cost),
        _front(points, across, up),
        *(_mark(point, across, up, cost) for point in points),
        *_labels(points, places, across, up),
        height=HEIGHT,
    )


def _place(point: Point, across: Axis, up: Axis) -> tuple[float, float]:
    return across.at(log10(point.cost)), up.at(point.accuracy)


def _front(points: Sequence[Point], across: Axis, up: Axis) -> Markup:
    """Steps from each network of the front to the next: what can be had for the cost."""
    front = sorted((_place(p, across, up) for p in points if p.front), key=lambda at: at[0])
    (x, y), *rest = front
    steps = "".join(f"H{right:.1f}V{high:.1f}" for right, high in rest)
    return Markup('<path class="front" d="M{:.1f} {:.1f}{}"/>').format(x, y, steps)


def _mark(point: Point, across: Axis, up: Axis, cost: str) -> Markup:
    x, y = _place(point, across, up)
    low, high = (up.at(end) for end in point.interval)
    kind = "on-front" if point.front else "off-front"
    whisker = Markup(
        '<path class="whisker {0}" d="M{1:.1f} {2:.1f}V{3:.1f}'
        'M{4:.1f} {2:.1f}h6M{4:.1f} {3:.1f}h6"/>'
    ).format(kind, x, low, high, x - 3)
    shape = (
        Markup('<circle class="point {}" cx="{:.1f}" cy="{:.1f}" r="5"/>').format(kind, x, y)
        if point.front
        else Markup(
            '<rect class="point {}" x="{:.1f}" y="{:.1f}" width="8.4" height="8.4"/>'
        ).format(kind, x - 4.2, y - 4.2)
    )
    note = (
        f"{point.name}: {percent(point.accuracy)} ({percent(point.interval[0])} to "
        f"{percent(point.interval[1])}), {count(point.cost)} {cost}"
    )
    clear = Markup('<rect x="{:.1f}" y="{:.1f}" width="20" height="{:.1f}"/>').format(
        x - 10, min(high, y - 10), max(low, y + 10) - min(high, y - 10)
    )
    return Markup('<g class="hit">{}{}{}<title>{}</title></g>').format(clear, whisker, shape, note)


def _labels(
    points: Sequence[Point], places: Sequence[tuple[float, float]], across: Axis, up: Axis
) -> list[Markup]:
    """Names beside their points, with a thin line where the point is not next to its name."""
    taken = [Box(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in places]
    for point, (x, _) in zip(points, places, strict=True):
        low, high = (up.at(end) for end in point.interval)
        taken.append(Box(x - _WHISKER, high, x + _WHISKER, low))
    frame = Box(LEFT, TOP - 8, WIDTH - 2, BOTTOM - 2)
    boxes = place_labels([point.name for point in points], places, taken, frame)
    return [
        _label(point, place, box) for point, place, box in zip(points, places, boxes, strict=True)
    ]


def _label(point: Point, place: tuple[float, float], box: Box) -> Markup:
    x, y = place
    middle = (box.left + box.right) / 2
    text = Markup('<text class="label{}" x="{:.1f}" y="{:.1f}">{}</text>').format(
        " strong" if point.front else "", middle, box.bottom - 3.5, point.name
    )
    near = min(max(x, box.left), box.right), min(max(y, box.top), box.bottom)
    if abs(near[0] - x) + abs(near[1] - y) <= LINE + CHARACTER:
        return text
    return Markup('<path class="leader" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>{}').format(
        x, y, *near, text
    )
