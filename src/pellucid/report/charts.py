"""The charts of the report: numbers to inline SVG.

Pure functions; the same numbers give the same bytes. Colours are left to the page's style
sheet by class names (``train``, ``val``, ``right``, ``wrong``), so one drawing serves the light,
the dark and the printed page. Lines differ in dash and marks too, never in colour alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from pellucid.evaluation.result import ReliabilityBin
from pellucid.report.axes import Axis, counting, covering
from pellucid.report.words import count, percent

WIDTH, HEIGHT = 360, 236
LEFT, RIGHT, TOP, BOTTOM = 50, 342, 30, 200

#: Marks on the points of a line are left out past this many points.
MARKED = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart.

    Attributes:
        name: for the legend.
        style: class in the style sheet: ``train`` or ``val``.
        values: one an epoch; None where it was not measured.
    """

    name: str
    style: str
    values: Sequence[float | None]


def line_chart(
    title: str,
    epochs: Sequence[int],
    lines: Sequence[Line],
    form: Callable[[float], str],
) -> Markup:
    """Lines over epochs, with a band an epoch that names its values.

    Args:
        title: what is drawn, for people who do not see it.
        epochs: E rising epoch numbers.
        lines: each with E values; one without any known value is left out.
        form: how a value is written, on the axis and in the bands.

    Returns:
        An ``<svg>`` of 360×236 units.
    """
    drawn = [line for line in lines if any(value is not None for value in line.values)]
    values = [value for line in drawn for value in line.values if value is not None]
    across = counting(epochs[0], epochs[-1], LEFT, RIGHT)
    up = covering(values, BOTTOM, TOP, most=4)
    return drawing(
        title,
        _summary(epochs, drawn, form),
        _grid(across, up, form),
        axis_name((LEFT + RIGHT) / 2, HEIGHT - 4, "epoch"),
        _legend(drawn) if len(lines) > 1 else Markup(),
        *(_curve(line, epochs, across, up) for line in drawn),
        *_bands(epochs, drawn, across, form),
    )


def reliability_chart(bins: Sequence[ReliabilityBin]) -> Markup:
    """Reliability diagram: how often answers given with some probability are right.

    A bar's height is the share of right answers in its bin; the mark on it is the mean
    probability that was claimed. Below, how many answers each bin has.
    """
    across = covering([0, 1], LEFT, RIGHT)
    up = covering([0, 1], BOTTOM, TOP)
    foot = Axis(0, max(piece.count for piece in bins) or 1, 292, 244, 1, ())
    diagonal = Markup('<path class="ideal" d="M{} {}L{} {}"/>').format(LEFT, BOTTOM, RIGHT, TOP)
    return drawing(
        "Reliability diagram",
        "Share of right answers against the probability that the network gave them.",
        _grid(across, up, lambda value: percent(value, 0)),
        *(_reliability_bar(piece, across, up, foot) for piece in bins if piece.count),
        diagonal,
        axis_name(LEFT, TOP - 12, "share that is right", anchor="start"),
        axis_name((LEFT + RIGHT) / 2, HEIGHT - 4, "probability of the answer"),
        axis_name((LEFT + RIGHT) / 2, 306, "how many answers"),
        height=312,
    )


def interval_strip(accuracy: float, interval: tuple[float, float], baseline: float) -> Markup:
    """The accuracy with its interval on a scale from 0 to 100%, beside plain guessing."""
    across = covering([0, 1], 18, 338)
    low, high = (across.at(end) for end in interval)
    ticks = Markup("").join(
        Markup('<path class="grid" d="M{0:.1f} 26v8"/><text x="{0:.1f}" y="48">{1}</text>').format(
            across.at(tick), percent(tick, 0)
        )
        for tick in across.ticks
    )
    return drawing(
        f"Accuracy {percent(accuracy)} on a scale from 0 to 100%",
        f"95% interval from {percent(interval[0])} to {percent(interval[1])}; always giving the "
        f"most frequent class would reach {percent(baseline)}.",
        Markup('<path class="axis" d="M18 30H338"/>'),
        ticks,
        Markup('<rect class="band" x="{:.1f}" y="22" width="{:.1f}" height="16" rx="3"/>').format(
            low, high - low
        ),
        Markup('<circle class="dot" cx="{:.1f}" cy="30" r="5"/>').format(across.at(accuracy)),
        Markup('<path class="ideal" d="M{0:.1f} 18v24"/>').format(across.at(baseline)),
        Markup('<text class="{}" x="{:.1f}" y="12">always the same</text>').format(
            "start" if baseline < 0.15 else "end" if baseline > 0.85 else "middle",
            across.at(baseline),
        ),
        height=52,
    )


def drawing(title: str, description: str, *parts: Markup, height: int = HEIGHT) -> Markup:
    """An ``<svg>`` of 360 by ``height`` units that says what it shows to who cannot see it."""
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{title}. '
        '{description}">{parts}</svg>'
    ).format(
        width=WIDTH,
        height=height,
        title=title,
        description=description,
        parts=Markup("").join(parts),
    )


def _summary(epochs: Sequence[int], lines: Sequence[Line], form: Callable[[float], str]) -> str:
    ends = []
    for line in lines:
        known = [value for value in line.values if value is not None]
        ends.append(f"{line.name} from {form(known[0])} to {form(known[-1])}")
    return f"Epochs {epochs[0]} to {epochs[-1]}: {'; '.join(ends)}."


def _grid(across: Axis, up: Axis, form: Callable[[float], str]) -> Markup:
    rows = [
        Markup(
            '<path class="grid" d="M{} {:.1f}H{}"/><text class="end" x="{}" y="{:.1f}">{}</text>'
        ).format(LEFT, up.at(tick), RIGHT, LEFT - 6, up.at(tick) + 4, form(tick))
        for tick in up.ticks
    ]
    columns = [
        Markup(
            '<path class="grid" d="M{0:.1f} {1}v4"/><text x="{0:.1f}" y="{2}">{3}</text>'
        ).format(
            across.at(tick), BOTTOM, BOTTOM + 17, form(tick) if across.high <= 1 else f"{tick:.0f}"
        )
        for tick in across.ticks
    ]
    line = Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, BOTTOM, RIGHT)
    return Markup("").join([*rows, *columns, line])


def axis_name(x: float, y: float, name: str, anchor: str = "middle") -> Markup:
    """What an axis measures."""
    return Markup('<text class="name {}" x="{:.1f}" y="{:.1f}">{}</text>').format(
        anchor, x, y, name
    )


def _legend(lines: Sequence[Line]) -> Markup:
    entry = Markup(
        '<path class="line {1}" d="M{0} 12h22"/><text class="start" x="{2}" y="16">{3}</text>'
    )
    return Markup("").join(
        entry.format(LEFT + 104 * place, line.style, LEFT + 104 * place + 28, line.name)
        for place, line in enumerate(lines)
    )


def _curve(line: Line, epochs: Sequence[int], across: Axis, up: Axis) -> Markup:
    """Known values joined, also over epochs that were not measured."""
    points = [
        (across.at(epoch), up.at(value))
        for epoch, value in zip(epochs, line.values, strict=True)
        if value is not None
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    curve = Markup('<path class="line {}" d="M{}"/>').format(line.style, path)
    mark = Markup('<circle class="mark {}" cx="{:.1f}" cy="{:.1f}" r="2.6"/>')
    marks = [mark.format(line.style, x, y) for x, y in points] if len(points) <= MARKED else []
    return Markup("").join([curve, *marks])


def _bands(
    epochs: Sequence[int], lines: Sequence[Line], across: Axis, form: Callable[[float], str]
) -> list[Markup]:
    """An unseen column an epoch, reaching half way to its neighbours, with its values."""
    centres = [across.at(epoch) for epoch in epochs]
    between = [(a + b) / 2 for a, b in pairwise(centres)]
    edges = [LEFT, *between, RIGHT]
    band = Markup(
        '<g class="hit"><rect x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>'
        '<path d="M{:.1f} {}V{}"/><title>{}</title></g>'
    )
    found = []
    for i, epoch in enumerate(epochs):
        said = [
            f"{line.name} {form(value)}" for line in lines if (value := line.values[i]) is not None
        ]
        note = f"epoch {epoch}: {', '.join(said) or 'not measured'}"
        width = edges[i + 1] - edges[i]
        found.append(band.format(edges[i], TOP, width, BOTTOM - TOP, centres[i], TOP, BOTTOM, note))
    return found


def _reliability_bar(piece: ReliabilityBin, across: Axis, up: Axis, foot: Axis) -> Markup:
    accuracy, confidence = piece.accuracy or 0.0, piece.confidence or 0.0
    left, right = across.at(piece.low) + 1, across.at(piece.high) - 1
    note = (
        f"probability {percent(piece.low, 0)} to {percent(piece.high, 0)}: "
        f"{count(piece.count)} answers, {percent(accuracy)} right, "
        f"{percent(confidence)} claimed on average"
    )
    bar = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
    claimed = Markup('<path class="claimed" d="M{:.1f} {:.1f}H{:.1f}"/>').format(
        left, up.at(confidence), right
    )
    return Markup('<g class="hit">{}{}{}{}<title>{}</title></g>').format(
        bar.format("clear", left, TOP, right - left, BOTTOM - TOP),
        bar.format("bar", left, up.at(accuracy), right - left, BOTTOM - up.at(accuracy)),
        claimed,
        bar.format("amount", left, foot.at(piece.count), right - left, 292 - foot.at(piece.count)),
        note,
    )
