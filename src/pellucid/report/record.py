"""Read ``run.json``, and refuse it in one sentence where it is not what it should be."""

import math
from pathlib import Path
from typing import Any

from pellucid.errors import RunError
from pellucid.training.run import RECORD, open_run

#: Every field that the report relies on. An asterisk stands for each item of a list.
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "status": str,
    "created": str,
    "command": str,
    "recipe": dict,
    "plan.sentences": list,
    "plan.sentences.*": str,
    "data.path": str,
    "data.kind": str,
    "data.fingerprint": str,
    "data.classes": list,
    "data.classes.*": str,
    "data.counts": dict,
    "data.audit.verdicts": list,
    "data.audit.verdicts.*.severity": str,
    "data.audit.verdicts.*.sentence": str,
    "model.name": str,
    "model.arguments": dict,
    "model.parameters": int,
    "model.macs": int,
    "preprocessing": dict,
    "machine": dict,
    "versions": dict,
    "versions.pellucid": str,
    "history": list,
    "history.*.epoch": int,
    "history.*.loss": (int, float, type(None)),
    "history.*.accuracy": (int, float, type(None)),
    "history.*.val_loss": (int, float, type(None)),
    "history.*.val_accuracy": (int, float, type(None)),
    "history.*.learning_rate": (int, float, type(None)),
    "history.*.images_per_second": (int, float, type(None)),
    "seconds": dict,
    "seconds.train": (int, float, type(None)),
    "seconds.total": (int, float, type(None)),
    "evaluation": (dict, type(None)),
}


def read_run(folder: Path) -> dict[str, Any]:
    """The content of a run folder's ``run.json``, checked.

    Args:
        folder: made by a training.

    Raises:
        RunError: there is no such folder or file, it is damaged, or it has an unknown schema.
    """
    run, path = open_run(folder).record, folder / RECORD
    for field, kinds in _FIELDS.items():
        _check(run, field.split("."), kinds, f"{path} is damaged: {field}")
    return run


def _check(value: Any, steps: list[str], kinds: type | tuple[type, ...], where: str) -> None:
    if not steps:
        # A bool is an int to Python and NaN a float, but neither is a number to us.
        if (
            not isinstance(value, kinds)
            or isinstance(value, bool)
            or (isinstance(value, float) and not math.isfinite(value))
        ):
            raise RunError(f"{where} is {type(value).__name__}, which it should not be.")
        return
    step, rest = steps[0], steps[1:]
    if step == "*":
        for item in value:
            _check(item, rest, kinds, where)
    elif not isinstance(value, dict) or step not in value:
        raise RunError(f"{where} is missing.")
    else:
        _check(value[step], rest, kinds, where)
