"""Rules of thumb by which a plan is made.

Chosen by hand after a few single trial runs on Fashion-MNIST, CIFAR-10 and ten classes of
Caltech-101, and not fitted.

* A data set wants more passes the smaller it is: ``4 · (60,000 / images)^0.65`` epochs in three
  minutes, and (minutes / 3)^0.4 times as many in more; the rest of the time buys a wider network.
* The longer the training, the stronger the random variations, since every image is seen often.
* Rare classes weigh more in the loss, by the square root of how rare they are.
"""

import math

import numpy as np
from numpy.typing import NDArray

from pellucid.data.augmentation import Augmentation
from pellucid.training.choices.wishes import Augment, Balance

#: Epochs grow by this power of how few the images are.
SCARCITY = 0.65
#: The most frequent class may have so many times the images of the rarest without weights.
BALANCED = 3.0
#: Multiply-adds of the forward passes of one step, at most.
MOST_STEP_MACS = 100e9
#: Most of the variations that images of one small size get.
POSED_SHARE = 0.25


def wanted_epochs(images: int, seconds: float) -> float:
    """Passes that a data set of so many training images wants in so much time.

    >>> [round(wanted_epochs(n, 180)) for n in (600, 6000, 60000, 600000)]
    [80, 18, 4, 4]
    """
    patience = (seconds / 180) ** 0.4 if math.isfinite(seconds) else 1.0
    scarcity = math.pow(60_000 / max(images, 1), SCARCITY)
    return min(max(4 * scarcity * patience, 4.0), 80 * max(patience, 1))


def batch_size(images: int) -> int:
    """Images a step: about twenty steps an epoch, a power of two between 32 and 512.

    >>> [batch_size(n) for n in (100, 576, 3000, 60000)]
    [32, 32, 128, 512]
    """
    return 1 << min(max(round(math.log2(max(images, 1) / 20)), 5), 9)


def affordable_batch(macs: int) -> int:
    """Images a step at most, a power of two, for a network of so many multiply-adds an image.

    Keeps the memory and the time of one step in bounds: AlexNet gets its paper's 128.

    >>> [affordable_batch(macs) for macs in (720_000_000, 1_583_000_000, 1)]
    [128, 32, 512]
    """
    return 1 << min(max(math.floor(math.log2(MOST_STEP_MACS / max(macs, 1))), 3), 9)


def augmentation(strength: Augment, epochs: float, *, flip: bool, posed: bool) -> Augmentation:
    """Random variations: shifts (and flips) always, the rest the more, the longer the training.

    Args:
        strength: ``auto`` follows the rule; the others override it.
        epochs: of the training.
        flip: images may be mirrored.
        posed: all images have one small size. Such sets (digits, clothes) were centred and scaled
            by their makers: zooming and turning them far only makes them unlike the rest.
    """
    if strength == "none":
        return Augmentation()
    share = {"light": 0.0, "strong": 1.0}.get(strength, usual_strength(epochs, posed=posed))
    return varied(share, flip=flip)


def usual_strength(epochs: float, *, posed: bool) -> float:
    """The strength that ``auto`` gives: 0 for a few passes, 1 (or less where posed) for many.

    >>> [usual_strength(epochs, posed=False) for epochs in (4, 24, 80)]
    [0.0, 0.5, 1.0]
    """
    return min(max((epochs - 8) / 32, 0.0), POSED_SHARE if posed else 1.0)


def varied(share: float, *, flip: bool) -> Augmentation:
    """Variations of a strength: at 0 shifts (and flips) alone, at 1 what ``strong`` names."""
    return Augmentation(
        flip=flip,
        shift=0.07 + 0.05 * share,
        zoom=0.3 * share,
        stretch=0.3 * share,
        rotate=12 * share,
        brightness=0.1 * share,
        contrast=0.2 * share,
        tint=0.06 * share,
    )


def class_weights(counts: NDArray[np.intp], balance: Balance) -> tuple[float, ...] | None:
    """Weights 1/√count, mean 1 over the images; None where classes are balanced enough.

    The square root is the middle way between the accuracy over images, which wants no weights,
    and the accuracy over classes, which wants 1/count.
    """
    present = counts[counts > 0]
    if balance == "none" or (balance == "auto" and present.max() <= BALANCED * present.min()):
        return None
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    return tuple((weights * counts.sum() / (weights * counts).sum()).tolist())
