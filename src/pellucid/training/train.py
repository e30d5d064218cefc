"""One training, from a folder of images to a run folder with a bundle."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from pellucid.data.open import open_catalogue
from pellucid.data.symmetry import MirrorTest
from pellucid.errors import CheckpointError, RunError, UsageError, unknown_name
from pellucid.models import registered
from pellucid.training.choices.origin import Beginning
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import USUAL_NETWORK, Wishes
from pellucid.training.fit import fit_run
from pellucid.training.follow import follow
from pellucid.training.planning.common import Common, common_choices
from pellucid.training.planning.plan import Counts, Plan, draft, fit_budget
from pellucid.training.planning.prepare import (
    Prepared,
    prepare,
    prepare_again,
    prepare_as_wished,
    refuse_hopeless,
)
from pellucid.training.planning.words import plan_sentences
from pellucid.training.pretrained.beginning import choose_beginning
from pellucid.training.pretrained.transfer import choose_input, transfer_plan
from pellucid.training.record import new_record, refuse_faults
from pellucid.training.rehearsal.programme import Rehearsal, is_ample, may_search
from pellucid.training.rehearsal.rehearse import rehearse
from pellucid.training.rehearsal.words import rehearsal_sentences
from pellucid.training.run import Run, clear_folder, free_folder, open_run
from pellucid.training.workers.distributed import join
from pellucid.watch import Watcher

#: Seconds kept for the final evaluation, the bundle and the report.
_CLOSING = 3.0


@dataclass(frozen=True)
class Call:
    """What :func:`pellucid.train` was called with.

    Attributes:
        data: what names the data set.
        output: the run folder; None for ``runs/NAME-N``.
        wishes: all that decides what is trained.
        command: how the user would repeat this.
        begin: when it was called, on ``time.monotonic``'s clock: minutes count from there.
        strict: a file that cannot be used is an error.
        overwrite: a run folder that exists is replaced.
    """

    data: str | Path
    output: str | Path | None
    wishes: Wishes
    command: str
    begin: float
    strict: bool = False
    overwrite: bool = False


def train_run(call: Call, watch: Watcher) -> Run:
    """Train on a data set; see :func:`pellucid.train`."""
    world = join()
    if not world.place.first:
        return follow(world, watch)
    with world.deciding():
        run, prepared, plan = _begin(call, watch)
    return _go_on(run, prepared, plan.recipe, plan.allowed, watch)


def _begin(call: Call, watch: Watcher) -> tuple[Run, Prepared, Plan]:
    """Read, plan, and make the run's folder."""
    wishes = call.wishes
    _refuse(wishes)
    folder = free_folder(call.output, Path(call.data), overwrite=call.overwrite)
    prepared, found, why = _read(call.data, wishes, watch)
    if call.strict:
        refuse_faults(prepared)
    refuse_hopeless(prepared)
    watch.stage("measuring this machine", None)
    planning = time.monotonic()
    plan, mirror = make_plan(prepared, wishes, call.begin, found)
    plan = plan.later(time.monotonic() - planning)
    sentences = plan_sentences(plan, prepared, mirror, wishes)
    rehearsal = Rehearsal.of(wishes, search=plan.search)
    more = rehearsal_sentences(rehearsal, prepared, plan.recipe, plan.seconds)
    plan = replace(plan, sentences=(*sentences, *([why] if why else []), *more))
    clear_folder(folder)
    run = Run(folder, new_record(prepared, plan, wishes, call.command))
    run.record["seconds"]["prepare"] = round(time.monotonic() - call.begin, 1)
    run.save()
    watch.message(f"Writing to {folder}.")
    watch.plan(plan)
    return run, prepared, plan


def _refuse(wishes: Wishes) -> None:
    """What is wrong before anything is read.

    Raises:
        UsageError: there is no such network, or it has no width to choose.
    """
    if wishes.network not in registered():
        raise unknown_name("model", wishes.network, registered())
    if wishes.width is not None and wishes.network != USUAL_NETWORK:
        raise UsageError(
            f"width is that of {USUAL_NETWORK}'s first stage, and {wishes.network} has its own: "
            "leave one of --width and --model out."
        )


def _read(
    data: str | Path, wishes: Wishes, watch: Watcher
) -> tuple[Prepared, Beginning | None, str]:
    """The images, fitted for the weights to begin with; these; and why there are none."""
    catalogue = open_catalogue(data, stream=wishes.stream)
    asked = Rehearsal.of(wishes, search=wishes.augment == "search")
    asked.refuse_unless_possible(join().place.size, streamed=catalogue.stream is not None)
    found, why = choose_beginning(catalogue, wishes)
    limit = _memory_limit()
    if found is None:
        return prepare_as_wished(catalogue, wishes, watch, memory_limit=limit), None, why
    geometry = choose_input(found, catalogue, wishes)
    return prepare(catalogue, geometry, wishes.seed, watch, memory_limit=limit), found, why


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
    return _go_on(run, *begun, watch)


def _begin_again(run: Run, watch: Watcher) -> tuple[Prepared, Recipe, float | None]:
    """The images and the recipe of a run."""
    try:
        recipe = Recipe.from_json(run.record["recipe"])
        data, fingerprint = run.record["data"]["path"], run.record["data"]["fingerprint"]
        allowed = run.record["plan"]["allowed"]
        rehearsal = Rehearsal.of_record(run.record)
    except (KeyError, TypeError) as error:
        raise RunError(f"{run.folder}/run.json is damaged: {error!r} is missing.") from error
    rehearsal.refuse_unless_possible(join().place.size, streamed=run.streamed)
    prepared = prepare_again(
        run.open_data(),
        run.record,
        recipe.preprocessing,
        watch,
        memory_limit=_memory_limit(),
    )
    if prepared.fingerprint != fingerprint:
        raise CheckpointError(
            f"the images in {data} have changed since {run.folder} was interrupted: restore them, "
            "or start a new run."
        )
    return prepared, recipe, allowed


def _memory_limit() -> int | None:
    """Bytes of pixels to keep in memory: several workers share a file instead."""
    return None if join().alone else 0


def _go_on(
    run: Run, prepared: Prepared, recipe: Recipe, allowed: float | None, watch: Watcher
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
    if may_search(wishes, prepared, join().place.size):
        longer = _shared_plan(prepared, wishes, common, left, search=True)
        plan = longer if is_ample(longer.recipe, plan.recipe, prepared) else plan
    return plan, common.mirror


def _shared_plan(
    prepared: Prepared, wishes: Wishes, common: Common, left: float, *, search: bool
) -> Plan:
    """The plan of the last training, where all trainings have so many seconds."""
    rehearsal, images = Rehearsal.of(wishes, search=search), prepared.train_count
    recipe = draft(wishes, len(prepared.catalogue.classes), common.preprocessing, images)
    recipe = replace(recipe, class_weights=common.class_weights)
    cost = rehearsal.cost(prepared, recipe)
    splits = prepared.splits
    counts = Counts(images, len(splits.val), len(splits.test))
    plan = fit_budget(wishes, recipe, counts, left / cost)
    varied = common.augmentation(wishes, plan.recipe.epochs)
    return replace(
        plan,
        recipe=replace(plan.recipe, augmentation=varied),
        allowed=None if plan.allowed is None else plan.allowed * cost,
        search=search,
        before=plan.seconds * (cost - 1),
    )
