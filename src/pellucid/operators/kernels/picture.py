"""A kernel as pictures: its weights, its frequency response, what it does."""

import textwrap
from math import floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.images.fit import fit
from pellucid.images.lettering import INK, PAPER, Colour, drawable, text_width, write_texts
from pellucid.images.raw import Pixels
from pellucid.images.scale import Scale, number
from pellucid.images.sheet import contact_sheet
from pellucid.operators.kernels.exact import common_factor
from pellucid.operators.kernels.facts import SIZE

if TYPE_CHECKING:
    from pellucid.operators.kernels.kernel import Kernel, Weights

#: Side of a panel and width of a card, in pixels; height of letters and of a line.
PANEL, CARD = 380, 820
_LETTERS, _LINE = 15, 21
_WHITE: Colour = (255, 255, 255)


def weights_picture(weights: "Weights", side: int = PANEL, most: float | None = None) -> Pixels:
    """Weights as cells from blue (negative) over white (0) to orange, with their numbers.

    Numbers are left out where they do not fit into the cells.

    Args:
        weights: kh×kw.
        side: the picture is at most so high and so wide, in pixels.
        most: the weight with the full colour; the largest by default.

    Returns:
        (H, W, 3) uint8.

    >>> weights_picture(np.eye(3), 90).shape
    (90, 90, 3)
    """
    numbers = weights if most else _numbers(weights)
    decimals = max(0, 2 - floor(log10(most or float(np.abs(numbers).max()) or 1.0)))
    texts = [drawable(_short(weight, decimals)) for weight in numbers.flat]
    most = most or float(np.abs(weights).max()) or 1.0
    cells = Scale(-most, most, signed=True).apply(weights)
    drawn = fit(cells, side, side).copy()
    cell = drawn.shape[0] // weights.shape[0]
    if cell >= 12:
        drawn[::cell] = drawn[:, ::cell] = PAPER  # a thin line between the cells
    widest = max(texts, key=len)
    size = next((size for size in (18, 15, 12, 10) if text_width(widest, size) < cell - 3), None)
    if size is not None:
        dark = np.abs(weights).ravel() > 0.55 * most
        columns = weights.shape[1]
        places = [
            (text, (place % columns + 0.5) * cell, (place // columns + 0.5) * cell,
             _WHITE if dark[place] else INK)
            for place, text in enumerate(texts)
        ]  # fmt: skip
        write_texts(drawn, places, size=size)
    return drawn


def response_picture(kernel: "Kernel", size: int = SIZE) -> tuple[Pixels, str]:
    """|H| from black (0) to white (its peak), the frequency 0 in the middle, and a caption.

    Returns:
        (size, size, 3) uint8, and what black and white stand for.
    """
    gain = np.abs(kernel.response(size))
    peak = float(gain.max()) or 1.0
    return Scale(0, peak).apply(gain), f"response |H|: 0 black, {number(peak)} white"


def sample_scene(size: int = 190) -> Pixels:
    """A scene with all that kernels answer to: waves of all lengths, edges, a disc, thin lines.

    The left half is half a zone plate, whose rings get as fine as 2.5 pixels at the side.

    Returns:
        (size, size, 3) uint8, gray.
    """
    y, x = np.mgrid[:size, :size].astype(np.float64)
    middle = size / 2
    reach = (x - middle) ** 2 + (y - middle) ** 2
    scene = 127.5 + 110 * np.cos(np.pi * reach / (2.5 * middle))
    right = x >= middle
    scene[right] = 60 + 120 * (y[right] / size)  # a slope
    disc = (x - 1.5 * middle) ** 2 + (y - 0.5 * middle) ** 2 < (0.3 * middle) ** 2
    scene[disc] = 235
    square = (np.abs(x - 1.5 * middle) < 0.28 * middle) & (np.abs(y - 1.3 * middle) < 0.28 * middle)
    scene[square] = 20
    lines = right & (y > 1.7 * middle) & (y < 1.95 * middle) & (x % 7 < 1)
    scene[lines] = 240
    shades: Pixels = np.rint(scene).astype(np.uint8)[..., None].repeat(3, axis=2)
    return shades


def picture(kernel: "Kernel") -> Pixels:
    """Weights and frequency response side by side, (H, W, 3) uint8."""
    response, caption = response_picture(kernel)
    panels = [(_weights_caption(kernel), weights_picture(kernel.weights)), (caption, response)]
    return contact_sheet(panels, columns=2, width=CARD)


def card_picture(kernel: "Kernel", before: Any = None) -> Pixels:
    """The whole card: what it is, its weights, its response, and a picture before and after.

    Args:
        kernel: any.
        before: a picture to apply it to; by default a test scene.

    Returns:
        (H, W, 3) uint8.
    """
    from pellucid.operators.kernels.apply import apply_kernel

    scene = sample_scene() if before is None else before
    applied = apply_kernel(scene, kernel)
    response, caption = response_picture(kernel)
    panels = [
        (_weights_caption(kernel), weights_picture(kernel.weights)),
        (caption, response),
        ("before", scene),
        (f"after{': ' + applied.note if applied.note else ''}", applied.pixels),
    ]
    lines = [kernel.effect, *kernel.facts]
    sheet = contact_sheet(panels, columns=2, width=CARD)
    return np.concatenate([_heading(kernel.text, lines), sheet])


def _heading(title: str, lines: list[str]) -> Pixels:
    """A title and lines of text, folded at the card's width."""
    folded = [part for line in lines if line for part in textwrap.wrap(drawable(line), 105)]
    canvas = np.full((2 * _LINE + _LINE * len(folded), CARD, 3), PAPER, np.uint8)
    title = textwrap.shorten(drawable(title), 75, placeholder=" ...")
    write_texts(canvas, [(title, 12, _LINE, INK)], size=20, anchor="lm")
    texts = [(line, 12.0, _LINE * (2.3 + row), INK) for row, line in enumerate(folded)]
    write_texts(canvas, texts, size=_LETTERS, anchor="lm")
    return canvas


def _numbers(weights: "Weights") -> Any:
    common = common_factor(weights)
    return weights if common is None else common[1]


def _weights_caption(kernel: "Kernel") -> str:
    common = common_factor(kernel.weights)
    rows, columns = kernel.shape
    if common is None or common[0] == 1:
        return f"weights, {rows} × {columns}"
    return f"weights, {rows} × {columns}, times {common[0]}"


def _short(weight: float, decimals: int) -> str:
    """Rounded, without zeros that say nothing: ``-.25``, ``3``."""
    text = f"{round(float(weight), decimals) + 0.0:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if decimals else text
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
