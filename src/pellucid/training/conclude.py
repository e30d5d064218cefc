"""What follows from the trainings before the training proper, once that is done."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ImageError
from pellucid.evaluation.judge import answers
from pellucid.evaluation.learning_curve import LearningCurve, make_curve
from pellucid.inference.predictor import Predictor
from pellucid.softmax import softmax
from pellucid.storage import write_bytes
from pellucid.training.choices.recipe import Recipe
from pellucid.training.outcome.calibration import fit_temperature
from pellucid.training.outcome.held_out import HeldOut, write_held_out
from pellucid.training.outcome.mistakes import thumbnail
from pellucid.training.outcome.suspects import Suspects, suspects_of
from pellucid.training.planning.prepare import Prepared
from pellucid.training.rehearsal.programme import Rehearsal, judged_images
from pellucid.training.rehearsal.trial import outcome
from pellucid.training.run import LABELS, Run

#: Suspect labels that the record and the report have, with their pictures.
MOST_SHOWN = 24


def fold_temperature(run: Run, prepared: Prepared, recipe: Recipe) -> float | None:
    """What scores are to be divided by, as the folds tell; None where there were none.

    Without validation images these are the only ones that the answering network had not learnt
    from. Networks of folds learnt from fewer images, so that the last may come out a little too
    modest.
    """
    if Rehearsal.of_record(run.record).folds is None:
        return None
    table = _out_of_fold(run, prepared, recipe)
    train = prepared.splits.train
    return fit_temperature(table[train], prepared.labels[train])


def conclude(run: Run, prepared: Prepared, recipe: Recipe, predictor: Predictor) -> None:
    """Write held-out answers, suspect labels and the learning curve.

    Args:
        run: its record is filled in, and not yet written.
        prepared: its images.
        recipe: of its last training.
        predictor: its own network, calibrated.

    Raises:
        StorageError: the run folder cannot be written.
    """
    rehearsal = Rehearsal.of_record(run.record)
    if rehearsal.folds is not None:
        found = _held_out(run, prepared, recipe, predictor)
        write_held_out(run.folder, found)
        suspects = suspects_of(found)
        suspects = replace(suspects, found=suspects.found[:MOST_SHOWN])
        run.record["label_errors"] = suspects.to_json()
        _save_pictures(run, prepared, suspects)
    if rehearsal.curve:
        run.record["learning_curve"] = _curve(run, prepared, recipe, predictor).to_json()


def _out_of_fold(run: Run, prepared: Prepared, recipe: Recipe) -> NDArray[np.float32]:
    """(N, K) logarithms of probabilities; 0 in the rows of images that were in no fold."""
    classes = len(prepared.catalogue.classes)
    table = np.zeros((len(prepared.labels), classes), np.float32)
    for trial in Rehearsal.of_record(run.record).fold_trials(prepared, recipe):
        found = outcome(run.folder, trial)
        table[found.asked] = np.log(np.maximum(found.probabilities, np.finfo(np.float32).tiny))
    return table


def _held_out(run: Run, prepared: Prepared, recipe: Recipe, predictor: Predictor) -> HeldOut:
    """All answers to images that the answering network had not learnt from, calibrated."""
    splits, folds = prepared.splits, np.full(len(prepared.labels), "", dtype=object)
    scores = _out_of_fold(run, prepared, recipe)
    temperature = fit_temperature(scores[splits.train], prepared.labels[splits.train])
    chances = softmax(scores / np.float32(temperature))
    trials = Rehearsal.of_record(run.record).fold_trials(prepared, recipe)
    for number, trial in enumerate(trials, start=1):
        folds[trial.asked] = str(number)
    for name, part in (("val", splits.val), ("test", splits.test)):
        folds[part] = name
        if len(part):
            chances[part] = answers(predictor, prepared.pixels, part)
    rows = np.flatnonzero(folds != "")
    return HeldOut(
        tuple(prepared.catalogue.samples[row].name for row in rows.tolist()),
        tuple(prepared.catalogue.classes),
        prepared.labels[rows],
        tuple(str(name) for name in folds[rows]),
        chances[rows],
    )


def _save_pictures(run: Run, prepared: Prepared, suspects: Suspects) -> None:
    """``labels/RANK.png``: the originals, made smaller."""
    place = {sample.name: index for index, sample in enumerate(prepared.catalogue.samples)}
    for rank, one in enumerate(suspects.found):
        try:
            picture = prepared.catalogue.source.load(place[one.name])
        except ImageError:
            # The file was there when it was scanned; the report does without its picture.
            continue
        write_bytes(run.folder / LABELS / f"{rank}.png", thumbnail(picture.pixels))


def _curve(run: Run, prepared: Prepared, recipe: Recipe, predictor: Predictor) -> LearningCurve:
    """All trainings by size, judged on the images that judge the run."""
    judged = judged_images(prepared)
    truth = prepared.labels[judged]
    rows, sizes = [], []
    for trial in Rehearsal.of_record(run.record).curve_trials(prepared, recipe):
        rows.append(outcome(run.folder, trial).probabilities.argmax(1) != truth)
        sizes.append(len(trial.train))
    rows.append(answers(predictor, prepared.pixels, judged).argmax(1) != truth)
    sizes.append(len(prepared.splits.train))
    return make_curve(sizes, np.stack(rows))
