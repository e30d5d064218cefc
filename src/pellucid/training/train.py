"""One training, from a folder of images to a run folder with a bundle."""

import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pellucid.data.open import open_catalogue
from pellucid.data.symmetry import MirrorTest
from pellucid.data.verdicts import HARMLESS
from pellucid.errors import CheckpointError, DataError, RunError, unknown_name
from pellucid.evaluation.result import Evaluation
from pellucid.inference.bundle import Card, save_bundle
from pellucid.inference.predictor import Predictor
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.models import registered
from pellucid.training.calibration import divide_scores
from pellucid.training.checkpoint import load_checkpoint, save_checkpoint
from pellucid.training.common import Common, common_choices
from pellucid.training.conclude import conclude, fold_temperature
from pellucid.training.first_part import begin_with_head, note_kept, whole_history
from pellucid.training.interrupt import interruptible
from pellucid.training.loop import Loop, network_with
from pellucid.training.machine import machine_record, version_record
from pellucid.training.mistakes import save_mistakes
from pellucid.training.origin import Beginning
from pellucid.training.plan import Plan, draft, fit_budget, network_totals
from pellucid.training.prepare import (
    Prepared,
    prepare,
    prepare_again,
    prepare_as_wished,
    refuse_hopeless,
)
from pellucid.training.recipe import Recipe
from pellucid.training.rehearsal import Rehearsal, is_ample, may_search
from pellucid.training.rehearse import rehearse
from pellucid.training.run import BUNDLE, SCHEMA, Run, clear_folder, free_folder, open_run
from pellucid.training.start import Start
from pellucid.training.transfer import choose_beginning, choose_input, transfer_plan
from pellucid.training.trial import images_of, remove_trials, tie_of
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
    if wishes.network not in registered():
        raise unknown_name("model", wishes.network, registered())
    catalogue = open_catalogue(data)
    folder = free_folder(output, Path(data), overwrite=overwrite)
    found, why = choose_beginning(catalogue, wishes)
    if found is None:
        prepared = prepare_as_wished(catalogue, wishes, watch)
    else:
        geometry = choose_input(found, catalogue, wishes)
        prepared = prepare(catalogue, geometry, wishes.seed, watch)
    if strict:
        refuse_faults(prepared)
    refuse_hopeless(prepared)
    watch.stage("measuring this machine", None)
    plan, mirror = make_plan(prepared, wishes, begin, found)
    sentences = plan_sentences(plan, prepared, mirror, wishes)
    plan = replace(plan, sentences=(*sentences, why) if why else sentences)
    rehearsal = Rehearsal.of(wishes, search=plan.search)
    if found is None:
        more = rehearsal.sentences(prepared, plan.recipe, plan.seconds)
        plan = replace(plan, sentences=(*plan.sentences, *more))
    clear_folder(folder)
    run = Run(folder, new_record(prepared, plan, wishes, command))
    run.record["seconds"]["prepare"] = round(time.monotonic() - begin, 1)
    run.save()
    watch.message(f"Writing to {folder}.")
    watch.plan(plan)
    return _train(run, prepared, plan.recipe, plan.allowed, watch)


def resume_run(path: str | Path, watch: Watcher) -> Run:
    """Go on with an interrupted training; see :func:`pellucid.resume`."""
    run = open_run(path)
    if run.status == "finished":
        return run
    try:
        recipe = Recipe.from_json(run.record["recipe"])
        data, fingerprint = run.record["data"]["path"], run.record["data"]["fingerprint"]
        allowed = run.record["plan"]["allowed"]
        Rehearsal.of_record(run.record)
    except (KeyError, TypeError) as error:
        raise RunError(f"{run.folder}/run.json is damaged: {error!r} is missing.") from error
    prepared = prepare_again(open_catalogue(data), run.record, recipe.preprocessing, watch)
    if prepared.fingerprint != fingerprint:
        raise CheckpointError(
            f"the images in {data} have changed since {run.folder} was interrupted: restore them, "
            "or start a new run."
        )
    return _train(run, prepared, recipe, allowed, watch)


def _train(
    run: Run,
    prepared: Prepared,
    recipe: Recipe,
    allowed: float | None,
    watch: Watcher,
) -> Run:
    """The trainings that come first, then the run's own."""
    own = rehearse(run, prepared, recipe, allowed, watch)
    return run if own is None else fit_run(run, prepared, *own, watch)


def make_plan(
    prepared: Prepared, wishes: Wishes, begin: float, found: Beginning | None = None
) -> tuple[Plan, MirrorTest]:
    """The recipe for a data set in the time that is left, and why images may be mirrored.

    Where several trainings share the time, each gets its part. Where ``augment`` is ``auto``, its
    strength is chosen by validation if that takes nothing from the network.
    """
    common = common_choices(prepared, wishes)
    left = wishes.budget - (time.monotonic() - begin) - _CLOSING
    if found is not None:
        return transfer_plan(found, prepared, common, wishes, left), common.mirror
    plan = _shared_plan(prepared, wishes, common, left, search=wishes.augment == "search")
    if may_search(wishes, len(prepared.splits.train)):
        longer = _shared_plan(prepared, wishes, common, left, search=True)
        plan = longer if is_ample(longer.recipe, plan.recipe, prepared) else plan
    return plan, common.mirror


def _shared_plan(
    prepared: Prepared, wishes: Wishes, common: Common, left: float, *, search: bool
) -> Plan:
    """The plan of the last training, where all trainings have so many seconds."""
    splits, rehearsal = prepared.splits, Rehearsal.of(wishes, search=search)
    recipe = draft(wishes, len(prepared.catalogue.classes), common.preprocessing, len(splits.train))
    recipe = replace(recipe, class_weights=common.class_weights)
    cost = rehearsal.cost(prepared, recipe)
    plan = fit_budget(wishes, recipe, len(splits.train), len(splits.val), left / cost)
    varied = common.augmentation(wishes, plan.recipe.epochs)
    return replace(
        plan,
        recipe=replace(plan.recipe, augmentation=varied),
        allowed=None if plan.allowed is None else plan.allowed * cost,
        search=search,
        before=plan.seconds * (cost - 1),
    )


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
    splits = prepared.splits
    images, tie = images_of(prepared, splits.train), tie_of(recipe, prepared)
    start = None
    if recipe.origin is not None:
        start = begin_with_head(run, recipe, images, tie, watch)
        if start is None:
            return run
    loop = Loop(recipe, images, allowed, give_up=start is None, start=start)
    loop.position.seconds = 0.0 if start is None else start.row["seconds"]
    saved = load_checkpoint(run.folder, tie)
    if saved is not None:
        loop.restore(*saved)
    run.record["status"] = "running"
    watch.stage("training", recipe.epochs * len(splits.train))
    watch.advance(len(loop.position.history) * len(splits.train) + loop.position.seen)
    with interruptible() as stopped:
        for row in loop.epochs(stop=stopped, advance=watch.advance):
            _save(run, loop, tie, start)
            watch.epoch(row)
    if not loop.finished:
        run.record["status"] = "interrupted"
        _save(run, loop, tie, start)
        watch.done(run)
        return run
    if start is not None and recipe.epochs:
        note_kept(run, loop, start, watch)
    _finish(run, prepared, loop, watch)
    run.record["history"] = whole_history(loop, start)
    seconds = run.record["seconds"]
    before = seconds["prepare"] + seconds.get("trials", 0.0)
    seconds["total"] = round(before + time.monotonic() - began, 1)
    run.save()
    remove_trials(run.folder)
    return run


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
    warmth = fold_temperature(run, prepared, recipe)
    divide_scores(network, temperature(predictor, prepared) if warmth is None else warmth)
    evaluation = held_back(predictor, prepared, watch)
    metrics = {} if evaluation is None else _metrics(evaluation)
    totals = run.record["model"]
    ledger = {"parameters": totals["parameters"], "macs": totals["macs"]}
    save_bundle(run.folder / BUNDLE, network, replace(card, metrics=metrics, ledger=ledger))
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


def _save(run: Run, loop: Loop, tie: str, start: Start | None) -> None:
    save_checkpoint(run.folder, loop.position, loop.tensors(), tie)
    run.record["history"] = whole_history(loop, start)
    run.save()


def new_record(prepared: Prepared, plan: Plan, wishes: Wishes, command: str) -> dict[str, Any]:
    """The record of a run that is about to begin."""
    recipe, splits, catalogue = plan.recipe, prepared.splits, prepared.catalogue
    return {
        "schema": SCHEMA,
        "status": "running",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "wishes": asdict(wishes),
        "recipe": recipe.to_json(),
        "plan": {
            "sentences": list(plan.sentences),
            "seconds": round(plan.seconds, 1),
            "allowed": plan.allowed,
            "search": plan.search,
        },
        "data": {
            "path": str(catalogue.root.resolve()),
            "kind": catalogue.kind,
            "fingerprint": prepared.fingerprint,
            "classes": list(catalogue.classes),
            "counts": {
                "train": len(splits.train),
                "val": len(splits.val),
                "test": len(splits.test),
            },
            "audit": prepared.audit.to_json(),
        },
        "model": {
            "name": recipe.architecture.name,
            "arguments": recipe.architecture.arguments,
            "parameters": network_totals(recipe.architecture, recipe.preprocessing).parameters,
            "macs": plan.macs,
        },
        "preprocessing": recipe.preprocessing.to_json(),
        "machine": machine_record(),
        "versions": version_record(),
        "history": [],
        "seconds": {"prepare": None, "train": None, "evaluate": None, "total": None},
        "evaluation": None,
    }


def refuse_faults(prepared: Prepared) -> None:
    """Make sure that every file was taken.

    Raises:
        DataError: one was not.
    """
    audit = prepared.audit
    if not audit.complete:
        bad = [*audit.faults, *(one for one in audit.left_out if one.why not in HARMLESS)]
        first = bad[0]
        raise DataError(
            f"--strict: {len(bad)} files cannot be used, the first is {first.name}: "
            f"{first.detail} `pellucid audit` lists them."
        )
