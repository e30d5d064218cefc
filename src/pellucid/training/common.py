"""The choices of a training that follow from the data alone, whatever the network."""

from dataclasses import dataclass, replace

import numpy as np

from pellucid.data.augmentation import Augmentation
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.symmetry import MirrorTest, mirror_test
from pellucid.training.prepare import Prepared, channel_statistics, is_posed
from pellucid.training.rules import augmentation, class_weights
from pellucid.training.wishes import Wishes


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
