"""How a kernel was taught, drawn: the loss from step to step, and the weights on the way."""

from dataclasses import dataclass
from math import ceil, log10
from math import floor as floor_of

import cv2
import numpy as np

from pellucid.images.lettering import INK, PAPER, Colour, drawable, write_texts
from pellucid.images.raw import Pixels
from pellucid.images.scale import number
from pellucid.images.sheet import contact_sheet
from pellucid.operators.kernels.picture import weights_picture
from pellucid.operators.learn.descent import Taught
from pellucid.operators.learn.result import grid_of_filter

WIDTH, _HEIGHT = 900, 300
#: Where the curve lies: left, right, top, bottom.
_BOX = (90, WIDTH - 20, 34, _HEIGHT - 42)
_CURVE, _LEAST, _GRID_LINE = (20, 99, 158), (179, 71, 15), (225, 225, 225)
#: Losses below this share of the first are rounding.
_FLOOR = 1e-18
#: A least loss below this share of the first is rounding, and not drawn.
_ZERO = 1e-12
#: Weights on the way that are drawn.
_MOMENTS = 6


def convergence_picture(taught: Taught) -> Pixels:
    """The loss curve, and the weights at some steps beside the least-squares ones and the target.

    Returns:
        (H, 900, 3) uint8. Both axes of the curve are logarithmic; all weights have one scale.
    """
    return np.concatenate([_curve(taught), _weights(taught)])


@dataclass(frozen=True)
class _Axes:
    """Both logarithmic: steps + 1 across, losses from 10**low to 10**high upwards."""

    steps: int
    low: int
    high: int

    def across(self, step: float) -> float:
        left, right, _, _ = _BOX
        return left + (right - left) * log10(step + 1) / log10(self.steps + 1)

    def down(self, loss: float) -> float:
        _, _, top, bottom = _BOX
        return bottom - (bottom - top) * (log10(loss) - self.low) / (self.high - self.low)


def _curve(taught: Taught) -> Pixels:
    canvas = np.full((_HEIGHT, WIDTH, 3), PAPER, np.uint8)
    floor = max(float(taught.losses[0]) * _FLOOR, 1e-300)
    losses = np.maximum(taught.losses, floor).tolist()
    shown = [*losses, taught.least] if taught.least > _ZERO * losses[0] else losses
    low = floor_of(log10(min(shown)))
    axes = _Axes(len(losses) - 1, low, max(ceil(log10(max(losses))), low + 1))
    texts = _grid(canvas, axes)
    title = (
        f"mean squared error: {number(float(taught.losses[0]))} at first, "
        f"{number(float(taught.losses[-1]))} after step {axes.steps:,}"
    )
    if shown is not losses:
        title += f"; the least (orange) is {number(taught.least)}"
        _level(canvas, axes.down(taught.least), _LEAST)
    curve = [(axes.across(step), axes.down(loss)) for step, loss in enumerate(losses)]
    points = np.rint(np.array(curve) * 16).astype(np.int32)  # in sixteenths of a pixel
    cv2.polylines(canvas, [points], False, _CURVE, 2, cv2.LINE_AA, shift=4)
    texts += [(drawable(title), WIDTH / 2, 16, INK), ("step", WIDTH / 2, _HEIGHT - 12, INK)]
    write_texts(canvas, texts, size=14)
    return canvas


def _grid(canvas: Pixels, axes: _Axes) -> list[tuple[str, float, float, Colour]]:
    """Lines at powers of ten; their labels are given back."""
    left, _, top, bottom = _BOX
    texts: list[tuple[str, float, float, Colour]] = []
    for power in range(axes.low, axes.high + 1, max(1, round((axes.high - axes.low) / 5))):
        place = axes.down(10.0**power)
        _level(canvas, place, _GRID_LINE)
        label = f"1e{power}" if abs(power) > 3 else f"{10.0**power:g}"
        texts.append((label, left - 30, place, INK))
    for power in range(int(log10(axes.steps)) + 1):
        place = axes.across(10**power)
        cv2.line(canvas, (round(place), top), (round(place), bottom), _GRID_LINE, 1)
        texts.append((f"{10**power:,}", place, bottom + 14, INK))
    return texts


def _level(canvas: Pixels, height: float, colour: Colour) -> None:
    left, right, _, _ = _BOX
    cv2.line(canvas, (left, round(height)), (right, round(height)), colour, 1)


def _weights(taught: Taught) -> Pixels:
    chosen = np.unique(np.linspace(0, len(taught.kept) - 1, _MOMENTS).round().astype(int))
    shown = [(f"step {taught.kept[place]:,}", taught.history[place]) for place in chosen]
    shown.append(("least squares", taught.optimum))
    if taught.target is not None:
        shown.append(("target", taught.target))
    most = max(float(np.abs(weights).max()) for _, weights in shown)
    panels = [
        (caption, weights_picture(grid_of_filter(weights), 200, most)) for caption, weights in shown
    ]
    return contact_sheet(panels, columns=4, width=WIDTH)
