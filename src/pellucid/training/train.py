"""One training, from a folder of images to a run folder with a bundle."""

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from pellucid.data.open import open_catalogue
from pellucid.data.symmetry import MirrorTest
from pellucid.errors import CheckpointError, RunError, unknown_name
from pellucid.evaluation.result import Evaluation
from pellucid.inference.bundle import Card, save_bundle
from pellucid.inference.predictor import Predictor
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.models import registered
from pellucid.training.calibration import divide_scores
from pellucid.training.checkpoint import Position, load_checkpoint, save_checkpoint
from pellucid.training.common import common_choices
from pellucid.training.device import best_device, compile_pays
from pellucid.training.distributed import join
from pellucid.training.follow import Job, follow, loop_for
from pellucid.training.interrupt import interruptible
from pellucid.training.loop import Loop, network_with
from pellucid.training.mistakes import save_mistakes
from pellucid.training.plan import Plan, draft, fit_budget
from pellucid.training.prepare import Prepared, prepare, prepare_as_wished, refuse_hopeless
from pellucid.training.recipe import Recipe
from pellucid.training.record import new_record, refuse_faults
from pellucid.training.run import BUNDLE, Run, clear_folder, free_folder, open_run
from pellucid.training.verdict import held_back, temperature
from pellucid.training.wishes import Wishes
from pellucid.training.words import plan_sentences
from pellucid.watch import Watcher

#: Seconds kept for the final evaluation, the bundle and the report.
_CLOSING = 3.0


def train_run(
    data: str | Path,
    output: str | Path | None,
    wishes: Wishes,
    *,
    strict: bool,
    overwrite: bool,
    command: str,
    begin: float,
    watch: Watcher,
) -> Run:
    """Train on a data set; see :func:`pellucid.train` for the arguments.

    Args:
        begin: when the process began, on ``time.monotonic``'s clock: minutes count from there.
        command: how the user would repeat this.
    """
    world = join()
    if not world.place.first:
        return follow(world, watch)
    with world.deciding():
        run, prepared, plan = _begin(
            data, output, wishes, strict=strict, overwrite=overwrite, command=command,
            begin=begin, watch=watch,
        )  # fmt: skip
    return fit_run(run, prepared, plan.recipe, plan.allowed, watch)


def _begin(
    data: str | Path,
    output: str | Path | None,
    wishes: Wishes,
    *,
    strict: bool,
    overwrite: bool,
    command: str,
    begin: float,
    watch: Watcher,
) -> tuple[Run, Prepared, Plan]:
    """Read, plan, and make the run's folder; see :func:`train_run`."""
    if wishes.model not in registered():
        raise unknown_name("model", wishes.model, registered())
    catalogue = open_catalogue(data, stream=wishes.stream)
    folder = free_folder(output, Path(data), overwrite=overwrite)
    prepared = prepare_as_wished(catalogue, wishes, watch, memory_limit=_memory_limit())
    if strict:
        refuse_faults(prepared)
    refuse_hopeless(prepared)
    watch.stage("measuring this machine", None)
    plan, mirror = make_plan(prepared, wishes, begin)
    plan = replace(plan, sentences=plan_sentences(plan, prepared, mirror, wishes))
    clear_folder(folder)
    run = Run(folder, new_record(prepared, plan, wishes, command))
    run.record["seconds"]["prepare"] = round(time.monotonic() - begin, 1)
    run.save()
    watch.message(f"Writing to {folder}.")
    watch.plan(plan)
    return run, prepared, plan


def resume_run(path: str | Path, watch: Watcher) -> Run:
    """Go on with an interrupted training; see :func:`pellucid.resume`."""
    world = join()
    if not world.place.first:
        return follow(world, watch)
    with world.deciding():
        run = open_run(path)
        begun = None if run.status == "finished" else _begin_again(run, watch)
    if begun is None:
        world.tell(run)
        return run
    return fit_run(run, *begun, watch)


def _begin_again(run: Run, watch: Watcher) -> tuple[Prepared, Recipe, float | None]:
    """The images and the recipe of a run."""
    try:
        recipe = Recipe.from_json(run.record["recipe"])
        data, fingerprint = run.record["data"]["path"], run.record["data"]["fingerprint"]
        streamed = run.record["data"].get("lanes") is not None
        allowed, seed = run.record["plan"]["allowed"], run.record["wishes"]["seed"]
    except (KeyError, TypeError) as error:
        raise RunError(f"{run.folder}/run.json is damaged: {error!r} is missing.") from error
    prepared = prepare(
        open_catalogue(data, stream=streamed),
        recipe.preprocessing,
        seed,
        watch,
        memory_limit=_memory_limit(),
    )
    if prepared.fingerprint != fingerprint:
        raise CheckpointError(
            f"the images in {data} have changed since {run.folder} was interrupted: restore them, "
            "or start a new run."
        )
    return prepared, recipe, allowed


def make_plan(prepared: Prepared, wishes: Wishes, begin: float) -> tuple[Plan, MirrorTest]:
    """The recipe for a data set in the time that is left, and why images may be mirrored."""
    splits = prepared.splits
    common = common_choices(prepared, wishes)
    classes = len(prepared.catalogue.classes)
    recipe = draft(wishes, classes, common.preprocessing, prepared.train_count)
    recipe = replace(recipe, class_weights=common.class_weights)
    left = wishes.budget - (time.monotonic() - begin) - _CLOSING
    plan = fit_budget(wishes, recipe, prepared.train_count, len(splits.val), left)
    varied = common.augmentation(wishes, plan.recipe.epochs)
    return replace(plan, recipe=replace(plan.recipe, augmentation=varied)), common.mirror


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
    with world.deciding():
        tie = _tie(recipe, prepared)
        saved = load_checkpoint(run.folder, tie)
        job = _job(run, prepared, recipe, allowed, saved)
        loop = loop_for(job, prepared.catalogue, prepared.pixels, world, watch)
        if saved is not None:
            loop.restore(*saved)
    world.tell(job)
    world.wait()
    run.record["status"] = "running"
    watch.stage("training", recipe.epochs * loop.images_per_epoch)
    watch.advance(len(loop.position.history) * loop.images_per_epoch + loop.position.seen)
    with interruptible(patient=not world.alone) as stopped:
        for row in loop.epochs(stop=lambda: world.any(stopped()), advance=watch.advance):
            world.telling(lambda: _save(run, loop, tie))
            watch.epoch(row)
    with world.deciding():
        if loop.finished:
            _finish(run, prepared, loop, watch)
            seconds = run.record["seconds"]
            seconds["total"] = round(seconds["prepare"] + time.monotonic() - began, 1)
            run.save()
        else:
            run.record["status"] = "interrupted"
            _save(run, loop, tie)
            watch.done(run)
    world.tell((run.folder, run.record))
    return run


def _job(
    run: Run,
    prepared: Prepared,
    recipe: Recipe,
    allowed: float | None,
    saved: tuple[Position, dict[str, torch.Tensor]] | None,
) -> Job:
    """What the other workers need to know."""
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
        saved=saved,
    )


def _memory_limit() -> int | None:
    """Bytes of pixels to keep in memory: several workers share a file instead."""
    return None if join().alone else 0


def _finish(run: Run, prepared: Prepared, loop: Loop, watch: Watcher) -> None:
    """Evaluate the best weights, and write the bundle and the record."""
    begin = time.monotonic()
    recipe = loop.recipe
    network = network_with(recipe, loop.best)
    model = recipe.architecture
    card = Card(
        model.name, model.arguments, recipe.preprocessing, tuple(prepared.catalogue.classes)
    )
    predictor = Predictor(TorchRuntime(network, card.preprocessing), card)
    divide_scores(network, temperature(predictor, prepared))
    evaluation = held_back(predictor, prepared, watch)
    metrics = {} if evaluation is None else _metrics(evaluation)
    totals = run.record["model"]
    ledger = {"parameters": totals["parameters"], "macs": totals["macs"]}
    save_bundle(run.folder / BUNDLE, network, replace(card, metrics=metrics, ledger=ledger))
    if evaluation is not None:
        save_mistakes(run, evaluation, prepared, predictor)
        run.record["evaluation"] = evaluation.to_json()
    run.record["status"] = "finished"
    run.record["history"] = loop.position.history
    run.record["seconds"]["train"] = round(loop.position.seconds, 1)
    run.record["seconds"]["evaluate"] = round(time.monotonic() - begin, 1)


def _metrics(evaluation: Evaluation) -> dict[str, Any]:
    """The figures that a bundle's card carries."""
    names = ("split", "count", "accuracy", "interval", "top5", "macro_f1", "calibration_error")
    record = evaluation.to_json()
    return {name: record[name] for name in names}


def _save(run: Run, loop: Loop, tie: str) -> None:
    save_checkpoint(run.folder, loop.position, loop.tensors(), tie)
    run.record["history"] = loop.position.history
    run.save()


def _tie(recipe: Recipe, prepared: Prepared) -> str:
    """What a checkpoint belongs to: the recipe and the images."""
    text = json.dumps(recipe.to_json(), sort_keys=True) + prepared.fingerprint
    return hashlib.sha256(text.encode()).hexdigest()
