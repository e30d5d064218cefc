"""The choices of a training that follow from the data alone, whatever the network."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pellucid.data.augmentation import Augmentation
from pellucid.data.cache import PixelCache
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.symmetry import MirrorTest, mirror_test
from pellucid.training.choices.rules import augmentation, class_weights
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning.prepare import Prepared, is_posed

#: Images from which mean and spread of the input are taken.
_STATISTICS = 4096


@dataclass(frozen=True)
class Common:
    """What all networks on a data set share.

    Attributes:
        preprocessing: from image to input, with the training images' mean and spread.
        class_weights: weight of each class in the loss; None where all weigh the same.
        mirror: what mirrored examples did for a nearest-neighbour classifier.
        flip: whether images are mirrored at random.
        posed: all images have one size, and a small one.
    """

    preprocessing: Preprocessing
    class_weights: tuple[float, ...] | None
    mirror: MirrorTest
    flip: bool
    posed: bool

    def augmentation(self, wishes: Wishes, epochs: float) -> Augmentation:
        """Random variations for a training of so many epochs."""
        return augmentation(wishes.augment, epochs, flip=self.flip, posed=self.posed)


def common_choices(prepared: Prepared, wishes: Wishes) -> Common:
    """The choices for a data set."""
    train, labels = prepared.splits.train, prepared.labels
    mean, std = channel_statistics(prepared.pixels, train)
    mirror = mirror_test(
        prepared.scan.thumbs[train], labels[train], np.random.default_rng(wishes.seed)
    )
    return Common(
        preprocessing=replace(prepared.geometry, mean=mean, std=std),
        class_weights=class_weights(prepared.train_counts, wishes.balance),
        mirror=mirror,
        flip=wishes.flip == "horizontal" or (wishes.flip == "auto" and not mirror.harmful),
        posed=is_posed(prepared.scan),
    )


def channel_statistics(
    pixels: PixelCache, train: NDArray[np.intp]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel over (up to 4,096 of) the training images.

    Returns:
        C means and C deviations, in units of the full range (1 for white).
    """
    step = max(1, math.ceil(len(train) / _STATISTICS))
    chosen = np.sort(train)[::step]
    total = np.zeros(pixels.shape[3])
    squares = np.zeros(pixels.shape[3])
    for part in np.array_split(chosen, max(1, len(chosen) // 256)):
        images = pixels.gather(part).astype(np.float64) / 255
        total += images.sum((0, 1, 2))
        squares += np.square(images).sum((0, 1, 2))
    count = len(chosen) * pixels.shape[1] * pixels.shape[2]
    mean = total / count
    # A data set of one flat colour has no spread: any positive one will do.
    std = np.sqrt(np.maximum(squares / count - mean**2, 1e-6))
    return tuple(mean.tolist()), tuple(std.tolist())
