"""The strength of the augmentation, chosen by validation.

A rule of thumb names a strength (:mod:`pellucid.training.rules`). Where there is time for several
whole trainings, none, the usual and twice as much are tried. All train for as long as the final
network: a short trial would always speak for little variation.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import RunError
from pellucid.training.calibration import fit_temperature
from pellucid.training.recipe import Recipe
from pellucid.training.rules import varied
from pellucid.training.trial import Outcome, Trial

#: Twice the usual strength is at least this.
_LEAST_TWICE = 0.5


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
class Search:
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
    def from_json(cls, record: dict[str, Any]) -> "Search":
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


def strengths(usual: float) -> tuple[float, ...]:
    """What is tried: none, the usual, and twice as much.

    >>> strengths(1.0), strengths(0.25), strengths(0.0)
    ((0.0, 1.0, 2.0), (0.0, 0.25, 0.5), (0.0, 0.5))
    """
    return tuple(sorted({0.0, usual, max(2 * usual, _LEAST_TWICE)}))


def with_strength(recipe: Recipe, strength: float) -> Recipe:
    """The recipe with another strength of augmentation."""
    return replace(recipe, augmentation=varied(strength, flip=recipe.augmentation.flip))


def strength_trials(place: Trial, usual: float) -> list[Trial]:
    """A trial for each strength.

    Args:
        place: what each learns from and is asked about, with the recipe of the usual strength.
        usual: that strength.
    """
    return [
        replace(
            place, name=f"{place.name}-{strength:g}", recipe=with_strength(place.recipe, strength)
        )
        for strength in strengths(usual)
    ]


def choose_strength(
    usual: float, outcomes: Sequence[Outcome], labels: NDArray[np.intp], where: str
) -> Search:
    """The strength with the least log loss, if it beats the usual one by a standard error.

    Log loss tells more than right and wrong, and each candidate gets a temperature first: how sure
    it is, is settled in the end anyway. The standard error is that of the paired difference.

    Args:
        usual: the strength of the rule.
        outcomes: of the trials of :func:`strengths`.
        labels: (N,) of the whole data set.
        where: what the asked images are called.
    """
    tried = strengths(usual)
    losses = [_losses(one, labels[one.asked]) for one in outcomes]
    base = losses[tried.index(usual)]
    candidates = []
    for strength, outcome, loss in zip(tried, outcomes, losses, strict=True):
        gain = base - loss
        right = outcome.probabilities.argmax(1) == labels[outcome.asked]
        error = float(gain.std(ddof=1)) / math.sqrt(len(gain)) if len(gain) > 1 else 0.0
        candidates.append(
            Candidate(strength, float(right.mean()), float(loss.mean()), float(gain.mean()), error)
        )
    better = [one for one in candidates if one.gain > one.standard_error]
    chosen = max(better, key=lambda one: one.gain).strength if better else usual
    return Search(usual, chosen, len(base), where, tuple(candidates))


def _losses(outcome: Outcome, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """(m,) -ln of the probability of the truth, after the temperature that suits best."""
    scores = np.log(np.maximum(outcome.probabilities.astype(np.float64), 1e-30))
    scores /= fit_temperature(scores, labels)
    scores -= scores.max(1, keepdims=True)
    given = scores[np.arange(len(labels)), labels]
    losses: NDArray[np.float64] = np.log(np.exp(scores).sum(1)) - given
    return losses
