"""Where a loop starts that does not start from random weights, kept until the run is finished."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pellucid.errors import CheckpointError
from pellucid.storage import atomic

FILE = "checkpoint/start.safetensors"


@dataclass(frozen=True)
class Start:
    """A network with a head fitted to the features of its trunk.

    Attributes:
        tensors: its weights by name.
        row: of the history: what it is worth, and how long it took.
        facts: what else is to be said of it, plain JSON values.
    """

    tensors: Mapping[str, Tensor]
    row: dict[str, Any]
    facts: dict[str, Any]

    @property
    def seconds(self) -> float:
        """It took."""
        return float(self.row["seconds"])

    @property
    def accuracy(self) -> float | None:
        """On the validation images; None where there are none."""
        found: float | None = self.row["val_accuracy"]
        return found


def save_start(run: Path, start: Start, tie: str) -> None:
    """Keep a start in a run's folder, atomically.

    Args:
        run: the folder.
        start: to keep.
        tie: what it belongs to, checked on reading.

    Raises:
        StorageError: it cannot be written.
    """
    words = {"tie": tie, "row": json.dumps(start.row), "facts": json.dumps(start.facts)}
    tensors = {name: value.contiguous() for name, value in start.tensors.items()}
    with atomic(run / FILE) as temporary:
        try:
            save_file(tensors, temporary, metadata=words)
        except SafetensorError as error:
            raise OSError(str(error)) from error


def load_start(run: Path, tie: str) -> Start | None:
    """What :func:`save_start` kept; None where there is nothing yet.

    Raises:
        CheckpointError: it is damaged or belongs to something else.
    """
    path = run / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            words = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        start = Start(tensors, json.loads(words["row"]), json.loads(words["facts"]))
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}): remove it to fit this run's head anew."
        ) from error
    if words["tie"] != tie:
        raise CheckpointError(f"{path} belongs to another recipe or other data: start a new run.")
    return start
