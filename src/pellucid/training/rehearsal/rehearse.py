"""Make the trainings that come before the training proper, one after another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.evaluation.cross_validation import CrossValidation
from pellucid.evaluation.strength_search import StrengthSearch
from pellucid.text import duration
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.interrupt import interruptible
from pellucid.training.planning.prepare import Prepared
from pellucid.training.rehearsal.programme import FIRST_FOLD, Rehearsal, usual_of
from pellucid.training.rehearsal.strength import choose_strength, strengths, with_strength
from pellucid.training.rehearsal.trial import (
    Outcome,
    Trial,
    copy_outcome,
    has_outcome,
    outcome,
    run_trial,
)
from pellucid.training.run import CHECKPOINT, TRIALS, Run
from pellucid.watch import Watcher


class _StopError(Exception):
    """A stop was asked for; what was done is saved."""


@dataclass
class _Bench:
    """Where trials are run within the time of all trainings.

    Attributes:
        allowed: seconds for all; None where the epochs are fixed.
        left: images still to be seen, by all trainings.
        spent: seconds so far.
    """

    run: Run
    prepared: Prepared
    watch: Watcher
    stopped: Callable[[], bool]
    allowed: float | None
    left: int
    spent: float = 0.0

    def train(self, stage: str, trials: Sequence[Trial]) -> list[Outcome]:
        """Run trials, under one progress bar; those done before are read.

        Raises:
            _StopError: before the last was done.
        """
        missing = {one.name: one.work for one in trials if not has_outcome(self.run.folder, one)}
        if missing:
            self.watch.stage(stage, sum(missing.values()))
        found = []
        for place, trial in enumerate(trials, start=1):
            found.append(self._train(trial))
            if trial.name in missing:
                said = _said(trial, found[-1], self.prepared)
                self.watch.message(f"{trial.name} ({place} of {len(trials)}): {said}")
        return found

    def _train(self, trial: Trial) -> Outcome:
        share = None
        if self.allowed is not None:
            share = max((self.allowed - self.spent) * trial.work / self.left, 1.0)
        found = run_trial(
            self.run.folder,
            trial,
            self.prepared,
            share,
            stopped=self.stopped,
            advance=self.watch.advance,
        )
        if found is None or self.stopped():
            raise _StopError
        self.spent += found.seconds
        self.left -= trial.work
        return found


def rehearse(
    run: Run,
    prepared: Prepared,
    recipe: Recipe,
    allowed: float | None,
    watch: Watcher,
) -> tuple[Recipe, float | None] | None:
    """Make all trainings but the last; what they came to goes into the record.

    Args:
        run: its folder exists, and its record says which trainings there are.
        prepared: the images.
        recipe: of the last training, as far as it is known.
        allowed: seconds for all trainings, the last included; None where the epochs are fixed.
        watch: told what happens.

    Returns:
        The recipe and the seconds of the last; None where a stop was asked for.

    Raises:
        CheckpointError: what was kept of a training is damaged.
        TrainingError: one cannot go on.
        StorageError: the run folder cannot be written.
    """
    rehearsal = Rehearsal.of_record(run.record)
    works = rehearsal.works(prepared, recipe)
    if not sum(works[:-1]):
        return recipe, allowed
    run.record["status"] = "running"
    with interruptible() as stopped:
        bench = _Bench(run, prepared, watch, stopped, allowed, sum(works))
        try:
            recipe = _search(bench, rehearsal, recipe)
            _cross_validate(bench, rehearsal, recipe)
            bench.train("learning curve", rehearsal.curve_trials(prepared, recipe))
        except _StopError:
            run.record["status"] = "interrupted"
            run.save()
            watch.done(run)
            return None
    run.record["seconds"]["trials"] = round(bench.spent, 1)
    return recipe, None if allowed is None else max(allowed - bench.spent, 1.0)


def _search(bench: _Bench, rehearsal: Rehearsal, recipe: Recipe) -> Recipe:
    """The recipe with the strength that validation chose."""
    trials = rehearsal.search_trials(bench.prepared, recipe)
    if not trials:
        return recipe
    usual = usual_of(bench.prepared, recipe)
    outcomes = bench.train("choosing the augmentation", trials)
    first = rehearsal.reuses_first(bench.prepared)
    where = "images of the first fold" if first else "validation images"
    search = choose_strength(usual, outcomes, bench.prepared.labels, where)
    recipe = with_strength(recipe, search.chosen)
    _promote(bench, rehearsal, trials[strengths(usual).index(search.chosen)])
    _note_search(bench, search, recipe)
    return recipe


def _note_search(bench: _Bench, search: StrengthSearch, recipe: Recipe) -> None:
    run = bench.run
    run.record["augmentation"] = search.to_json()
    run.record["recipe"] = recipe.to_json()
    if search.sentence not in run.record["plan"]["sentences"]:
        run.record["plan"]["sentences"].append(search.sentence)
        bench.watch.message(search.sentence)
    run.save()


def _promote(bench: _Bench, rehearsal: Rehearsal, winner: Trial) -> None:
    """The winner's training need not be made again: it is the run's own, or the first fold's."""
    folder = bench.run.folder
    its, own = folder / TRIALS / winner.name / CHECKPOINT, folder / CHECKPOINT
    if rehearsal.reuses_last and its.exists() and not own.exists():
        its.rename(own)
    if rehearsal.reuses_first(bench.prepared):
        copy_outcome(folder, winner.name, FIRST_FOLD)


def _cross_validate(bench: _Bench, rehearsal: Rehearsal, recipe: Recipe) -> None:
    if rehearsal.folds is None:
        return
    trials = rehearsal.fold_trials(bench.prepared, recipe)
    done = 1 if rehearsal.reuses_first(bench.prepared) else 0
    bench.train("cross-validation", trials[done:])
    run = bench.run
    found = cross_validation([outcome(run.folder, one) for one in trials], bench.prepared)
    run.record["cross_validation"] = found.to_json()
    run.save()
    bench.watch.message(
        f"Cross-validation: {found.mean:.1%} right, standard error {found.standard_error:.1%}."
    )


def cross_validation(outcomes: Sequence[Outcome], prepared: Prepared) -> CrossValidation:
    """How the folds' networks did."""
    right = [_right(one, prepared) for one in outcomes]
    return CrossValidation(
        tuple(len(one) for one in right),
        tuple(int(one.sum()) for one in right),
        tuple(one.epochs for one in outcomes),
        tuple(round(one.seconds, 1) for one in outcomes),
    )


def _right(found: Outcome, prepared: Prepared) -> NDArray[np.bool_]:
    right: NDArray[np.bool_] = found.probabilities.argmax(1) == prepared.labels[found.asked]
    return right


def _said(trial: Trial, found: Outcome, prepared: Prepared) -> str:
    right = _right(found, prepared)
    return (
        f"{len(trial.train):,} images to learn from, {right.mean():.1%} of {len(right):,} right, "
        f"{duration(found.seconds)}."
    )
