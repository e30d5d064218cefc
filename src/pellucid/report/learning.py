"""The learning curve as a chart: accuracy over the number of training images."""

from collections.abc import Sequence
from math import log10

from markupsafe import Markup

from pellucid.evaluation.learning_curve import LearningCurve
from pellucid.report.accuracy_grid import accuracy_grid
from pellucid.report.axes import Axis, covering, logarithmic
from pellucid.report.charts import BOTTOM, LEFT, RIGHT, TOP, axis_name, drawing
from pellucid.report.words import count, percent

#: Points of the fitted curve, evenly spread over its logarithmic axis.
_STEPS = 40


def learning_chart(curve: LearningCurve) -> Markup:
    """The trainings, and the fitted power law with its 95% band as far as twice the images.

    What lies beyond the trainings is dashed. A law that tells nothing is not drawn.

    Returns:
        An ``<svg>`` of 360×236 units.
    """
    most = 2 * curve.images if curve.tells else curve.images
    least = min(point.images for point in curve.points)
    sizes = [least * (most / least) ** (step / _STEPS) for step in range(_STEPS + 1)]
    fitted = [(size, *curve.accuracy_at(size)) for size in sizes] if curve.tells else []
    across = logarithmic([least, most], LEFT + 10, RIGHT - 10)
    shown = [point.accuracy for point in curve.points] + [end for row in fitted for end in row[1:]]
    up = covering(shown, BOTTOM, TOP, most=4)
    band = ", with the 95% band of the curve" if curve.tells else ""
    said = "; ".join(f"{percent(one.accuracy)} with {count(one.images)}" for one in curve.points)
    return drawing(
        "Accuracy by the number of training images",
        f"{said}. {curve.sentence}",
        accuracy_grid(
            across, up, left=LEFT, right=RIGHT, base=BOTTOM, columns=(BOTTOM, BOTTOM + 4)
        ),
        axis_name((LEFT + RIGHT) / 2, 232, "training images"),
        axis_name(LEFT, TOP - 12, f"accuracy{band}", anchor="start"),
        *_law(fitted, curve.images, across, up),
        *(_mark(one.images, one.accuracy, one.count, across, up) for one in curve.points),
    )


def _law(
    fitted: Sequence[tuple[float, float, float, float]], images: int, across: Axis, up: Axis
) -> list[Markup]:
    """The band, then the curve: solid as far as there were trainings."""
    if not fitted:
        return []
    xs = [across.at(log10(size)) for size, *_ in fitted]
    lows = [f"{x:.1f} {up.at(row[2]):.1f}" for x, row in zip(xs, fitted, strict=True)]
    highs = [f"{x:.1f} {up.at(row[3]):.1f}" for x, row in zip(xs, fitted, strict=True)]
    points = [(row[0], f"{x:.1f} {up.at(row[1]):.1f}") for x, row in zip(xs, fitted, strict=True)]
    known = [place for size, place in points if size <= images * 1.001]
    beyond = [place for size, place in points if size >= images * 0.999]
    band = Markup('<path class="spread" d="M{}Z"/>').format("L".join([*lows, *reversed(highs)]))
    line = Markup('<path class="{}" d="M{}"/>')
    ahead = [line.format("ideal", "L".join([known[-1], *beyond]))]
    return [band, line.format("line train", "L".join(known)), *ahead]


def _mark(images: int, accuracy: float, judged: int, across: Axis, up: Axis) -> Markup:
    x, y = across.at(log10(images)), up.at(accuracy)
    note = f"{count(images)} images to learn from: {percent(accuracy)} of {count(judged)} right"
    return Markup(
        '<g class="hit"><rect x="{:.1f}" y="{:.1f}" width="16" height="16"/>'
        '<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="4"/><title>{}</title></g>'
    ).format(x - 8, y - 8, x, y, note)
