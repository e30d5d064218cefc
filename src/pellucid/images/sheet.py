"""Several pictures with captions on one sheet."""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.images.check import checked, to_bytes
from pellucid.images.fit import fit
from pellucid.images.lettering import INK, PAPER, shortened, write_texts
from pellucid.images.raw import Pixels

#: Pixels between two pictures, height of a caption's letters, height of its line.
GAP, LETTERS, CAPTION = 12, 15, 24
#: The line around a picture, so that a white one is seen on white paper.
FRAME = (170, 170, 170)
#: The narrowest column that a picture can be seen in, pixels.
NARROWEST = 32


def contact_sheet(
    pictures: Sequence[tuple[str, Any]], *, columns: int | None = None, width: int = 1200
) -> Pixels:
    """Pictures in rows, from left to right, a caption below each.

    Each picture is made as large as fits its column, by whole factors where it is small, so
    that its pixels stay squares. The last row may be shorter.

    Args:
        pictures: pairs of a caption and an image: H×W, H×W×1 or H×W×3, uint8 or floats from 0 to
            1, each of any size. A caption too long for its column ends in ….
        columns: pictures a row; by default as many rows as columns, or one row less.
        width: of the sheet, in pixels.

    Returns:
        (H, ``width``, 3) uint8.

    Raises:
        UsageError: no pictures, something that is no image, or columns too narrow to see.

    >>> contact_sheet([("black", [[0.0]]), ("white", [[1.0]])], width=200).shape
    (130, 200, 3)
    """
    if not pictures:
        raise UsageError("expected pictures for a contact sheet, found none.")
    columns = _columns(len(pictures), columns, width)
    cell = (width - GAP * (columns + 1)) // columns
    drawn = [
        (shortened(caption, LETTERS, cell), fit(_rgb(image, caption), cell, cell))
        for caption, image in pictures
    ]
    rows = [drawn[start : start + columns] for start in range(0, len(drawn), columns)]
    heights = [max(picture.shape[0] for _, picture in row) for row in rows]
    sheet = np.full((GAP + sum(heights) + (CAPTION + GAP) * len(rows), width, 3), PAPER, np.uint8)
    captions = []
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for place, (caption, picture) in enumerate(row):
            left = GAP + place * (cell + GAP)
            across = left + (cell - picture.shape[1]) // 2
            _paste(sheet, picture, top + height - picture.shape[0], across)
            captions.append((caption, left + cell / 2, top + height + CAPTION / 2, INK))
        top += height + CAPTION + GAP
    write_texts(sheet, captions, size=LETTERS)
    return sheet


def _paste(sheet: Pixels, picture: Pixels, down: int, across: int) -> None:
    height, width = picture.shape[:2]
    sheet[down - 1 : down + height + 1, across - 1 : across + width + 1] = FRAME
    sheet[down : down + height, across : across + width] = picture


def _columns(count: int, columns: int | None, width: int) -> int:
    if columns is not None and columns < 1:
        raise UsageError(f"expected at least 1 column, found {columns}.")
    chosen = min(count, columns or ceil(sqrt(count)))
    least = GAP + chosen * (NARROWEST + GAP)
    if width < least:
        raise UsageError(
            f"expected a sheet at least {least} pixels wide for {chosen} columns, found {width}."
        )
    return chosen


def _rgb(image: Any, caption: str) -> Pixels:
    pixels = to_bytes(checked(image, name=f"picture '{caption}'"))
    return pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels
