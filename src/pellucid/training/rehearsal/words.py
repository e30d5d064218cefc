"""The trainings before the training proper, in words."""

from collections.abc import Iterator

from pellucid.text import duration
from pellucid.training.choices.recipe import Recipe
from pellucid.training.planning.prepare import Prepared
from pellucid.training.rehearsal.programme import Rehearsal, usual_of
from pellucid.training.rehearsal.strength import strengths


def rehearsal_sentences(
    rehearsal: Rehearsal, prepared: Prepared, recipe: Recipe, seconds: float
) -> tuple[str, ...]:
    """What is trained, and for how long; nothing where there are no such trainings.

    Args:
        rehearsal: what was asked for.
        prepared: the images.
        recipe: of the training proper.
        seconds: that one training on all training images should take.
    """
    return tuple(_sentences(rehearsal, prepared, recipe, seconds)) if rehearsal.needed else ()


def _sentences(
    rehearsal: Rehearsal, prepared: Prepared, recipe: Recipe, seconds: float
) -> Iterator[str]:
    whole = recipe.epochs * len(prepared.splits.train)
    search, folds, curve, _ = (
        f"about {duration(seconds * work / whole)}" for work in rehearsal.works(prepared, recipe)
    )
    if rehearsal.search:
        tried = ", ".join(f"{each:g}" for each in strengths(usual_of(prepared, recipe)))
        yield (
            f"The strength of the augmentation is chosen by trainings with {tried} times the "
            f"full one, {search}."
        )
    if (parts := rehearsal.folds) is not None:
        yield (
            f"Cross-validation: {parts} networks learn from {parts - 1} of {parts} parts of the "
            f"training images and answer for the other, {folds}; then one learns from all."
        )
    if rehearsal.curve:
        trials = rehearsal.curve_trials(prepared, recipe)
        *smaller, largest = (f"{n:,}" for n in sorted({len(one.train) for one in trials}))
        sizes = " and ".join([*([", ".join(smaller)] if smaller else []), largest])
        yield f"Learning curve: {len(trials)} networks learn from {sizes} images, {curve}."
