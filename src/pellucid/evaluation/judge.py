"""Score a network on images of a data set that are fitted to its input already."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cache import PixelCache
from pellucid.evaluation.metrics import evaluate_probabilities
from pellucid.evaluation.result import Evaluation
from pellucid.inference.predictor import Predictor

_BATCH = 256


def answers(
    predictor: Predictor,
    pixels: PixelCache,
    indices: NDArray[np.intp],
    advance: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float32]:
    """Class probabilities (n, K) of some images of a data set; see :func:`judge`."""
    rows = []
    for begin in range(0, len(indices), _BATCH):
        chosen = indices[begin : begin + _BATCH]
        rows.append(predictor.probabilities(pixels.gather(chosen)))
        advance(len(chosen))
    return np.concatenate(rows)


def judge(
    predictor: Predictor,
    pixels: PixelCache,
    labels: NDArray[np.intp],
    names: Sequence[str],
    indices: NDArray[np.intp],
    *,
    split: str,
    advance: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Evaluate a network on some images of a data set.

    Args:
        predictor: the network and its classes.
        pixels: fitted images of the whole data set.
        labels: (N,) true classes of the whole data set, as the predictor numbers them.
        names: N names of images.
        indices: (n,) which images, at least one.
        split: what they are called.
        advance: told the number of images of every batch.
    """
    return evaluate_probabilities(
        answers(predictor, pixels, indices, advance),
        labels[indices],
        predictor.classes,
        split=split,
        names=[names[index] for index in indices],
    )
