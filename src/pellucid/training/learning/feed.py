"""Where a training's batches come from: every image once an epoch, in an order from the seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pellucid.data.cache import PixelCache
from pellucid.data.share import Share, enough_for_all
from pellucid.data.splits import Splits
from pellucid.training.workers.device import resident
from pellucid.training.workers.distributed import ALONE, World


@dataclass(frozen=True, slots=True)
class Batch:
    """What one worker has of a batch.

    Attributes:
        images: (n, H, W, C) uint8.
        labels: (n,) int64.
        share: which rows of the batch these are.
    """

    images: Tensor
    labels: Tensor
    share: Share


class Feed(Protocol):
    """Gives batches."""

    #: Images of one epoch, for all workers.
    count: int
    #: Images of each class among them, (K,) int64.
    class_counts: Tensor

    def batches(self, epoch: int, steps: int, done: int) -> Iterator[Batch]:
        """This worker's shares of an epoch's batches.

        Args:
            epoch: from 0; fixes the order, with the feed's seed.
            steps: batches in the epoch, of equal size or nearly so.
            done: of these, batches that are not wanted any more.
        """
        ...


@dataclass(frozen=True)
class Images:
    """The images of a training.

    Attributes:
        pixels: all of them, or all but those that are streamed.
        labels: (N,) int64, of all in ``pixels``.
        train: indices to learn from.
        val: indices to choose the best weights by; may be empty.
    """

    pixels: PixelCache
    labels: Tensor
    train: NDArray[np.intp]
    val: NDArray[np.intp]

    @classmethod
    def of(cls, pixels: PixelCache, labels: NDArray[np.intp], splits: Splits) -> "Images":
        """The images of a data set that is read and split."""
        return cls(pixels, torch.from_numpy(labels.astype(np.int64)), splits.train, splits.val)

    def at(self, indices: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
        """Images (n, H, W, C) uint8 and labels (n,)."""
        return torch.from_numpy(self.pixels.gather(indices)), self.labels[indices]


class CachedFeed:
    """Batches of images that are decoded already, in an order drawn anew each epoch.

    Args:
        images: all.
        seed: with the epoch's number, fixes the order.
        world: the workers that share each batch.
        device: where the batches will go; on a GPU all images are copied there once.
    """

    def __init__(
        self,
        images: Images,
        seed: int,
        world: World = ALONE,
        device: torch.device | None = None,
    ) -> None:
        self.count = len(images.train)
        train = images.labels[torch.from_numpy(images.train)]
        self.class_counts = train.bincount()
        self._images, self._seed, self._world = images, seed, world
        self._resident = None if device is None else resident(images.pixels, device)

    def batches(self, epoch: int, steps: int, done: int) -> Iterator[Batch]:
        """See :class:`Feed`."""
        enough_for_all(self.count // steps, self._world.place.size)
        order = np.random.default_rng([self._seed, epoch]).permutation(self._images.train)
        for batch in np.array_split(order, steps)[done:]:
            share = self._world.share(len(batch))
            yield Batch(*self._at(batch[share.slice]), share)

    def _at(self, indices: NDArray[np.intp]) -> tuple[Tensor, Tensor]:
        if self._resident is None:
            return self._images.at(indices)
        chosen = torch.from_numpy(indices)
        return self._resident[chosen.to(self._resident.device)], self._images.labels[chosen]
