"""What a k-fold cross-validation says of the accuracy."""

import math
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from pellucid.errors import RunError


@dataclass(frozen=True)
class CrossValidation:
    """How K networks did, each on the fold that it had not learnt from.

    Attributes:
        counts: (K,) images of each fold.
        correct: (K,) right answers to them.
        epochs: (K,) passes that each training made.
        seconds: (K,) that each took.
    """

    counts: tuple[int, ...]
    correct: tuple[int, ...]
    epochs: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def accuracies(self) -> tuple[float, ...]:
        """(K,) accuracy of each fold."""
        return tuple(right / n for right, n in zip(self.correct, self.counts, strict=True))

    @property
    def mean(self) -> float:
        """Mean of the folds' accuracies."""
        return fmean(self.accuracies)

    @property
    def standard_error(self) -> float:
        """Standard deviation of the folds' accuracies (K - 1 in the denominator) over √K.

        The folds' networks learn from overlapping images, so that it is somewhat too small, and no
        estimate is free of that (Bengio and Grandvalet, "No unbiased estimator of the variance
        of k-fold cross-validation", 2004).

        >>> found = CrossValidation((10, 10, 10), (8, 9, 10), (5, 5, 5), (1.0, 1.0, 1.0))
        >>> round(found.mean, 3), round(found.standard_error, 4)
        (0.9, 0.0577)
        """
        return stdev(self.accuracies) / math.sqrt(len(self.counts))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, with the figures that follow."""
        figures = {"mean": self.mean, "standard_error": self.standard_error}
        return {name: list(value) for name, value in asdict(self).items()} | figures

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "CrossValidation":
        """The inverse of :meth:`to_json`.

        Raises:
            RunError: a field is missing or of the wrong kind.
        """
        try:
            found = cls(
                tuple(map(int, record["counts"])),
                tuple(map(int, record["correct"])),
                tuple(map(int, record["epochs"])),
                tuple(map(float, record["seconds"])),
            )
            lengths = {len(value) for value in vars(found).values()}
            if len(lengths) != 1 or min(found.counts) < 1 or len(found.counts) < 2:
                raise ValueError("two folds or more, none of them empty, are expected")
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the record of the cross-validation is damaged ({error}).") from error
        return found
