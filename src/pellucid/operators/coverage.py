"""How often each pixel is read by a window, as a picture: without padding and with it."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.geometry import Window

Pixels = NDArray[np.uint8]

MARGIN, TITLE = 12, 22
#: Of the ground, of cells of padding, of writing.
WHITE, GRAY, BLACK = (255, 255, 255), (214, 214, 214), (0, 0, 0)
#: The least height of a row: a series has but one.
ROW = 24
FONT = cv2.FONT_HERSHEY_SIMPLEX


def coverage_picture(window: Window, *, side: int = 360) -> Pixels:
    """The coverage map before and after padding, side by side on one scale of colours.

    Dark cells are read seldom, yellow ones often (cividis, a scale that reads the same with
    colour-blind eyes: Nuñez, Anderton and Renslow 2018); padding is gray. The counts stand in the
    cells where they are large enough. A window without padding makes one panel.

    Args:
        window: of an image or a series, with its padding.
        side: pixels for the longer side of a panel; cells are at least one pixel large.

    Returns:
        H×W×3 uint8, RGB.

    Raises:
        UsageError: the window's input has no cells, or ``side`` is below 1.

    >>> from pellucid.geometry import window
    >>> coverage_picture(window((6, 6), 3, padding="same")).shape[::2]
    (400, 3)
    """
    if 0 in window.input_shape or side < 1:
        raise UsageError(
            f"expected an input with cells and a side of at least 1 pixel, found shape "
            f"{window.input_shape} and side {side}."
        )
    bare = Window(tuple(replace(axis, before=0, after=0) for axis in window.axes))
    titled = [("without padding", bare), ("with padding", window)][: 1 + (bare != window)]
    counts = [coverage_map(each) for _, each in titled]
    most = max(int(each.max()) for each in counts)
    cell = max(1, side // max(_padded(window)))
    panels = [
        _titled(f"{title}: {each.min()} to {each.max()}", _cells(each, place, cell, most))
        for (title, place), each in zip(titled, counts, strict=True)
    ]
    height = max(panel.shape[0] for panel in panels)
    return np.hstack(
        [_bordered(panel, (0, height - panel.shape[0], 0, 0), WHITE) for panel in panels]
    )


def coverage_map(window: Window) -> NDArray[np.int64]:
    """:meth:`pellucid.geometry.Window.coverage` as an array, H×W; a series is one row, 1×T.

    >>> from pellucid.geometry import window
    >>> coverage_map(window((3, 4), 2))
    array([[1, 2, 2, 1],
           [2, 4, 4, 2],
           [1, 2, 2, 1]])
    """
    *upper, across = (np.array(axis.coverage(), np.int64) for axis in window.axes)
    down = upper[0] if upper else np.ones(1, np.int64)
    counts: NDArray[np.int64] = np.multiply.outer(down, across)
    return counts


def _padded(window: Window) -> tuple[int, ...]:
    return tuple(axis.padded for axis in window.axes)


def _cells(counts: NDArray[np.int64], window: Window, cell: int, most: int) -> Pixels:
    """The map with its ring of padding, ``cell`` pixels a cell, and numbers where they fit."""
    levels = np.round(counts * (255 / max(1, most))).astype(np.uint8)
    colours = np.asarray(cv2.applyColorMap(levels, cv2.COLORMAP_CIVIDIS), np.uint8)[..., ::-1]
    *upper, across = window.padding
    down = upper[0] if upper else (0, 0)
    ringed = _bordered(colours, (*down, *across), GRAY)
    height = cell if upper else max(cell, ROW)
    large = ringed.repeat(height, 0).repeat(cell, 1)
    size = _font(str(most), cell, height)
    if size:
        for (y, x), count in np.ndenumerate(counts):
            centre = ((x + across[0]) * cell + cell / 2, (y + down[0]) * height + height / 2)
            dark = int(colours[y, x].astype(int) @ (299, 587, 114)) < 128_000
            _write(large, str(count), centre, size, WHITE if dark else BLACK)
    return large


def _font(text: str, width: int, height: int) -> float:
    """The size at which a text fits into a cell; 0 where it would be too small to read."""
    (wide, tall), _ = cv2.getTextSize(text, FONT, 1.0, 1)
    size = min(0.7, 0.8 * width / wide, 0.6 * height / tall)
    return size if size >= 0.3 else 0.0


def _write(
    picture: Pixels, text: str, centre: tuple[float, float], size: float, colour: tuple[int, ...]
) -> None:
    (wide, tall), _ = cv2.getTextSize(text, FONT, size, 1)
    corner = (round(centre[0] - wide / 2), round(centre[1] + tall / 2))
    cv2.putText(picture, text, corner, FONT, size, colour, 1, cv2.LINE_AA)


def _titled(title: str, panel: Pixels) -> Pixels:
    """The panel with a line above it and a margin around."""
    (wide, _), _ = cv2.getTextSize(title, FONT, 0.45, 1)
    right = max(MARGIN, MARGIN + wide - panel.shape[1])
    framed = _bordered(panel, (MARGIN + TITLE - 6, MARGIN, MARGIN, right), WHITE)
    cv2.putText(framed, title, (MARGIN, TITLE - 4), FONT, 0.45, BLACK, 1, cv2.LINE_AA)
    return framed


def _bordered(picture: Pixels, sides: tuple[int, int, int, int], colour: tuple[int, ...]) -> Pixels:
    """With so many pixels of a colour above, below, left and right."""
    bordered = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=colour)
    return np.asarray(bordered, np.uint8)
