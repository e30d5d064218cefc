"""Where a loop starts that does not start from random weights, kept until the run is finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from pellucid.training.learning.tied import load_tied, save_tied

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
        tie: what it belongs to, of :func:`~pellucid.training.learning.tied.tie_of`.

    Raises:
        StorageError: it cannot be written.
    """
    save_tied(run / FILE, start.tensors, {"row": start.row, "facts": start.facts}, tie)


def load_start(run: Path, tie: str) -> Start | None:
    """What :func:`save_start` kept; None where there is nothing yet.

    Raises:
        CheckpointError: it is damaged or belongs to something else.
    """
    return load_tied(run / FILE, tie, lambda tensors, words: Start(tensors, **words))
