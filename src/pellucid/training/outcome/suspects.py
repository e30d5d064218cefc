"""The labels of a run's images that are most likely wrong, from its held-out answers."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pellucid.errors import RunError
from pellucid.evaluation.label_errors import find_label_errors
from pellucid.text import counted
from pellucid.training.outcome.held_out import HeldOut, read_held_out


@dataclass(frozen=True, slots=True)
class Suspect:
    """One image whose label is doubted.

    Attributes:
        name: of the image.
        label: the class that it is in.
        suggested: the class that it seems to be of.
        probability_of_label: by a network that had not learnt from the image.
        probability: of the suggested class.
        fold: which network that was, see :class:`~pellucid.training.outcome.held_out.HeldOut`.
    """

    name: str
    label: str
    suggested: str
    probability_of_label: float
    probability: float
    fold: str


@dataclass(frozen=True)
class Suspects:
    """The labels of a data set that are most likely wrong.

    Attributes:
        count: images looked at.
        agreeing: of these, images whose held-out answer is their label.
        doubted: labels that are suspected.
        estimated: how many labels are wrong, as estimated.
        found: the suspected, or the first of them; the most suspect first.
    """

    count: int
    agreeing: int
    doubted: int
    estimated: float
    found: tuple[Suspect, ...]

    @property
    def sentence(self) -> str:
        """How many labels are doubted.

        >>> Suspects(300, 270, 0, 0.4, ()).sentence
        'No label of 300 images is doubted (the answers are the label for 90.0%).'
        """
        basis = f"(the answers are the label for {self.agreeing / self.count:.1%})"
        if not self.found:
            return f"No label of {self.count:,} images is doubted {basis}."
        return (
            f"{counted(self.doubted, 'label')} of {self.count:,} images "
            f"{'is' if self.doubted == 1 else 'are'} doubted {basis}, as many as are estimated to "
            "be wrong."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        found = [asdict(one) for one in self.found]
        return asdict(self) | {"found": found, "sentence": self.sentence}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Suspects":
        """The inverse of :meth:`to_json`.

        Raises:
            RunError: a field is missing, unknown or of the wrong kind.
        """
        try:
            found = tuple(Suspect(**one) for one in record["found"])
            for one in found:
                float(one.probability), float(one.probability_of_label)
            names = ("count", "agreeing", "doubted")
            count, agreeing, doubted = (int(record[name]) for name in names)
            return cls(count, agreeing, doubted, float(record["estimated"]), found)
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the record of the suspect labels is damaged ({error}).") from error


def suspects_of(held_out: HeldOut) -> Suspects:
    """Confident learning on the held-out answers of a run."""
    errors = find_label_errors(held_out.probabilities, held_out.labels)
    found = tuple(
        Suspect(
            name=held_out.names[index],
            label=held_out.classes[held_out.labels[index]],
            suggested=held_out.classes[suggested],
            probability_of_label=float(held_out.probabilities[index, held_out.labels[index]]),
            probability=float(held_out.probabilities[index, suggested]),
            fold=held_out.folds[index],
        )
        for index, suggested in zip(errors.indices, errors.suggested, strict=True)
    )
    agreeing = int((held_out.probabilities.argmax(1) == held_out.labels).sum())
    return Suspects(len(held_out.names), agreeing, len(found), errors.estimated, found)


def suspects_in(path: Path) -> Suspects:
    """The suspect labels of a finished run; see :func:`pellucid.labels`."""
    return suspects_of(read_held_out(path))
