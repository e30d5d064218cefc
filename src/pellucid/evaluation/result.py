"""What an evaluation found, as frozen records that go to JSON and come back unchanged."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar, get_origin

from pellucid.errors import RunError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClassScores:
    """How one class fared. A ratio whose denominator is zero is None, not 0.

    Attributes:
        name: of the class.
        support: images that truly are of this class.
        precision: TP / (TP + FP); None when the class was never predicted.
        recall: TP / (TP + FN); None when there is no image of the class.
        f1: 2·TP / (2·TP + FP + FN), the harmonic mean of the two; None when the class
            neither occurs nor was predicted.
    """

    name: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The predictions whose confidence lies in (low, high].

    Attributes:
        low: lower edge, excluded.
        high: upper edge, included.
        count: predictions in the bin.
        confidence: their mean probability; None for an empty bin.
        accuracy: the share of them that is right; None for an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong answer.

    Attributes:
        index: row of the image among those evaluated.
        name: of the image.
        truth: name of its class.
        predicted: name of the class that was answered.
        probability: of the answer.
        probability_of_truth: what the true class was given.
    """

    index: int
    name: str
    truth: str
    predicted: str
    probability: float
    probability_of_truth: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often images of one class were taken for another.

    Attributes:
        truth: the true class.
        predicted: the class that was answered instead.
        count: how many times.
        support: images of the true class.
    """

    truth: str
    predicted: str
    count: int
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every figure of one evaluation, as :mod:`pellucid.evaluation.metrics` works them out.

    Attributes:
        split: which images were judged, e.g. ``test``.
        count: how many (N).
        correct: how many got the right answer.
        accuracy: correct / count.
        interval: 95% Wilson score interval of the accuracy.
        top5: share of images whose class is among the five most probable; None below 10 classes.
        macro_f1: mean F1 of the classes that have one.
        balanced_accuracy: mean recall of the classes that have one.
        log_loss: mean -ln of the probability given to the truth, in nats.
        calibration_error: expected calibration error, 0 to 1.
        classes: scores by class, in label order (K).
        confusion: K rows of K counts; rows are the truth, columns the prediction.
        reliability: the bins behind the calibration error.
        mistakes: the most confident wrong answers, most confident first.
    """

    split: str
    count: int
    correct: int
    accuracy: float
    interval: tuple[float, float]
    top5: float | None
    macro_f1: float
    balanced_accuracy: float
    log_loss: float
    calibration_error: float
    classes: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    reliability: tuple[ReliabilityBin, ...]
    mistakes: tuple[Mistake, ...]

    def confusions(self, limit: int) -> list[Confusion]:
        """The most frequent confusions of one class with another, at most ``limit``."""
        names = [scores.name for scores in self.classes]
        found = [
            Confusion(names[row], names[column], count, self.classes[row].support)
            for row, counts in enumerate(self.confusion)
            for column, count in enumerate(counts)
            if count and row != column
        ]
        return sorted(found, key=lambda pair: -pair.count)[:limit]

    def worst_first(self) -> list[ClassScores]:
        """The classes by rising F1; those without one come last."""
        return sorted(self.classes, key=lambda scores: (scores.f1 is None, scores.f1 or 0.0))

    def to_json(self) -> dict[str, Any]:
        """The evaluation as plain JSON values: objects, lists, numbers, strings and null."""
        record: dict[str, Any] = _plain(asdict(self))
        return record

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Evaluation":
        """The inverse of :meth:`to_json`.

        Raises:
            RunError: a field is missing, unknown or of the wrong kind.
        """
        try:
            values = dict(record)
            low, high = values["interval"]
            values["interval"] = (float(low), float(high))
            values["classes"] = tuple(_build(ClassScores, item) for item in values["classes"])
            values["reliability"] = tuple(
                _build(ReliabilityBin, item) for item in values["reliability"]
            )
            values["mistakes"] = tuple(_build(Mistake, item) for item in values["mistakes"])
            values["confusion"] = tuple(tuple(map(int, row)) for row in values["confusion"])
            size = len(values["classes"])
            if [len(row) for row in values["confusion"]] != [size] * size:
                raise ValueError(f"the confusion matrix is not {size}×{size}")
            return _build(cls, values)
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(
                f"the evaluation record is damaged ({error}): run `pellucid evaluate` again."
            ) from error


def _build(kind: type[T], values: dict[str, Any]) -> T:
    """A dataclass from its fields, plain ones checked for type and numbers for being finite."""
    for field in fields(kind):  # type: ignore[arg-type]
        value = values[field.name]
        if get_origin(field.type) is tuple:
            continue
        kinds: Any = field.type
        if isinstance(value, int | float):
            # JSON writes 1.0 as it likes: a whole number will do for a float.
            good = isinstance(value, kinds) or isinstance(1.0, kinds)
            good = good and math.isfinite(value) and not isinstance(value, bool)
        else:
            good = isinstance(value, kinds)
        if not good:
            raise TypeError(f"{field.name} is {value!r}")
    return kind(**values)


def _plain(value: Any) -> Any:
    """Tuples to lists, all the way down: what JSON would give back."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
