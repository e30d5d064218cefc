"""The training of a run: from its first step, or its last checkpoint, to a bundle."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pellucid.evaluation.result import Evaluation
from pellucid.inference.bundle import save_bundle
from pellucid.training.choices.recipe import Recipe
from pellucid.training.conclude import conclude, fold_temperature
from pellucid.training.follow import Job, loop_for
from pellucid.training.learning.checkpoint import load_checkpoint, save_checkpoint
from pellucid.training.learning.feed import Images
from pellucid.training.learning.interrupt import interruptible
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.tied import tie_of
from pellucid.training.outcome.calibration import divide_scores
from pellucid.training.outcome.mistakes import save_mistakes
from pellucid.training.outcome.verdict import held_back, temperature, trained
from pellucid.training.planning.prepare import Prepared
from pellucid.training.pretrained.first_part import begin_with_head, note_kept, whole_history
from pellucid.training.rehearsal.trial import remove_trials
from pellucid.training.run import BUNDLE, Run
from pellucid.training.workers.device import best_device, compile_pays
from pellucid.training.workers.distributed import join
from pellucid.watch import Watcher


def fit_run(
    run: Run, prepared: Prepared, recipe: Recipe, allowed: float | None, watch: Watcher
) -> Run:
    """Train from the last checkpoint, or from the start, to the end or an interruption.

    Args:
        run: its folder exists, with its record.
        prepared: the images that the record's fingerprint names.
        recipe: what to do.
        allowed: seconds of training; None where the epochs are fixed.
        watch: told what happens.

    Raises:
        CheckpointError: the checkpoint is damaged, or belongs to something else.
        TrainingError: the training cannot go on.
        StorageError: the run folder cannot be written.
    """
    began = time.monotonic()
    world = join()
    world.folder = str(run.folder)
    with interruptible(patient=not world.alone) as stopped:
        with world.deciding():
            job = _job(run, prepared, recipe, allowed, watch=watch, stopped=stopped)
            if job is None:
                world.tell(run)
                return run
            loop = loop_for(job, prepared.catalogue, prepared.pixels, world, watch)
        _learn(run, job, loop, watch, stopped)
    with world.deciding():
        _end(run, prepared, job, loop, watch=watch, began=began)
    world.tell(run)
    return run


def _job(
    run: Run,
    prepared: Prepared,
    recipe: Recipe,
    allowed: float | None,
    *,
    watch: Watcher,
    stopped: Callable[[], bool],
) -> Job | None:
    """What all workers are to do; None where a stop was asked for before the first step."""
    start, tie = None, tie_of(recipe, prepared.fingerprint)
    if recipe.origin is not None:
        images = Images.of(prepared.pixels, prepared.labels, prepared.splits)
        start = begin_with_head(run, recipe, images, tie, watch=watch, stopped=stopped)
        if start is None:
            return None
    return Job(
        folder=run.folder,
        data=run.record["data"]["path"],
        fingerprint=prepared.fingerprint,
        labels=prepared.labels,
        splits=prepared.splits,
        recipe=recipe,
        allowed=allowed,
        lanes=run.record["data"].get("lanes"),
        compiled=join().alone and compile_pays(run.record["plan"]["seconds"], best_device()),
        start=start,
        saved=load_checkpoint(run.folder, tie),
    )


def _learn(run: Run, job: Job, loop: Loop, watch: Watcher, stopped: Callable[[], bool]) -> None:
    """All epochs that are left, with the other workers, or those before a stop."""
    world, count = join(), loop.images_per_epoch
    world.tell(job)
    world.wait()
    run.record["status"] = "running"
    watch.stage("training", job.recipe.epochs * count)
    watch.advance(len(loop.position.history) * count + loop.position.seen)
    for row in loop.epochs(stop=lambda: world.any(stopped()), advance=watch.advance):
        world.telling(lambda: _save(run, job, loop))
        watch.epoch(row)


def _end(
    run: Run, prepared: Prepared, job: Job, loop: Loop, *, watch: Watcher, began: float
) -> None:
    """What the first worker does once there are no more steps."""
    if not loop.finished:
        run.record["status"] = "interrupted"
        _save(run, job, loop)
        watch.done(run)
        return
    if job.start is not None and job.recipe.epochs:
        note_kept(run, loop, job.start, watch)
    _finish(run, prepared, loop, watch)
    run.record["history"] = whole_history(loop, job.start)
    seconds = run.record["seconds"]
    before = seconds["prepare"] + seconds.get("trials", 0.0)
    seconds["total"] = round(before + time.monotonic() - began, 1)
    run.save()
    remove_trials(run.folder)


def _finish(run: Run, prepared: Prepared, loop: Loop, watch: Watcher) -> None:
    """Evaluate the best weights, and write the bundle and the record."""
    begin = time.monotonic()
    recipe = loop.recipe
    network = loop.best_network()
    predictor = trained(network, recipe, prepared)
    warmth = fold_temperature(run, prepared, recipe)
    divide_scores(network, temperature(predictor, prepared) if warmth is None else warmth)
    evaluation = held_back(predictor, prepared, watch)
    metrics = {} if evaluation is None else _metrics(evaluation)
    totals = run.record["model"]
    ledger = {"parameters": totals["parameters"], "macs": totals["macs"]}
    card = replace(predictor.card, metrics=metrics, ledger=ledger)
    save_bundle(run.folder / BUNDLE, network, card)
    if evaluation is not None:
        save_mistakes(run, evaluation, prepared, predictor)
        run.record["evaluation"] = evaluation.to_json()
    conclude(run, prepared, recipe, predictor)
    run.record["status"] = "finished"
    run.record["seconds"]["train"] = round(loop.position.seconds, 1)
    run.record["seconds"]["evaluate"] = round(time.monotonic() - begin, 1)


def _metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The figures that a bundle's card carries."""
    names = ("split", "count", "accuracy", "interval", "top5", "macro_f1", "calibration_error")
    record = evaluation.to_json()
    return {name: record[name] for name in names}


def _save(run: Run, job: Job, loop: Loop) -> None:
    tie = tie_of(job.recipe, job.fingerprint)
    save_checkpoint(run.folder, loop.position, loop.tensors(), tie)
    run.record["history"] = whole_history(loop, job.start)
    run.save()
