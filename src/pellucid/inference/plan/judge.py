"""What decides on a step: seconds, answers, accuracy, always against the same reference."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.inference.plan.graph import Graph
from pellucid.inference.plan.step import Accuracy
from pellucid.inference.plan.timing import Timing, alternate
from pellucid.inference.runtime import Runtime
from pellucid.softmax import softmax

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels

_AT_ONCE = 32


@dataclass(frozen=True)
class Material:
    """What a search works on.

    Attributes:
        graph: the network as exported.
        reference: the network as trained.
        images: (N, H, W, C) uint8 that answers are compared on.
        judged: images and their (N,) labels to measure accuracy on; None where there are none.
        calibration: images that int8 is scaled by; None leaves int8 out.
        batch: images at once at which everything is timed.
        seconds: for each timing, about.
    """

    graph: Graph
    reference: Runtime
    images: "Pixels"
    judged: "tuple[Pixels, NDArray[np.intp]] | None"
    calibration: "Pixels | None"
    batch: int
    seconds: float


class Judge:
    """Measures runtimes on the images of a search.

    Args:
        material: images, labels and the reference.
    """

    def __init__(self, material: Material) -> None:
        self._material = material
        self._expected = _answers(material.reference, material.images)
        self._timed = self._batch(material.batch)
        self._right: NDArray[np.bool_] | None = None

    def time(self, first: Runtime, second: Runtime) -> Timing:
        """Two runtimes in turn, on one batch."""
        images = self._timed
        return alternate(
            lambda: first.scores(images),
            lambda: second.scores(images),
            seconds=self._material.seconds,
        )

    def rate(self, runtime: Runtime, size: int) -> float:
        """Images a second with batches of a size."""
        images = self._batch(size)

        def work() -> object:
            return runtime.scores(images)

        return size / alternate(work, work, seconds=self._material.seconds / 2).before

    def difference(self, runtime: Runtime) -> float:
        """The largest difference in probability from the reference."""
        found = _answers(runtime, self._material.images)
        return float(np.abs(found - self._expected).max())

    def accuracy(self, runtime: Runtime) -> Accuracy:
        """Against the reference on the same labelled images; there are some."""
        assert self._material.judged is not None
        images, labels = self._material.judged
        if self._right is None:
            self._right = _answers(self._material.reference, images).argmax(1) == labels
        now = _answers(runtime, images).argmax(1) == labels
        lost, won = int((self._right & ~now).sum()), int((now & ~self._right).sum())
        return Accuracy(len(labels), float(self._right.mean()), float(now.mean()), lost, won)

    def _batch(self, size: int) -> "Pixels":
        """(size, H, W, C): the images again and again."""
        images = self._material.images
        return np.resize(images, (size, *images.shape[1:]))


def _answers(runtime: Runtime, images: "Pixels") -> NDArray[np.float32]:
    """Probabilities (N, K)."""
    parts = range(0, len(images), _AT_ONCE)
    return np.concatenate([softmax(runtime.scores(images[i : i + _AT_ONCE])) for i in parts])
