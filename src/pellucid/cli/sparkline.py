"""A series as one line of a terminal."""

import numpy as np
from numpy.typing import NDArray

BLOCKS = "▁▂▃▄▅▆▇█"
#: Where the terminal has no other characters.
ASCII = "_.-=+*%#"


def sparkline(values: NDArray[np.float64], width: int = 32, levels: str = BLOCKS) -> str:
    """A bar for each stretch of a series: its mean, between the smallest and the largest mean.

    Args:
        values: (T,); NaN and infinities are left out, a stretch of nothing else is a space.
        width: bars at most.
        levels: characters from low to high.

    >>> sparkline(np.array([0.0, 1, 2, 3, np.nan, 7]))
    '▁▂▃▄ █'
    """
    if not values.size:
        return ""
    bars = min(width, len(values))
    starts = np.arange(bars) * len(values) // bars
    known = np.isfinite(values)
    counts = np.add.reduceat(known.astype(np.int64), starts)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts)
    means = np.divide(sums, counts, out=np.full(bars, np.nan), where=counts > 0)
    there = means[counts > 0]
    if not there.size:
        return " " * bars
    low, spread = there.min(), there.max() - there.min()
    heights = (means - low) / spread if spread > 0 else np.where(counts > 0, 0.5, np.nan)
    steps = np.minimum(np.nan_to_num(heights) * len(levels), len(levels) - 1).astype(int)
    return "".join(
        levels[step] if count else " " for step, count in zip(steps, counts, strict=True)
    )
