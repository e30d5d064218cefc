"""What pooling keeps of a picture and what it loses, as pictures and as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid import geometry
from pellucid.errors import UsageError
from pellucid.geometry import Padding
from pellucid.operators.layout import planes
from pellucid.operators.pooling import Kind, pool
from pellucid.operators.pooling_cells import cells_in, nearest_window

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PoolingLoss:
    """A picture before and after pooling. A notebook shows picture, enlarged and lost side by side.

    Attributes:
        picture: as given, H×W or H×W×C.
        kind: of pooling.
        pooled: the pooled picture, H'×W'….
        enlarged: that at the first size again, H×W…, float64: each cell has the number of the
            window whose centre is nearest (nearest neighbour). Of L2 pooling and sums the number
            is divided first, so that an even picture comes back as it was: by the root of the
            number of cells in the window, or by that number.
        lost: picture − enlarged, float64.
        rms: √(mean of lost²), in the picture's units (0 to 255 for uint8).
        energy_kept: 1 − Σ lost² / Σ (picture − mean)², the mean by channel: 1 if nothing is lost,
            0 if no more is kept than the mean colour; below 0 if even that were nearer (a maximum
            makes pictures lighter). −∞ where an even picture is changed.
        cells_kept: H'·W' / (H·W).
    """

    picture: NDArray[Any]
    kind: Kind
    pooled: NDArray[Any]
    enlarged: Floats
    lost: Floats
    rms: float
    energy_kept: float
    cells_kept: float

    def __str__(self) -> str:
        before, after = ("×".join(map(str, each.shape)) for each in (self.picture, self.pooled))
        return (
            f"{self.kind} pooling {before} → {after}: keeps {self.cells_kept:.1%} of the cells and "
            f"{self.energy_kept:.1%} of the energy, RMS error {self.rms:.3g}"
        )

    def sheet(self) -> NDArray[np.uint8]:
        """Picture, enlarged and lost in a row, H×3W×C uint8, C 1 or 3.

        Lost is drawn on gray: lighter where the picture was lighter than what is kept of it.
        """
        whole = self.picture.dtype == np.uint8
        low = 0.0 if whole else float(self.picture.min())
        spread = 255.0 if whole else float(self.picture.max()) - low or 1.0
        panels = [
            (self.picture - low) / spread,
            (self.enlarged - low) / spread,
            0.5 + self.lost / (2 * spread),
        ]
        row = np.concatenate([np.atleast_3d(panel) for panel in panels], axis=1)
        if row.shape[2] not in (1, 3):
            row = row.mean(axis=2, keepdims=True)
        return np.asarray(np.rint(row * 255).clip(0, 255), np.uint8)

    def _repr_png_(self) -> bytes:
        import cv2

        return cv2.imencode(".png", self.sheet()[..., ::-1])[1].tobytes()


def pooling_loss(
    image: Any,
    kind: Kind,
    window: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    ceil: bool = False,
) -> PoolingLoss:
    """Pool one picture, enlarge it again, and say what was lost.

    With windows that tile the picture, average pooling keeps the most energy of all kinds: the
    mean is the number nearest to the cells of a window in the sense of squares.

    Args:
        image: H×W, H×W×C or a ``Picture``, finite.
        kind: as :func:`pellucid.operators.pooling.pool` takes it, like all below.
        window: its cells.
        stride: cells from one window to the next; None: as the window.
        padding: cells on every side.
        dilation: cells from one cell of a window to the next.
        ceil: whether a last window may stick out.

    Raises:
        UsageError: as of ``pool``; not one picture, or NaN or infinity in it.

    >>> stripes = np.array([[0, 2, 0, 2], [4, 6, 4, 6]], np.uint8)
    >>> found = pooling_loss(stripes, "average", 2)
    >>> found.enlarged.tolist()
    [[3.0, 3.0, 3.0, 3.0], [3.0, 3.0, 3.0, 3.0]]
    >>> found.rms, found.energy_kept, found.cells_kept  # doctest: +ELLIPSIS
    (2.236..., 0.0, 0.25)
    """
    given = np.asarray(getattr(image, "pixels", image))
    if given.ndim not in (2, 3):
        raise UsageError(f"expected one picture, H×W or H×W×C, found shape {given.shape}.")
    cells = planes(given, 2).values.astype(np.float64)
    if not np.isfinite(cells).all():
        raise UsageError("expected a picture of finite numbers, found NaN or infinity.")
    steps = window if stride is None else stride
    options: dict[str, Any] = {
        "stride": steps, "padding": padding, "dilation": dilation, "ceil": ceil,
    }  # fmt: skip
    pooled = pool(given, kind, window, **options)
    exact = pool(cells, kind, window, **options)
    place = geometry.window(cells.shape[2:], window, **options)
    if kind in ("l2", "sum"):
        counts = np.multiply.outer(*(cells_in(axis).astype(float) for axis in place.axes))
        exact = exact / (np.sqrt(counts) if kind == "l2" else counts)
    rows, columns = (nearest_window(axis) for axis in place.axes)
    enlarged = exact.take(rows, 2).take(columns, 3)
    lost = cells - enlarged
    energy = float(((cells - cells.mean((2, 3), keepdims=True)) ** 2).sum())
    missing = float((lost**2).sum())
    restore = planes(given, 2).restore
    return PoolingLoss(
        given,
        kind,
        pooled,
        restore(enlarged),
        restore(lost),
        rms=sqrt(missing / lost.size),
        energy_kept=1 - missing / energy if energy else (1.0 if not missing else -np.inf),
        cells_kept=exact[0, 0].size / cells[0, 0].size,
    )
