"""Text in pictures, in the one scalable font that Pillow brings along."""

from functools import cache
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

import numpy as np

from pellucid.images.raw import Pixels
from pellucid.text import visible

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

Colour = tuple[int, int, int]
INK: Colour = (34, 34, 34)
PAPER: Colour = (255, 255, 255)
#: What the font has beside ASCII, of what Pellucid writes; and what stands for the rest of that.
_BEYOND = "°±·…"
_NEAREST = str.maketrans({"−": "-", "–": "-", "—": "-", "×": "x"})


@cache
def font(size: int) -> "FreeTypeFont | ImageFont":
    """Pillow's own font; ``size`` is the height of a line in pixels, roughly."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def drawable(text: str) -> str:
    """The text in the characters that the font has: hardly more than ASCII.

    Accents are left out, dashes and signs become their nearest, and the rest becomes "?".

    >>> drawable("−2 × 3, café, кот")
    '-2 x 3, cafe, ???'
    """
    plain = normalize("NFD", visible(text).translate(_NEAREST))
    kept = (letter for letter in plain if not combining(letter))
    return "".join(letter if letter.isascii() or letter in _BEYOND else "?" for letter in kept)


def text_width(text: str, size: int) -> int:
    """Pixels that a line of text takes."""
    return int(np.ceil(font(size).getlength(text)))


def shortened(text: str, size: int, width: int) -> str:
    """The text, its end replaced by … where it is wider than ``width`` pixels.

    >>> shortened("a sunny afternoon", 12, 60)
    'a sunny…'
    """
    text = drawable(text)
    if text_width(text, size) <= width:
        return text
    ends = (f"{text[:end].rstrip()}…" for end in range(len(text) - 1, 0, -1))
    return next((short for short in ends if text_width(short, size) <= width), "…")


def write_text(
    canvas: Pixels,
    text: str,
    *,
    x: float,
    y: float,
    size: int,
    anchor: str = "mm",
    ink: Colour = INK,
) -> None:
    """Draw one line of text into a picture, in place.

    Args:
        canvas: (H, W, 3) uint8, writable.
        text: one line.
        x: pixels from the left, of the anchor.
        y: pixels from the top, of the anchor.
        size: of the font, in pixels.
        anchor: Pillow's two letters: l, m, r across; a (top), m (middle), s (baseline) down.
        ink: colour of the letters.
    """
    write_texts(canvas, [(text, x, y, ink)], size=size, anchor=anchor)


def write_texts(
    canvas: Pixels,
    texts: "list[tuple[str, float, float, Colour]]",
    *,
    size: int,
    anchor: str = "mm",
) -> None:
    """Draw many lines (text, x, y, ink) into a picture, in place: see :func:`write_text`."""
    from PIL import Image, ImageDraw

    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    for text, x, y, ink in texts:
        draw.text((x, y), drawable(text), font=font(size), fill=ink, anchor=anchor)
    canvas[...] = np.asarray(picture)
