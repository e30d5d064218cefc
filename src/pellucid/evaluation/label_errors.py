"""Which labels are most likely wrong: confident learning.

Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels",
2021 (sections 3.1 and 3.2). Networks that have not learnt from an image say how probable its label
is; what is a high probability is told for each class by the images with its label.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class LabelErrors:
    """What confident learning finds.

    Attributes:
        indices: (E,) images whose label is suspected, the most suspect first.
        suggested: (E,) the class that each seems to be of.
        joint: (K, K) estimated number of images by label (rows) and true class (columns).
    """

    indices: NDArray[np.intp]
    suggested: NDArray[np.intp]
    joint: Floats

    @property
    def estimated(self) -> float:
        """How many labels are wrong, as estimated: all but the diagonal of the joint."""
        return _off_diagonal(self.joint)


def find_label_errors(probabilities: ArrayLike, labels: ArrayLike) -> LabelErrors:
    """Suspect the labels that held-out answers speak against.

    How many: class j's threshold is the mean probability of j over the images labelled j
    (equation 2). An image counts as truly of the class that is most probable among those at or
    above their thresholds, if there is one. Counts by label and true class, scaled to the numbers
    of labels (equation 3), estimate how many labels are wrong.

    Which: so many of the images whose most probable class is not their label, those with the
    least probability of it first ("prune by class" of section 3.2, over all classes at once).

    Args:
        probabilities: (N, K), each row by a network that has not learnt from the image.
        labels: (N,) given classes, 0 to K - 1.

    Example:
        >>> chances = [[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.95, 0.05]]
        >>> found = find_label_errors(chances, [0, 0, 1, 1, 1])
        >>> found.indices.tolist(), found.suggested.tolist(), found.estimated
        ([4], [0], 1.0)
    """
    table: Floats = np.asarray(probabilities, np.float64)
    given: Integers = np.asarray(labels, np.int64)
    count, classes = table.shape
    truth = _confident_classes(table, given)
    sure = truth >= 0
    counts = np.zeros((classes, classes))
    np.add.at(counts, (given[sure], truth[sure]), 1)
    joint = _calibrated(counts, given)
    answers = table.argmax(axis=1)
    chance = table[np.arange(count), given]
    doubtful = np.flatnonzero(answers != given)
    order = doubtful[np.argsort(chance[doubtful], kind="stable")]
    indices = order[: round(_off_diagonal(joint))]
    return LabelErrors(indices, answers[indices], joint)


def _confident_classes(table: Floats, given: Integers) -> Integers:
    """(N,) the class that each image is confidently of; -1 for none."""
    count, classes = table.shape
    thresholds = np.full(classes, np.inf)  # no image with such a label: nothing to compare with
    for label in np.unique(given):
        thresholds[label] = table[given == label, label].mean()
    above = np.where(table >= thresholds, table, -1.0)
    best: Integers = above.argmax(axis=1)
    return np.where(above[np.arange(count), best] >= 0, best, -1)


def _calibrated(counts: Floats, given: Integers) -> Floats:
    """Rows scaled to the numbers of labels; a label without confident images counts as right."""
    labelled = np.bincount(given, minlength=len(counts)).astype(np.float64)
    sums = counts.sum(axis=1)
    filled = np.where(sums[:, None] > 0, counts, np.eye(len(counts)))
    scaled: Floats = filled / filled.sum(axis=1)[:, None] * labelled[:, None]
    return scaled


def _off_diagonal(joint: Floats) -> float:
    return float(joint.sum() - joint.trace())
