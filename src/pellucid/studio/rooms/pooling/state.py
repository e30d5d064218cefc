"""What the pooling room's address says."""

from dataclasses import dataclass

from pellucid.studio.rooms.common import PLANES
from pellucid.studio.state import State, flag, one_of, whole

#: Kinds of pooling, with what people are told.
KINDS = {
    "max": "The largest (max)",
    "average": "The average",
    "last": "The last",
    "l2": "L2: √Σx²",
    "min": "The smallest (min)",
    "first": "The first",
}
LARGEST = 8


@dataclass(frozen=True)
class PoolingState(State):
    """The window, and where it is.

    Attributes:
        side: pixels of the picture's longer side; 0: as it is.
        plane: that is pooled.
        kind: one of :data:`KINDS`.
        size: of the window.
        stride: of the window; 0: as its size, so that windows tile.
        padding: cells on every side.
        ceil: whether a last window may stick out.
        y: of the output that is looked at; −1: none yet.
        x: of it.
    """

    side: int = whole(24, 0, 96)
    plane: str = one_of("gray", PLANES)
    kind: str = one_of("max", tuple(KINDS))
    size: int = whole(2, 1, LARGEST)
    stride: int = whole(0, 0, LARGEST)
    padding: int = whole(0, 0, LARGEST)
    ceil: bool = flag()
    y: int = whole(-1, -1, 1_000_000)
    x: int = whole(-1, -1, 1_000_000)
