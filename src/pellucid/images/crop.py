"""A small rectangle of an image, small enough to read its numbers."""

import re
from dataclasses import dataclass

from pellucid.errors import UsageError

#: More cells than this down or across cannot be read.
MOST = 32
_RANGES = re.compile(r"\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*")
_POINT = re.compile(r"\s*(\d+)\s*,\s*(\d+)\s*")


@dataclass(frozen=True, slots=True)
class Crop:
    """Rows ``top`` to ``bottom`` − 1 and columns ``left`` to ``right`` − 1 of an image.

    Attributes:
        top: first row, from 0.
        bottom: the row after the last one.
        left: first column.
        right: the column after the last one.

    Raises:
        UsageError: empty, or more than 32 cells down or across.
    """

    top: int
    bottom: int
    left: int
    right: int

    def __post_init__(self) -> None:
        for low, high, name in (
            (self.top, self.bottom, "rows"),
            (self.left, self.right, "columns"),
        ):
            if low < 0 or high <= low:
                raise UsageError(f"expected {name} from:to with 0 ≤ from < to, found {low}:{high}.")
            if high - low > MOST:
                raise UsageError(
                    f"expected at most {MOST} {name}, so that the numbers can be read, "
                    f"found {high - low} ({low}:{high})."
                )

    @property
    def rows(self) -> range:
        """Its rows in the image."""
        return range(self.top, self.bottom)

    @property
    def columns(self) -> range:
        """Its columns in the image."""
        return range(self.left, self.right)

    def check(self, height: int, width: int) -> None:
        """Refuse a crop that reaches beyond an image.

        Raises:
            UsageError: it does.
        """
        if self.bottom > height or self.right > width:
            raise UsageError(
                f"expected a crop within the image's {height} rows and {width} columns, found "
                f"rows {self.top}:{self.bottom} and columns {self.left}:{self.right}."
            )


def crop_of(text: str, size: int, height: int, width: int) -> Crop:
    """The crop that a text names.

    Args:
        text: ``y0:y1,x0:x1`` (ends not included), or the centre ``y,x`` of a square.
        size: cells of the square's side; of no use for ranges. An even square has one cell less
            below and to the right of its centre. Near an edge the square is moved inside.
        height: of the image.
        width: of the image.

    Raises:
        UsageError: another text, a point or range outside the image, or too many cells.

    >>> crop_of("10:14,20:26", 8, 100, 100)
    Crop(top=10, bottom=14, left=20, right=26)
    >>> crop_of("0,50", 4, 100, 100)
    Crop(top=0, bottom=4, left=48, right=52)
    """
    if found := _RANGES.fullmatch(text):
        top, bottom, left, right = map(int, found.groups())
        crop = Crop(top, bottom, left, right)
        crop.check(height, width)
        return crop
    if not (found := _POINT.fullmatch(text)):
        raise UsageError(
            f"expected a place as y,x or rows and columns as y0:y1,x0:x1, found '{text}'."
        )
    y, x = map(int, found.groups())
    if y >= height or x >= width:
        raise UsageError(
            f"expected a point within the image's {height} rows and {width} columns, "
            f"found y={y}, x={x}."
        )
    if not 1 <= size <= min(MOST, height, width):
        raise UsageError(
            f"expected a size from 1 to {min(MOST, height, width)} cells for an image of "
            f"{height}×{width} pixels, found {size}."
        )
    top = min(max(0, y - size // 2), height - size)
    left = min(max(0, x - size // 2), width - size)
    return Crop(top, top + size, left, left + size)
