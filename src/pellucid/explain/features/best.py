"""The largest activations of some channels, kept while pictures go by."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Best:
    """For every channel the pictures with its largest values so far, in bounded memory.

    >>> best = Best((0,), 2)
    >>> best.add(np.array([[[[1.0, 5.0]]], [[[7.0, 2.0]]], [[[3.0, 3.0]]]]), [10, 11, 12])
    >>> list(best.rows())
    [(0, 11, 7.0, (0, 0)), (0, 10, 5.0, (0, 1))]
    """

    def __init__(self, channels: Sequence[int], count: int) -> None:
        """Nothing seen yet.

        Args:
            channels: which to keep.
            count: pictures of each.
        """
        self._channels, self._count = tuple(channels), count
        self._values = np.empty((len(channels), 0))
        self._images = np.empty((len(channels), 0), np.int64)
        self._places = np.empty((len(channels), 0), np.int64)
        self._shape: tuple[int, ...] = ()

    @property
    def images(self) -> set[int]:
        """The numbers of the pictures that are among the best of any channel."""
        return set(self._images.ravel().tolist())

    def add(self, values: NDArray[Any], images: Sequence[int]) -> None:
        """Look at more pictures.

        Args:
            values: (N, C, H, W) or (N, C), without NaN.
            images: the numbers of the N pictures, ascending from call to call.
        """
        self._shape = values.shape[2:]
        chosen = values[:, list(self._channels)].reshape(len(values), len(self._channels), -1)
        places = chosen.argmax(axis=2)
        largest = np.take_along_axis(chosen, places[..., None], axis=2)[..., 0]
        numbers = np.broadcast_to(np.asarray(images, np.int64), (len(self._channels), len(images)))
        together = (
            np.concatenate([self._values, largest.T.astype(np.float64)], axis=1),
            np.concatenate([self._images, numbers], axis=1),
            np.concatenate([self._places, places.T], axis=1),
        )
        # Stable: of equal values the earlier picture stays.
        order = np.argsort(-together[0], axis=1, kind="stable")[:, : self._count]
        self._values, self._images, self._places = (
            np.take_along_axis(each, order, axis=1) for each in together
        )

    def rows(self) -> Iterator[tuple[int, int, float, tuple[int, ...]]]:
        """(channel, picture, value, position) by channel, the largest value first."""
        for row, channel in enumerate(self._channels):
            for value, image, place in zip(
                self._values[row].tolist(), self._images[row], self._places[row], strict=True
            ):
                at = np.unravel_index(int(place), self._shape) if self._shape else ()
                yield channel, int(image), value, tuple(int(index) for index in at)
