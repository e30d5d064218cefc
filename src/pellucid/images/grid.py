"""A few pixels of an image with their numbers in them: an image is an array of numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.images.check import checked, to_bytes
from pellucid.images.colour.gray import rgb_to_gray
from pellucid.images.colour.models import from_rgb
from pellucid.images.crop import Crop
from pellucid.images.lettering import INK, PAPER, Colour, text_width, write_texts
from pellucid.images.planes import Plane
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png

if TYPE_CHECKING:
    from rich.table import Table

#: Height of the letters, of a line of them, and the room around the text of a cell, in pixels.
_LETTERS, _LINE, _ROOM = 15, 18, 10
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Grid:
    """A crop of an image, its numbers and its colours.

    Attributes:
        crop: where it lies.
        values: (h, w, C), the numbers.
        pixels: (h, w, 3) uint8, how the cells are drawn.
    """

    crop: Crop
    values: NDArray[Any]
    pixels: Pixels

    def lines(self, y: int, x: int) -> list[str]:
        """The numbers of one cell as text, one a channel; y and x count from the crop's corner."""
        values = self.values[y, x]
        if values.dtype.kind != "f":
            return [str(value) for value in values]
        pairs = zip(values.tolist(), self._decimals, strict=True)
        return [f"{round(value, places) + 0.0:.{places}f}" for value, places in pairs]

    def picture(self) -> Pixels:
        """The cells with their numbers, rows and columns numbered, (H, W, 3) uint8.

        The numbers are black on light cells and white on dark ones.
        """
        height, width, channels = self.values.shape
        texts = [line for y in range(height) for x in range(width) for line in self.lines(y, x)]
        wide = max(text_width(text, _LETTERS) for text in {*texts, str(self.crop.right)})
        side = max(wide + _ROOM, channels * _LINE + _ROOM)
        cells = self.pixels.repeat(side, axis=0).repeat(side, axis=1)
        cells[::side] = cells[:, ::side] = PAPER  # a thin line between the cells
        margin = max(_LINE + _ROOM, text_width(str(self.crop.bottom), _LETTERS) + _ROOM)
        canvas = np.full((margin + height * side, margin + width * side, 3), PAPER, np.uint8)
        canvas[margin:, margin:] = cells
        drawn = self._numbers(side, margin) + self._places(side, margin)
        write_texts(canvas, drawn, size=_LETTERS)
        return canvas

    def tables(self, width: int) -> Iterator["Table"]:
        """The same for a terminal, coloured where the console has colour.

        Args:
            width: of the terminal, in characters. A wider grid comes in several tables, each
                with the next columns.
        """
        height, across, _ = self.values.shape
        lines = (line for y in range(height) for x in range(across) for line in self.lines(y, x))
        cell = max(3, *(len(line) for line in lines)) + 2
        room = width - len(str(self.crop.bottom)) - 1
        yield from (part._table() for part in self._parts(max(1, room // cell)))

    def _parts(self, columns: int) -> Iterator["Grid"]:
        """The grid cut from left to right, ``columns`` each."""
        across = self.values.shape[1]
        for start in range(0, across, columns):
            end = min(start + columns, across)
            crop = replace(self.crop, left=self.crop.left + start, right=self.crop.left + end)
            yield Grid(crop, self.values[:, start:end], self.pixels[:, start:end])

    def _table(self) -> "Table":
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=0, show_header=True, header_style="dim")
        table.add_column(justify="right", style="dim")
        for column in self.crop.columns:
            table.add_column(str(column), justify="center", no_wrap=True)
        height, width, _ = self.values.shape
        inks = self._inks()
        for y in range(height):
            cells = []
            for x in range(width):
                style = f"rgb{inks[y][x]} on rgb{tuple(self.pixels[y, x].tolist())}"
                text = "\n".join(f" {line:>3} " for line in self.lines(y, x))
                cells.append(Text(text, style.replace(" ", "").replace(")on", ") on ")))
            table.add_row(f"{self.crop.top + y} ", *cells)
        return table

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())

    def to_json(self) -> dict[str, Any]:
        """Rows, columns and values as plain numbers."""
        return {
            "rows": [self.crop.top, self.crop.bottom],
            "columns": [self.crop.left, self.crop.right],
            "values": self.values.tolist(),
        }

    @property
    def _decimals(self) -> list[int]:
        """Of each channel, so many that its largest number has three digits."""
        largest = np.abs(self.values).max(axis=(0, 1)).tolist()
        return [max(0, min(6, 2 - floor(log10(most)))) if most else 1 for most in largest]

    def _numbers(self, side: int, margin: int) -> list[tuple[str, float, float, Colour]]:
        height, width, channels = self.values.shape
        inks = self._inks()
        return [
            (
                line,
                margin + (x + 0.5) * side,
                margin + (y + 0.5) * side + (place - (channels - 1) / 2) * _LINE,
                inks[y][x],
            )
            for y in range(height)
            for x in range(width)
            for place, line in enumerate(self.lines(y, x))
        ]

    def _places(self, side: int, margin: int) -> list[tuple[str, float, float, Colour]]:
        across = [
            (str(column), margin + (place + 0.5) * side, margin / 2, INK)
            for place, column in enumerate(self.crop.columns)
        ]
        down = [
            (str(row), margin / 2, margin + (place + 0.5) * side, INK)
            for place, row in enumerate(self.crop.rows)
        ]
        return across + down

    def _inks(self) -> list[list[Colour]]:
        """Black or white for each cell, whichever has more contrast.

        The contrast is (l + 0.05) / (l' + 0.05) of two luminances (WCAG 2.2), so black from a
        luminance of 0.179 on, which sRGB stores as 118.
        """
        light = rgb_to_gray(self.pixels, light=True)[..., 0] >= 118
        return [[_BLACK if each else _WHITE for each in row] for row in light]


def grid_of(image: Any, crop: Crop, model: str | None = None) -> Grid:
    """The pixels of a crop in their own colours, with all channels of a colour model.

    Args:
        image: H×W×3 or one gray channel, uint8 or floats from 0 to 1.
        crop: within it.
        model: one of :data:`pellucid.images.colour.MODELS`; the image's own numbers without.

    Raises:
        UsageError: no such image or model, or the crop reaches beyond it.

    >>> grid = grid_of([[0.0, 0.25], [0.5, 1.0]], Crop(0, 2, 1, 2))
    >>> [grid.lines(y, 0) for y in range(2)]
    [['0.25'], ['1.00']]
    """
    pixels = checked(image)
    crop.check(*pixels.shape[:2])
    cut = pixels[crop.top : crop.bottom, crop.left : crop.right]
    shown = to_bytes(cut)
    values = cut if model is None else from_rgb(cut, model)
    return Grid(crop, values, shown.repeat(3, axis=2) if shown.shape[2] == 1 else shown)


def grid_of_plane(plane: Plane, crop: Crop) -> Grid:
    """The values of one channel of a colour model, drawn as :meth:`Plane.picture` draws them.

    Raises:
        UsageError: the crop reaches beyond it.
    """
    height, width = plane.values.shape
    crop.check(height, width)
    where = np.s_[crop.top : crop.bottom, crop.left : crop.right]
    return Grid(crop, plane.values[where][..., None], plane.picture()[where])
