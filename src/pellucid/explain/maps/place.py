"""Where the network's input lies on the picture that it was made from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.explain.trace import Trace

Plane = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of a picture, which the preprocessing scaled to the network's input.

    Attributes:
        height: of the picture, in pixels.
        width: of the picture.
        top: first row of the rectangle.
        left: first column of it.
        rows: how many rows it has.
        columns: how many columns.
    """

    height: int
    width: int
    top: int
    left: int
    rows: int
    columns: int

    @classmethod
    def whole(cls, height: int, width: int) -> "Place":
        """The whole of a picture."""
        return cls(height, width, 0, 0, height, width)

    @classmethod
    def of(cls, trace: Trace) -> "Place":
        """Where a trace's input lies on what it began with."""
        first, *steps = trace.prelude.nodes
        whole = cls.whole(*first.shape[2:])
        crops = [step.arguments for step in steps if step.operation == "crop"]
        if not crops:
            return whole
        top, left, rows, columns = (crops[0][name] for name in ("top", "left", "height", "width"))
        return cls(whole.height, whole.width, top, left, rows, columns)

    def at(self, height: int, width: int) -> "Place":
        """The same rectangle of the picture at another size, to whole pixels.

        >>> Place(100, 200, 0, 50, 100, 100).at(10, 20)
        Place(height=10, width=20, top=0, left=5, rows=10, columns=10)
        """
        down, across = height / self.height, width / self.width
        top, left = round(self.top * down), round(self.left * across)
        bottom = round((self.top + self.rows) * down)
        right = round((self.left + self.columns) * across)
        rows, columns = max(bottom - top, 1), max(right - left, 1)
        return Place(
            height, width, min(top, height - rows), min(left, width - columns), rows, columns
        )

    def lay(self, plane: Plane) -> Plane:
        """A plane (H, W) over the network's input, as one over the picture; NaN outside.

        >>> Place(1, 4, 0, 1, 1, 2).lay(np.array([[3.0]])).tolist()
        [[nan, 3.0, 3.0, nan]]
        """
        picture = np.full((self.height, self.width), np.nan)
        inside = (
            slice(self.top, self.top + self.rows),
            slice(self.left, self.left + self.columns),
        )
        picture[inside] = stretch(plane, self.rows, self.columns)
        return picture


def stretch(plane: Plane, height: int, width: int) -> Plane:
    """A plane at another size: axes that shrink average, axes that grow are linear between cells.

    Cells and pixels are tiles of the same rectangle, as in the preprocessing's own resizing.

    >>> stretch(np.array([[0.0, 4.0]]), 1, 4).tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    """
    low = min(height, plane.shape[0]), min(width, plane.shape[1])
    for rows, columns, method in ((*low, cv2.INTER_AREA), (height, width, cv2.INTER_LINEAR)):
        if plane.shape != (rows, columns):
            plane = cv2.resize(plane, (columns, rows), interpolation=method).astype(np.float64)
    return plane
