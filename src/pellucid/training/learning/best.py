"""Which weights of a training are kept: averages of late ones, unless they are clearly worse."""

import math
from collections.abc import Callable, Mapping

from torch import Tensor

from pellucid.training.learning.averaging import WeightAverage

#: Accuracy and loss on the validation images, of weights by name.
Score = Callable[[Mapping[str, Tensor]], tuple[float, float]]


class BestWeights:
    """The averaged weights that are kept so far.

    Later weights are better in expectation, since the learning rate falls to the end, and a few
    validation images tell little: so earlier weights stay only where the later ones lose by more
    than one standard error (Breiman et al. 1984, section 3.4.3).

    Attributes:
        tensors: the weights by name; the last averages where nothing validates.
        accuracy: the highest on the validation images so far; None before any that counts.

    Args:
        average: gives the weights.
        score: tells what they are worth.
        count: number of validation images.
        floor: the accuracy of the weights that the training began with, which are kept until
            others classify more validation images rightly; None where they are random.
    """

    def __init__(
        self, average: WeightAverage, score: Score, count: int, floor: float | None
    ) -> None:
        self._average, self._score, self._count, self._floor = average, score, count, floor
        self.tensors = average.snapshot()
        self.accuracy: float | None = None

    def check(self) -> tuple[float, float] | None:
        """Score the averages of now, and keep them unless they are worse.

        Returns:
            Their accuracy and loss on the validation images; None where there are none.
        """
        if not self._count:
            self.tensors = self._average.snapshot()
            return None
        accuracy, loss = self._score(self._average.tensors)
        if self._is_kept(accuracy):
            self.accuracy = max(accuracy, self.accuracy or 0.0)
            self.tensors = self._average.snapshot()
        return accuracy, loss

    def _is_kept(self, accuracy: float) -> bool:
        if self._floor is not None and accuracy <= self._floor:
            return False
        noise = math.sqrt(accuracy * (1 - accuracy) / self._count)
        return self.accuracy is None or accuracy + noise >= self.accuracy
