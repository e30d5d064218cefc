"""How often each value occurs in an image, channel by channel."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images.check import checked
from pellucid.images.lettering import INK, PAPER, Colour, shortened, write_texts
from pellucid.images.planes import Plane
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import number

if TYPE_CHECKING:
    from rich.console import Group

#: Eighths of a character's height.
_BARS = " ▁▂▃▄▅▆▇█"
#: Pixels: height of a panel's bars, of its title, of its axis; letters.
_HEIGHT, _TITLE, _AXIS, _LETTERS, _SIDE = 140, 26, 24, 14, 12
_INKS: dict[str, Colour] = {"red": (196, 42, 38), "green": (38, 132, 52), "blue": (44, 82, 196)}
_INK: Colour = (70, 78, 86)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of one channel.

    Attributes:
        name: of the channel.
        low: lower end of the first bin.
        high: upper end of the last bin, which it includes.
        counts: one an equal bin; a bin includes its lower end.
    """

    name: str
    low: float
    high: float
    counts: tuple[int, ...]

    @property
    def edges(self) -> NDArray[np.float64]:
        """The ends of the bins, one more than bins."""
        return np.linspace(self.low, self.high, len(self.counts) + 1)

    def _repr_png_(self) -> bytes:
        return encode_png(histogram_picture([self]))

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "low": self.low,
            "high": self.high,
            "counts": list(self.counts),
        }

    def bars(self, width: int, height: int) -> list[str]:
        """Rows of characters, ``height`` of them, the topmost first.

        As many columns as the largest divisor of the number of bins that is at most ``width``, so
        that every column has equally many bins.

        >>> Histogram("x", 0, 4, (1, 0, 4, 2)).bars(10, 1)
        ['▂ █▄']
        """
        bins = len(self.counts)
        columns = next(count for count in range(min(width, bins), 0, -1) if bins % count == 0)
        merged = np.reshape(self.counts, (columns, -1)).sum(axis=1)
        eighths = np.ceil(merged / max(1, merged.max()) * 8 * height).astype(int)
        return [
            "".join(_BARS[min(8, max(0, each - 8 * row))] for each in eighths)
            for row in reversed(range(height))
        ]


def histogram(image: Any, *, bins: int = 256) -> tuple[Histogram, ...]:
    """Counts of each channel of an image.

    Args:
        image: H×W×3 or one gray channel. uint8 has a bin a value, 256 of them from 0 to 256.
            Floats have ``bins`` equal bins from 0 to 1.
        bins: for floats.

    Raises:
        UsageError: no such image, or no bins.

    >>> [each] = histogram(np.array([[0, 7, 7]], np.uint8))
    >>> each.counts[0], each.counts[7], sum(each.counts)
    (1, 2, 3)
    """
    pixels = checked(image)
    names = ("red", "green", "blue") if pixels.shape[2] == 3 else ("gray",)
    planes = np.moveaxis(pixels, 2, 0)
    return tuple(
        count_values(plane, name, 0.0, 1.0, bins) for plane, name in zip(planes, names, strict=True)
    )


def histogram_of_plane(plane: Plane, *, bins: int = 256) -> Histogram:
    """Counts of one channel of a colour model, over all the values that there can be.

    A pixel without a hue is not counted in the histogram of hues.

    Args:
        plane: the channel.
        bins: for floats; uint8 has 256.

    Raises:
        UsageError: no bins.
    """
    return count_values(plane.known, plane.channel.name, *plane.range, bins)


def count_values(values: NDArray[Any], name: str, low: float, high: float, bins: int) -> Histogram:
    """Counts of values between ``low`` and ``high``: see :class:`Histogram`.

    uint8 has 256 bins from 0 to 256, whatever is asked. A rounding error beyond an end counts in
    the bin at that end.

    Raises:
        UsageError: no bins.
    """
    if values.dtype == np.uint8:
        counts = np.bincount(values.ravel(), minlength=256)
        return Histogram(name, 0.0, 256.0, tuple(counts.tolist()))
    if bins < 1:
        raise UsageError(f"expected at least 1 bin, found {bins}.")
    flat = values.ravel().astype(np.float64)
    edges = np.linspace(low, high, bins + 1)
    place = np.clip(((flat - low) * (bins / (high - low))).astype(np.intp), 0, bins - 1)
    # The product is rounded: a value next to an edge may be a bin off.
    place -= (flat < edges[place]) & (place > 0)
    place += (flat >= edges[place + 1]) & (place < bins - 1)
    counts = np.bincount(place, minlength=bins)
    return Histogram(name, low, high, tuple(counts.tolist()))


def histogram_picture(histograms: Iterable[Histogram], *, width: int = 640) -> Pixels:
    """Bars, a panel a channel, one below the other; (H, ``width``, 3) uint8.

    Every panel has its own height, stated in its title: the fullest bin reaches the top.

    Raises:
        UsageError: nothing to draw, or too narrow.
    """
    panels = [_panel(each, width) for each in histograms]
    if not panels:
        raise UsageError("expected histograms to draw, found none.")
    return np.concatenate(panels)


def histogram_bars(histograms: Iterable[Histogram], *, width: int, height: int = 5) -> "Group":
    """The same for the terminal; at most ``width`` characters wide."""
    from rich.console import Group
    from rich.text import Text

    lines = []
    for each in histograms:
        colour = each.name if each.name in _INKS else ""
        rows = each.bars(width, height)
        low, high = number(each.low), number(each.high)
        lines.append(Text(_title(each), "bold"))
        lines += [Text(row, colour) for row in rows]
        lines.append(Text(low + high.rjust(len(rows[0]) - len(low)), "dim"))
    return Group(*lines)


def _title(each: Histogram) -> str:
    fullest = max(each.counts)
    at = number(float(each.edges[each.counts.index(fullest)]))
    return f"{each.name}: {len(each.counts)} bins, the fullest from {at} with {fullest:,} pixels"


def _panel(each: Histogram, width: int) -> Pixels:
    inner = width - 2 * _SIDE
    if inner < len(each.counts):  # a narrower one would leave bins out
        least = len(each.counts) + 2 * _SIDE
        raise UsageError(
            f"expected a picture at least {least} pixels wide for {len(each.counts)} bins, "
            f"found {width}."
        )
    canvas = np.full((_TITLE + _HEIGHT + _AXIS, width, 3), PAPER, np.uint8)
    counts = np.array(each.counts)
    tall = np.ceil(counts / max(1, counts.max()) * _HEIGHT)
    column = tall[np.arange(inner) * len(counts) // inner]  # the bin at each pixel
    filled = np.arange(_HEIGHT, 0, -1)[:, None] <= column
    area = canvas[_TITLE : _TITLE + _HEIGHT, _SIDE : _SIDE + inner]
    area[...] = 240
    area[filled] = _INKS.get(each.name, _INK)
    title = shortened(_title(each), _LETTERS, inner)
    write_texts(canvas, [(title, _SIDE, _TITLE / 2, INK)], size=_LETTERS, anchor="lm")
    y = _TITLE + _HEIGHT + _AXIS / 2
    middle = (each.low + each.high) / 2
    write_texts(canvas, [(number(each.low), _SIDE, y, INK)], size=_LETTERS, anchor="lm")
    write_texts(canvas, [(number(middle), width / 2, y, INK)], size=_LETTERS)
    write_texts(canvas, [(number(each.high), width - _SIDE, y, INK)], size=_LETTERS, anchor="rm")
    return canvas
