"""The state of a training between two steps, in one file, so that it goes on as if never stopped.

One safetensors file: tensors by name, everything else as JSON in its header. No random state is
stored, because none exists: what is random in a step comes from the seed and the step's number.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pellucid.errors import CheckpointError
from pellucid.storage import atomic
from pellucid.training.recipe import Recipe

SCHEMA = "1"
FILE = "checkpoint/state.safetensors"


@dataclass
class Position:
    """How far a training is.

    Attributes:
        step: optimiser steps done.
        total: steps of the whole training, as things stand.
        anchor: the step at which that number was decided …
        anchor_progress: … and the share of the training that was done then.
        loss: sum of the losses over the images of the epoch under way.
        right: images classified rightly in the epoch under way.
        seen: images of the epoch under way.
        seconds: spent training, interruptions left out.
        epoch_seconds: of these, in the epoch under way.
        average_steps: updates of the weight average.
        best: highest accuracy on the validation images so far; None before any.
        history: a row an epoch.
    """

    step: int = 0
    total: int = 0
    anchor: int = 0
    anchor_progress: float = 0.0
    loss: float = 0.0
    right: int = 0
    seen: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    average_steps: int = 0
    best: float | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """Share of the training that is done, in [0, 1]."""
        since = (self.step - self.anchor) / max(self.total - self.anchor, 1)
        return self.anchor_progress + since * (1 - self.anchor_progress)

    def end_after(self, total: int) -> None:
        """Plan for so many steps in all; the schedule runs on from where it is."""
        self.anchor_progress, self.anchor, self.total = self.progress, self.step, total


def tie_of(recipe: Recipe, fingerprint: str) -> str:
    """What a checkpoint belongs to: the recipe and the images."""
    text = json.dumps(recipe.to_json(), sort_keys=True) + fingerprint
    return hashlib.sha256(text.encode()).hexdigest()


def save_checkpoint(run: Path, position: Position, tensors: dict[str, Tensor], tie: str) -> None:
    """Write the state of a training atomically.

    Args:
        run: the run's folder.
        position: how far it is.
        tensors: all weights and optimiser states by name.
        tie: of :func:`tie_of`, checked on reading.

    Raises:
        StorageError: it cannot be written; the checkpoint before stays.
    """
    header = {"schema": SCHEMA, "tie": tie, "position": json.dumps(asdict(position))}
    with atomic(run / FILE) as temporary:
        # safetensors wants every tensor contiguous; filters are channels-last in memory.
        flat = {name: value.contiguous() for name, value in tensors.items()}
        try:
            save_file(flat, temporary, metadata=header)
        except SafetensorError as error:
            raise OSError(str(error)) from error


def load_checkpoint(run: Path, tie: str) -> tuple[Position, dict[str, Tensor]] | None:
    """Read the state of a training; None where none was saved yet.

    Raises:
        CheckpointError: it is damaged, of another schema, or belongs to another recipe or data.
    """
    path = run / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        position = Position(**json.loads(header["position"]))
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}): remove it to start this run's training anew."
        ) from error
    if header.get("schema") != SCHEMA:
        raise CheckpointError(
            f"{path} has checkpoint schema {header.get('schema')}, this version reads {SCHEMA}."
        )
    if header.get("tie") != tie:
        raise CheckpointError(
            f"{path} belongs to another recipe or other data: the images of this run have changed "
            "since it was interrupted. Restore them, or start a new run."
        )
    return position, tensors
