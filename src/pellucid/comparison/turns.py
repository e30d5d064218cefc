"""Networks answer for the same images, batch by batch in turn.

Taking turns spreads whatever else the machine does over all of them, so that the seconds compare.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from pellucid.data.cache import PixelCache
from pellucid.images.read import Pixels
from pellucid.inference.predictor import Predictor

#: Images a batch: as in the evaluation of a run, so that the answers are the same.
BATCH = 256


@dataclass(frozen=True)
class Turn:
    """What one network said, and how fast.

    Attributes:
        answers: (n,) index of the most probable class.
        seconds: an image, median over the full batches.
    """

    answers: NDArray[np.intp]
    seconds: float


def take_turns(
    predictors: Mapping[str, Predictor],
    pixels: PixelCache,
    indices: NDArray[np.intp],
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, Turn]:
    """Let networks answer in turn.

    Args:
        predictors: by name.
        pixels: fitted images of the whole data set.
        indices: (n,) which of them, at least one.
        advance: told the number of answers given.
    """
    answers: dict[str, list[NDArray[np.intp]]] = {name: [] for name in predictors}
    times: dict[str, list[float]] = {name: [] for name in predictors}
    first = pixels.gather(indices[:BATCH])
    for predictor in predictors.values():
        predictor.probabilities(first)  # the first call of a network sets things up
    for begin in range(0, len(indices), BATCH):
        batch = pixels.gather(indices[begin : begin + BATCH])
        for name, predictor in predictors.items():
            said, seconds = _answer(predictor, batch)
            answers[name].append(said)
            if len(batch) == len(first):
                times[name].append(seconds / len(batch))
            advance(len(batch))
    return {name: Turn(np.concatenate(answers[name]), median(times[name])) for name in predictors}


def _answer(predictor: Predictor, batch: Pixels) -> tuple[NDArray[np.intp], float]:
    begin = time.perf_counter()
    chances = predictor.probabilities(batch)
    return chances.argmax(1), time.perf_counter() - begin
