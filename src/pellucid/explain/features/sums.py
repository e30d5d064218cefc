"""Figures of channels, gathered in one pass: means, extremes, correlations, equality."""

from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Values that are looked at in one go.
_TOGETHER = 1 << 20


class ChannelSums:
    """What is known of a layer's channels after some pictures; the memory is C², not more.

    The sums of products about the means are joined picture by picture without cancellation (Chan,
    Golub and LeVeque 1983, Algorithms for computing the sample variance, equation 2.1):

        M = M_a + M_b + (x̄_b − x̄_a)(x̄_b − x̄_a)ᵀ·n_a·n_b / (n_a + n_b)

    Attributes:
        count: n, values of each channel so far.
        mean: (C,).
        products: M, (C, C): Σ (x_i − x̄_i)(x_j − x̄_j).
        least: (C,), the smallest value.
        largest: (C,), the largest value.

    >>> sums = ChannelSums(2)
    >>> sums.add(np.array([[[[0.0, 1.0]], [[2.0, 0.0]]], [[[2.0, 3.0]], [[-2.0, -4.0]]]]))
    >>> sums.count, sums.mean.tolist(), sums.correlation()[0, 1].round(6)
    (4, [1.5, -1.0], np.float64(-1.0))
    """

    def __init__(self, channels: int) -> None:
        """Nothing seen yet."""
        self.count = 0
        self.mean = np.zeros(channels)
        self.products = np.zeros((channels, channels))
        self.least = np.full(channels, np.inf)
        self.largest = np.full(channels, -np.inf)
        self._digests = [b""] * channels

    def add(self, values: NDArray[Any]) -> None:
        """Look at more pictures.

        Args:
            values: (N, C, H, W) or (N, C), finite.
        """
        together = max(1, _TOGETHER // values[0].size)
        for start in range(0, len(values), together):  # so the copies in float64 stay small
            part = np.moveaxis(values[start : start + together], 1, 0)
            self._add(part.astype(np.float64).reshape(len(part), -1))

    def correlation(self) -> Floats:
        """Pearson's correlation of every two channels, (C, C); NaN with a constant one."""
        spread = np.where(self.least < self.largest, np.sqrt(np.diag(self.products)), np.nan)
        found: Floats = np.clip(self.products / np.outer(spread, spread), -1, 1)
        return found

    def same(self) -> NDArray[np.int64]:
        """For every channel the first one that had exactly the same values, (C,)."""
        first: dict[bytes, int] = {}
        return np.array([first.setdefault(each, place) for place, each in enumerate(self._digests)])

    def _add(self, values: Floats) -> None:
        count, before = values.shape[1], self.count
        mean = values.mean(axis=1)
        centred = values - mean[:, None]
        apart = mean - self.mean
        self.count = before + count
        self.mean += apart * count / self.count
        self.products += centred @ centred.T
        self.products += np.outer(apart, apart) * (before * count / self.count)
        np.minimum(self.least, values.min(axis=1), out=self.least)
        np.maximum(self.largest, values.max(axis=1), out=self.largest)
        values += 0.0  # −0 equals 0
        self._digests = [
            blake2b(digest + row.tobytes(), digest_size=16).digest()
            for digest, row in zip(self._digests, values, strict=True)
        ]
