"""Colours by cost: seven steps of one hue, each about three times as much as the one before.

One hue from light to dark is read the same with every colour vision, and in print. On a dark page
the steps run from dark to light, so more always stands out more.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

#: From least to most: fill and writing, on a light page and on a dark one.
LIGHT = (
    ("#f0f5fa", "#13212e"),
    ("#d5e5f3", "#13212e"),
    ("#afd0ea", "#13212e"),
    ("#7fb4dc", "#0d1924"),
    ("#4b8fc6", "#050d14"),
    ("#2265a3", "#ffffff"),
    ("#0e3f74", "#ffffff"),
)
DARK = (
    ("#1b2631", "#dbe6ef"),
    ("#1e3449", "#e3edf5"),
    ("#224868", "#eef5fb"),
    ("#28618f", "#ffffff"),
    ("#4b90c8", "#050d14"),
    ("#85bbe5", "#06121d"),
    ("#c4e1f9", "#06121d"),
)
#: Of boxes without cost.
PLAIN_LIGHT, PLAIN_DARK = ("#ffffff", "#13212e"), ("#14191e", "#dbe6ef")


@dataclass(frozen=True, slots=True)
class Scale:
    """Which step a count belongs to.

    Attributes:
        bounds: the least count of each step but the first; rising.
    """

    bounds: tuple[int, ...]

    def step(self, count: int) -> int | None:
        """The number of a count's step, 0 to 6; None of no count at all.

        >>> Scale((10, 30, 100)).step(30), Scale((10, 30)).step(0)
        (5, None)
        """
        if not count:
            return None
        return bisect_right(self.bounds, count) + len(LIGHT) - 1 - len(self.bounds)


def covering(counts: Iterable[int], factors: Sequence[int] = (1, 3)) -> Scale:
    """The scale whose last step holds the largest count, with bounds that are round numbers.

    Args:
        counts: none below zero.
        factors: of a power of ten, at which steps begin.

    >>> covering([54, 118_013_952]).bounds
    (300000, 1000000, 3000000, 10000000, 30000000, 100000000)
    """
    most = max(counts, default=0)
    if most < 1:
        return Scale(())
    powers = [10**power for power in range(floor(log10(most)) + 1)]
    rounded = [factor * power for power in powers for factor in factors]
    below = [number for number in rounded if 1 < number <= most]
    return Scale(tuple(below[-(len(LIGHT) - 1) :]))
