"""What a run's record says at its beginning, and what ``--strict`` refuses."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pellucid.data.shards.stream import lanes_for
from pellucid.data.verdicts import HARMLESS
from pellucid.errors import DataError
from pellucid.launch import place
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning.plan import Plan, network_totals
from pellucid.training.planning.prepare import Prepared
from pellucid.training.run import SCHEMA
from pellucid.training.workers.machine import machine_record, version_record


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
            "path": catalogue.place,
            "kind": catalogue.kind,
            "fingerprint": prepared.fingerprint,
            "lanes": None if catalogue.stream is None else lanes_for(place().size),
            "classes": list(catalogue.classes),
            "counts": {
                "train": prepared.train_count,
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
