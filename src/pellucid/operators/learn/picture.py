"""How a kernel was taught, drawn: the loss from step to step, and the weights on the way."""

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
#: Weights on the way that are drawn.
_MOMENTS = 6


def convergence_picture(taught: Taught) -> Pixels:
    """The loss curve, and the weights at some steps beside the least-squares ones and the target.

    Returns:
        (H, 900, 3) uint8. Both axes of the curve are logarithmic; all weights have one scale.
    """
    return np.concatenate([_curve(taught), _weights(taught)])


def _curve(taught: Taught) -> Pixels:
    canvas = np.full((_HEIGHT, WIDTH, 3), PAPER, np.uint8)
    floor = max(float(taught.losses[0]) * _FLOOR, 1e-300)
    heights = np.log10(np.maximum(taught.losses, floor))
    lowest = np.log10(max(min(float(taught.losses.min()), taught.least), floor))
    low, high = float(np.floor(lowest)), float(np.ceil(heights.max()))
    high = max(high, low + 1)
    places = np.log10(np.arange(len(heights)) + 1)
    left, right, top, bottom = _BOX

    def across(place: float) -> float:
        return left + (right - left) * place / float(places[-1])

    def down(height: float) -> float:
        return bottom - (bottom - top) * (height - low) / (high - low)

    texts: list[tuple[str, float, float, Colour]] = []
    for power in _ticks(low, high):
        _line(canvas, (left, down(power)), (right, down(power)), _GRID_LINE)
        label = f"1e{power}" if abs(power) > 3 else f"{10.0**power:g}"
        texts.append((label, left - 30, down(power), INK))
    for power in range(int(places[-1]) + 1):
        step = 10**power
        place = across(float(np.log10(step + 1)))
        if place <= right:
            _line(canvas, (place, top), (place, bottom), _GRID_LINE)
            texts.append((f"{step:,}", place, bottom + 14, INK))
    if taught.least > floor:
        least = down(float(np.log10(taught.least)))
        _line(canvas, (left, least), (right, least), _LEAST)
    curve = [(across(place), down(height)) for place, height in zip(places, heights, strict=True)]
    points = np.rint(np.array(curve) * 16).astype(np.int32)
    cv2.polylines(canvas, [points], False, _CURVE, 2, cv2.LINE_AA, shift=4)
    title = f"mean squared error: {number(float(taught.losses[0]))} at first, "
    title += f"{number(float(taught.losses[-1]))} after {len(taught.losses) - 1:,} steps"
    if taught.least > floor:
        title += f"; the least (orange) is {number(taught.least)}"
    texts += [(drawable(title), WIDTH / 2, 16, INK), ("step", WIDTH / 2, _HEIGHT - 12, INK)]
    write_texts(canvas, texts, size=14)
    return canvas


def _ticks(low: float, high: float) -> range:
    return range(int(low), int(high) + 1, max(1, round((high - low) / 5)))


def _line(
    canvas: Pixels, start: tuple[float, float], end: tuple[float, float], colour: Colour
) -> None:
    first, last = ((round(x), round(y)) for x, y in (start, end))
    cv2.line(canvas, first, last, colour, 1)


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
