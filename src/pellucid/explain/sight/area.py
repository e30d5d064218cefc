"""A set of positions of a picture or a map, exactly: with its gaps, its box and its share."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from pellucid.explain.sight.links import Mask


class Box(NamedTuple):
    """Rows ``top`` to ``bottom`` − 1 and columns ``left`` to ``right`` − 1."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    def __str__(self) -> str:
        """Size and place, both ends included.

        >>> print(Box(2, 5, 0, 4))
        3×4 (rows 2 to 4, columns 0 to 3)
        """
        rows, columns = f"{self.top} to {self.bottom - 1}", f"{self.left} to {self.right - 1}"
        return f"{self.height}×{self.width} (rows {rows}, columns {columns})"


@dataclass(frozen=True, eq=False)
class Area:
    """Positions of a picture or map.

    Attributes:
        mask: (H, W) bool, true for the positions that belong to it.

    >>> cross = Area(np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool))
    >>> print(cross)
    3×3 (rows 0 to 2, columns 0 to 2), 5 of its 9 positions
    >>> cross.spans()
    ((0, 1, 2), (1, 0, 3), (2, 1, 2))
    """

    mask: Mask

    @cached_property
    def count(self) -> int:
        """How many positions."""
        return int(np.count_nonzero(self.mask))

    @property
    def share(self) -> float:
        """Of all positions of the picture, from 0 to 1."""
        return self.count / self.mask.size

    @cached_property
    def box(self) -> Box | None:
        """The smallest box around it; None where it is empty."""
        rows, columns = (np.flatnonzero(self.mask.any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            return None
        return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)

    def spans(self) -> tuple[tuple[int, int, int], ...]:
        """The positions as runs (row, first column, column after the last), row by row."""
        edges = np.diff(np.pad(self.mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
        return tuple(
            (int(row), int(first), int(end))
            for (row, first), (_, end) in zip(starts, ends, strict=True)
        )

    def to_json(self) -> dict[str, Any]:
        """Size of the picture, box, count, share and the runs of :meth:`spans`."""
        return {
            "shape": list(self.mask.shape),
            "box": None if self.box is None else self.box._asdict(),
            "count": self.count,
            "share": self.share,
            "spans": [list(span) for span in self.spans()],
        }

    def __str__(self) -> str:
        if self.box is None:
            return "nothing"
        size = self.box.height * self.box.width
        gaps = "" if size == self.count else f", {self.count:,} of its {size:,} positions"
        return f"{self.box}{gaps}"
