"""Windows over a series, in blocks that stay in the processor's cache, with the ends made explicit.

The one place that knows what a window reads where the series has not begun or is over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import unknown_name
from pellucid.geometry import Axis
from pellucid.operators.series.forms import Form
from pellucid.operators.series.kernel import SeriesKernel

#: What a window finds beyond the ends of the series. ``nan``: nothing, so its result is NaN (as
#: in pandas' ``rolling``); ``drop``: nothing, and there is no such result; ``zero``: zeros;
#: ``first``: the first value again (and beyond the end the last one).
Start = Literal["nan", "drop", "zero", "first"]
STARTS: tuple[str, ...] = get_args(Start)

#: Values read at once: 256 KiB of float64.
BLOCK = 32_768

Values = NDArray[Any]
#: Computes all windows (with a stride, every stride-th) that lie in its first argument, values
#: (L,) in float64, into its second, which may be float32.
Whole = Callable[[NDArray[np.float64], Values], None]


@dataclass(frozen=True)
class Place:
    """Where the windows of a kernel lie on a series of ``length`` values.

    Window j reads the values from ``origin`` + j·stride on; those before 0 or not below the
    length do not exist. Windows ``first`` to ``stop`` − 1 lie wholly inside.
    """

    length: int
    kernel: SeriesKernel

    @property
    def origin(self) -> int:
        return self.kernel.stride + self.kernel.ahead - len(self.kernel.weights)

    @property
    def windows(self) -> int:
        """One for each whole group of stride values."""
        return Axis(self.length, self.kernel.stride, self.kernel.stride).output

    @property
    def first(self) -> int:
        return min(self.windows, max(0, -(self.origin // self.kernel.stride)))

    @property
    def stop(self) -> int:
        left = self.length - self.at(self.first)
        if left < 0:
            return self.first
        whole = Axis(left, len(self.kernel.weights), self.kernel.stride).output
        return min(self.windows, self.first + whole)

    def at(self, window: int) -> int:
        """The first value that a window reads; below 0 before the start."""
        return self.origin + window * self.kernel.stride

    def reads(self, low: int, high: int) -> tuple[int, int]:
        """The values that the windows from ``low`` to ``high`` − 1 read, as a half-open range."""
        return self.at(low), self.at(high - 1) + len(self.kernel.weights)


def slide(found: Form, kernel: SeriesKernel, whole: Whole, start: Start) -> Any:
    """The result of every window, in the form that was given.

    Args:
        found: the series.
        kernel: says how long a window is and where it lies.
        whole: computes windows that lie wholly in the values it is given.
        start: what stands beyond the ends.

    Raises:
        UsageError: an unknown ``start``.
    """
    if start not in STARTS:
        raise unknown_name("start", start, STARTS)
    place = Place(found.values.shape[2], kernel)
    channels = found.values.reshape(-1, place.length)
    result = np.empty((len(channels), place.windows), found.values.dtype)
    for row, values in zip(result, channels, strict=True):
        _inside(row, values, place, whole)
        for low, high in ((0, place.first), (place.stop, place.windows)):
            if start in ("nan", "drop") or low == high:
                row[low:high] = np.nan
            else:
                whole(_read(values, place, low, high, start), row[low:high])
    kept = slice(place.first, place.stop) if start == "drop" else slice(0, place.windows)
    result = result.reshape(*found.values.shape[:2], -1)[..., kept]
    step = kernel.stride  # a result stands at the last value of its group
    return found.restore(result, slice((kept.start + 1) * step - 1, kept.stop * step, step))


def _inside(row: Values, values: Values, place: Place, whole: Whole) -> None:
    """The windows that lie wholly inside, block by block."""
    reach = max(BLOCK, 4 * len(place.kernel.weights))
    step = max(1, reach // place.kernel.stride)
    for low in range(place.first, place.stop, step):
        high = min(place.stop, low + step)
        begin, end = place.reads(low, high)
        whole(values[begin:end].astype(np.float64, copy=False), row[low:high])


def _read(values: Values, place: Place, low: int, high: int, start: Start) -> NDArray[np.float64]:
    """What the windows from ``low`` to ``high`` − 1 read, beyond the ends too."""
    positions = np.arange(*place.reads(low, high))
    inside = positions.clip(0, place.length - 1)
    read: NDArray[np.float64] = values[inside].astype(np.float64)
    if start == "zero":
        read[positions != inside] = 0
    return read
