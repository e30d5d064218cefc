"""What the network says of every image that its training held back."""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DataError
from pellucid.studio.samples import own_images
from pellucid.studio.traces import Bench
from pellucid.watch import Watcher

_BATCH = 64


@dataclass(frozen=True, eq=False)
class Judged:
    """Answers to held-back images.

    Attributes:
        indices: (n,) of the images in the data set.
        names: of these images.
        labels: (n,) true classes.
        probabilities: (n, K).
    """

    indices: NDArray[np.intp]
    names: tuple[str, ...]
    labels: NDArray[np.intp]
    probabilities: NDArray[np.float32]

    def cell(self, truth: int, answer: int) -> list[int]:
        """The images of one cell of the confusion matrix, the most confident answer first.

        >>> table = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]], np.float32)
        >>> judged = Judged(np.arange(3), ("a", "b", "c"), np.array([0, 0, 0]), table)
        >>> judged.cell(0, 0), judged.cell(0, 1)
        ([0, 1], [2])
        """
        said = self.probabilities.argmax(axis=1)
        places = np.flatnonzero((self.labels == truth) & (said == answer))
        order = np.argsort(-self.probabilities[places, answer], kind="stable")
        found: list[int] = places[order].tolist()
        return found


_JUDGED: WeakKeyDictionary[Bench, Judged] = WeakKeyDictionary()


def judged_of(bench: Bench, split: str, at: Callable[[float], None]) -> Judged:
    """The answers, worked out once.

    Args:
        bench: with the network and its run.
        split: that the run was judged on, ``test`` or ``val``.
        at: told how much is done, from 0 to 1.

    Raises:
        DataError: the data is gone, or has changed since.
    """
    with bench.lock:
        if bench not in _JUDGED:
            _JUDGED[bench] = _judge(bench, split, at)
        return _JUDGED[bench]


def _judge(bench: Bench, split: str, at: Callable[[float], None]) -> Judged:
    from pellucid.training.planning.prepare import prepare
    from pellucid.training.run import open_run

    record = open_run(bench.path).record
    predictor = bench.predictor
    with own_images(bench.path) as images:
        watch = _Reading(len(images), at)
        prepared = prepare(images, predictor.card.preprocessing, record["wishes"]["seed"], watch)
        with prepared.pixels as pixels:
            if prepared.fingerprint != record["data"]["fingerprint"]:
                raise DataError(f"the images in {images.root} have changed since the training.")
            indices = getattr(prepared.splits, split)
            parts = [indices[start : start + _BATCH] for start in range(0, len(indices), _BATCH)]
            rows = [predictor.probabilities(pixels.gather(part)) for part in parts]
        names = tuple(images.samples[index].name for index in indices)
    return Judged(indices, names, prepared.labels[indices], np.concatenate(rows))


class _Reading(Watcher):
    """Tells how far the reading of images is; judging them takes little beside it."""

    def __init__(self, total: int, at: Callable[[float], None]) -> None:
        self._total, self._at, self._done = total, at, 0

    def advance(self, count: int) -> None:
        self._done += count
        self._at(0.95 * self._done / self._total)
