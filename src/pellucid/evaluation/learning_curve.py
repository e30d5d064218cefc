"""How accuracy grows with the number of training images, and what twice as many would give."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import RunError
from pellucid.evaluation.power_law import PowerLaw, fit_power_law


@dataclass(frozen=True)
class LearningPoint:
    """One training.

    Attributes:
        images: that it learnt from.
        count: images that it was judged on.
        correct: right answers to them.
    """

    images: int
    count: int
    correct: int

    @property
    def accuracy(self) -> float:
        """correct / count."""
        return self.correct / self.count


@dataclass(frozen=True)
class LearningCurve:
    """Trainings of several sizes, judged on the same images.

    Attributes:
        points: the trainings; the last learnt from all images.
        law: fitted to their errors; None where there was no mistake to fit.
    """

    points: tuple[LearningPoint, ...]
    law: PowerLaw | None

    @property
    def images(self) -> int:
        """Training images that there are."""
        return max(point.images for point in self.points)

    @property
    def tells(self) -> bool:
        """The error falls with the number of images, beyond doubt (95%)."""
        return self.law is not None and self.law.exponent_interval()[0] > 0

    def accuracy_at(self, images: float) -> tuple[float, float, float]:
        """Fitted accuracy and its 95% interval, each in [0, 1]; there is a law."""
        assert self.law is not None
        low, high = self.law.interval(images)
        about = self.law.error(images)
        return max(0.0, 1 - about), max(0.0, 1 - high), max(0.0, 1 - low)

    @property
    def sentence(self) -> str:
        """What twice the images would give, or why that cannot be said.

        >>> points = tuple(LearningPoint(n, 100, 100) for n in (10, 20, 40))
        >>> LearningCurve(points, None).sentence
        'No training made a mistake on the 100 images: these cannot show what more would give.'
        """
        if self.law is None:
            return (
                f"No training made a mistake on the {self.points[-1].count:,} images: these cannot "
                "show what more would give."
            )
        low, high = self.law.exponent_interval()
        spread = f"95% interval {low:.2f} to {high:.2f}".replace("-", "−")
        if not self.tells:
            return (
                "These trainings do not tell what more images would give: the error could fall as "
                f"n^−b with b = {self.law.exponent:.2f}, but also not at all ({spread})."
            )
        about, least, most = self.accuracy_at(2 * self.images)
        return (
            f"Twice the images ({2 * self.images:,}) would give about {about:.1%} (between "
            f"{least:.1%} and {most:.1%}): the error falls as n^−b with b = "
            f"{self.law.exponent:.2f} ({spread})."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, with the sentence."""
        twice = None
        if self.tells:
            about, least, most = self.accuracy_at(2 * self.images)
            twice = {"images": 2 * self.images, "accuracy": about, "interval": [least, most]}
        law = None if self.law is None else asdict(self.law)
        if law is not None:
            law["covariance"] = [list(row) for row in law["covariance"]]
        points = [asdict(point) for point in self.points]
        return {"points": points, "law": law, "twice": twice, "sentence": self.sentence}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "LearningCurve":
        """The inverse of :meth:`to_json`.

        Raises:
            RunError: a field is missing or of the wrong kind.
        """
        try:
            points = tuple(
                LearningPoint(*(int(one[key]) for key in ("images", "count", "correct")))
                for one in record["points"]
            )
            if not points or min(min(point.images, point.count) for point in points) < 1:
                raise ValueError("trainings on one image or more are expected")
            return cls(points, None if record["law"] is None else _law(record["law"]))
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the record of the learning curve is damaged ({error}).") from error


def make_curve(sizes: Sequence[int], wrong: NDArray[np.bool_]) -> LearningCurve:
    """The learning curve of some trainings.

    Args:
        sizes: T numbers of training images.
        wrong: (T, m) whether a training's network got an image wrong.

    Raises:
        UsageError: there are fewer than three trainings, or all are of one size.

    Example:
        >>> errors = np.array([0.4, 0.3, 0.22, 0.4, 0.3, 0.22, 0.16])[:, None]
        >>> wrong = np.random.default_rng(0).random((7, 900)) < errors
        >>> make_curve([100, 200, 400, 100, 200, 400, 800], wrong).sentence[:54]
        'Twice the images (1,600) would give about 85.7% (betwe'
    """
    points = tuple(
        LearningPoint(size, len(row), int((~row).sum()))
        for size, row in zip(sizes, wrong, strict=True)
    )
    return LearningCurve(points, fit_power_law(sizes, wrong) if wrong.any() else None)


def _law(record: dict[str, Any]) -> PowerLaw:
    (a, b), (c, d) = record["covariance"]
    return PowerLaw(
        float(record["intercept"]),
        float(record["exponent"]),
        ((float(a), float(b)), (float(c), float(d))),
        int(record["freedom"]),
    )
