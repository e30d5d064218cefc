"""What trainings with several strengths of augmentation say of which one to take."""

from dataclasses import asdict, dataclass
from typing import Any

from pellucid.errors import RunError


@dataclass(frozen=True, slots=True)
class Candidate:
    """One strength and how it did.

    Attributes:
        strength: 0 for shifts and flips alone, 1 for what ``strong`` names.
        accuracy: on the images that choose.
        log_loss: on them, in nats, after a temperature of its own.
        gain: log loss of the usual strength minus its own, a mean over the images.
        standard_error: of the gain.
    """

    strength: float
    accuracy: float
    log_loss: float
    gain: float
    standard_error: float


@dataclass(frozen=True)
class StrengthSearch:
    """What was tried, and what came of it.

    Attributes:
        usual: the strength of the rule.
        chosen: the one taken.
        count: images that chose.
        where: what these are.
        candidates: by rising strength.
    """

    usual: float
    chosen: float
    count: int
    where: str
    candidates: tuple[Candidate, ...]

    @property
    def sentence(self) -> str:
        """The scores and the choice."""
        tried = ", ".join(
            f"{one.strength:g}: {one.accuracy:.1%} right, log loss {one.log_loss:.3f}"
            for one in self.candidates
        )
        why = (
            "the usual one, since no other is better by more than a standard error"
            if self.chosen == self.usual
            else f"better than the usual {self.usual:g} by more than a standard error"
        )
        return (
            f"Augmentation of strength {self.chosen:g}, {why}. Tried on {self.count:,} {self.where}"
            f" by strength: {tried}."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        record = asdict(self) | {"sentence": self.sentence}
        return record | {"candidates": list(record["candidates"])}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "StrengthSearch":
        """The inverse of :meth:`to_json`.

        Raises:
            RunError: a field is missing, unknown or of the wrong kind.
        """
        try:
            candidates = tuple(
                Candidate(**{name: float(value) for name, value in one.items()})
                for one in record["candidates"]
            )
            usual, chosen = float(record["usual"]), float(record["chosen"])
            return cls(usual, chosen, int(record["count"]), str(record["where"]), candidates)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunError(f"the record of the augmentation is damaged ({error}).") from error
