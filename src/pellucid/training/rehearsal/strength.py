"""The strength of the augmentation, chosen by validation.

A rule of thumb names a strength (:mod:`pellucid.training.choices.rules`). Where there is time for
several whole trainings, none, the usual and twice as much are tried. All train for as long as the
final network: a short trial would always speak for little variation.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation.strength_search import Candidate, StrengthSearch
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.rules import varied
from pellucid.training.outcome.calibration import fit_temperature
from pellucid.training.rehearsal.trial import Outcome, Trial

#: Twice the usual strength is at least this.
_LEAST_TWICE = 0.5


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
) -> StrengthSearch:
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
    return StrengthSearch(usual, chosen, len(base), where, tuple(candidates))


def _losses(outcome: Outcome, labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """(m,) -ln of the probability of the truth, after the temperature that suits best."""
    scores = np.log(np.maximum(outcome.probabilities.astype(np.float64), 1e-30))
    scores /= fit_temperature(scores, labels)
    scores -= scores.max(1, keepdims=True)
    given = scores[np.arange(len(labels)), labels]
    losses: NDArray[np.float64] = np.log(np.exp(scores).sum(1)) - given
    return losses
