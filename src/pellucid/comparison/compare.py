"""Train a line-up of networks on one data set, and see how they stand."""

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pellucid.comparison.folder import (
    RECORD,
    SCHEMA,
    TABLE,
    Comparison,
    at_work,
    clear_comparison,
    open_comparison,
)
from pellucid.comparison.judging import judge, judged_images
from pellucid.comparison.lineup import Asked
from pellucid.comparison.member import Task
from pellucid.comparison.plan import ComparisonPlan, Planned, plan_comparison, with_seed
from pellucid.comparison.process import train_apart
from pellucid.comparison.sizing import parameters_of
from pellucid.comparison.table import table_text
from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import CheckpointError, UsageError
from pellucid.models import home
from pellucid.storage import write_bytes
from pellucid.training.learning.interrupt import interruptible
from pellucid.training.planning.prepare import Prepared, prepare, prepare_as_wished, refuse_hopeless
from pellucid.training.record import new_record, refuse_faults
from pellucid.training.run import Run, free_folder
from pellucid.training.workers.machine import machine_record, version_record
from pellucid.watch import Watcher

#: Pixels go to a file, which all processes read; the next comparison finds it too.
_IN_MEMORY = 0


def compare_networks(
    data: str | Path,
    output: str | Path | None,
    asked: Asked,
    *,
    strict: bool,
    overwrite: bool,
    command: str,
    watch: Watcher,
) -> Comparison:
    """Plan, train and judge; see :func:`pellucid.compare` for the arguments."""
    begin = time.monotonic()
    if asked.wishes.augment == "search":
        raise UsageError("networks are compared under one augmentation: 'search' is for train.")
    folder = free_folder(output, Path(data), overwrite=overwrite, record=RECORD, kind="comparison")
    for entry in asked.entries:
        _importable(entry.options.get("network", entry.model))
    prepared = prepare_as_wished(open_catalogue(data), asked.wishes, watch, memory_limit=_IN_MEMORY)
    with prepared.pixels:
        if strict:
            refuse_faults(prepared)
        refuse_hopeless(prepared)
        _refuse_without_judges(prepared)
        plan = plan_comparison(prepared, asked, watch)
        clear_comparison(folder)
        with at_work(folder) as lock:
            comparison = _begin(folder, prepared, plan, asked, command)
            for sentence in (f"Writing to {folder}.", *plan.sentences):
                watch.message(sentence)
            _go_on(comparison, prepared, lock, watch, begin)
    return comparison


def resume_comparison(path: str | Path, watch: Watcher) -> Comparison:
    """Go on with what is missing; see :func:`pellucid.resume_comparison`."""
    begin = time.monotonic()
    comparison = open_comparison(path)
    if comparison.status == "finished" and not _missing(comparison):
        return comparison
    with at_work(comparison.folder) as lock:
        comparison = open_comparison(path)
        prepared = _prepare_again(comparison, watch)
        with prepared.pixels:
            _go_on(comparison, prepared, lock, watch, begin)
    return comparison


def _prepare_again(comparison: Comparison, watch: Watcher) -> Prepared:
    data = comparison.record["data"]
    geometry = Preprocessing.from_json(comparison.record["preprocessing"])
    prepared = prepare(
        open_catalogue(data["path"]),
        geometry,
        comparison.record["asked"]["wishes"]["seed"],
        watch,
        memory_limit=_IN_MEMORY,
    )
    if prepared.fingerprint != data["fingerprint"]:
        prepared.pixels.close()
        raise CheckpointError(
            f"the images in {data['path']} have changed since {comparison.folder} was interrupted: "
            "restore them, or start a new comparison."
        )
    return prepared


def _begin(
    folder: Path, prepared: Prepared, plan: ComparisonPlan, asked: Asked, command: str
) -> Comparison:
    """Write the record, and a run folder for every training to come."""
    comparison = Comparison(folder, _record(prepared, plan, asked, command))
    for planned in plan.networks:
        for seed in range(asked.wishes.seed, asked.wishes.seed + asked.seeds):
            name = planned.entry.name + (f"-s{seed}" if asked.seeds > 1 else "")
            member = {"folder": name, "network": planned.entry.name, "seed": seed}
            refused = planned.plan is None
            state = {"status": "refused" if refused else "waiting", "error": planned.why}
            comparison.members.append({**member, **state})
            if planned.plan is not None:
                recipe = with_seed(planned.plan.recipe, seed)
                wishes = replace(asked.wishes, model=planned.entry.model)
                record = new_record(prepared, replace(planned.plan, recipe=recipe), wishes, command)
                record["seconds"]["prepare"] = 0.0  # once for all: not this run's
                Run(folder / name, record).save()
    comparison.save()
    return comparison


def _go_on(
    comparison: Comparison, prepared: Prepared, lock: int, watch: Watcher, begin: float
) -> None:
    """Train what is missing, then judge all; or stop where that is asked."""
    comparison.record["status"] = "running"
    comparison.save()
    before = comparison.record["seconds"]
    with interruptible() as stopped:
        _train_missing(comparison, prepared, lock, watch, stopped)
        if stopped():
            comparison.record["status"] = "interrupted"
        else:
            judge(comparison, prepared, watch)
            comparison.record["status"] = "finished"
    comparison.record["seconds"] = round(before + time.monotonic() - begin, 1)
    comparison.save()
    if comparison.status == "finished":
        write_bytes(comparison.folder / TABLE, table_text(comparison).encode())


def _missing(comparison: Comparison) -> list[dict[str, Any]]:
    """Members that have not finished and may yet: a failure may have been the machine's."""
    return [one for one in comparison.members if one["status"] not in ("finished", "refused")]


def _train_missing(
    comparison: Comparison,
    prepared: Prepared,
    lock: int,
    watch: Watcher,
    stopped: Callable[[], bool],
) -> None:
    # Sources may hold open files or large arrays: each process opens its own.
    sourceless = replace(prepared, catalogue=replace(prepared.catalogue, source=None))  # type: ignore[arg-type]
    members, missing = comparison.members, _missing(comparison)
    for member in missing:
        if stopped():
            return
        place = f"{member['folder']} ({members.index(member) + 1} of {len(members)})"
        watch.message(f"Training {place}.")
        member.update(status="running", error=None)
        comparison.save()
        network = next(
            one for one in comparison.record["networks"] if one["name"] == member["network"]
        )
        task = Task(comparison.folder / member["folder"], sourceless, tuple(network["modules"]))
        outcome = train_apart(task, lock, place, watch, stopped)
        member.update(status=outcome.status, error=outcome.error)
        comparison.save()
        if outcome.status == "failed":
            watch.message(f"{member['folder']} failed and is passed over: {outcome.error}")


def _refuse_without_judges(prepared: Prepared) -> None:
    if not len(judged_images(prepared)):
        raise UsageError(
            f"{prepared.catalogue.root} has too few images to keep some for a test, so that "
            "networks cannot be compared on it: add images."
        )


def _importable(model: str) -> str:
    """The module that makes a network known, for another process to import.

    Raises:
        UsageError: it is the running script or session.
    """
    module = home(model)
    if module == "__main__":
        raise UsageError(
            f"model '{model}' is registered in the script that runs, where the process that would "
            "train it cannot find it: put it into a module of its own and import that."
        )
    return module


def _record(prepared: Prepared, plan: ComparisonPlan, asked: Asked, command: str) -> dict[str, Any]:
    splits, catalogue = prepared.splits, prepared.catalogue
    return {
        "schema": SCHEMA,
        "status": "running",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "asked": asdict(asked),
        "data": {
            "path": catalogue.place,
            "kind": catalogue.kind,
            "fingerprint": prepared.fingerprint,
            "classes": list(catalogue.classes),
            "counts": {
                "train": len(splits.train),
                "val": len(splits.val),
                "test": len(splits.test),
            },
            "split": "test" if len(splits.test) else "val",
        },
        "preprocessing": prepared.geometry.to_json(),
        "plan": {
            "sentences": list(plan.sentences),
            "seconds": round(plan.seconds, 1),
            "target": plan.target,
        },
        "networks": [_network(planned) for planned in plan.networks],
        "members": [],
        "machine": machine_record(),
        "versions": version_record(),
        "seconds": 0.0,
        "results": None,
    }


def _network(planned: Planned) -> dict[str, Any]:
    entry, plan = planned.entry, planned.plan
    network: dict[str, Any] = {"name": entry.name, "model": entry.model}
    if plan is None:
        return {**network, "arguments": entry.options, "parameters": None, "macs": None}
    architecture = plan.recipe.architecture
    return {
        **network,
        "arguments": architecture.arguments,
        "parameters": parameters_of(architecture),
        "macs": plan.macs,
        "optimiser": plan.recipe.optimiser,
        "modules": [_importable(entry.options.get("network", entry.model))],
    }
