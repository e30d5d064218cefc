"""The state of a training between two steps, in one file, so that it goes on as if never stopped.

No random state is stored, because none exists: what is random in a step comes from the seed and
the step's number.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor

from pellucid.training.learning.position import Position
from pellucid.training.learning.tied import load_tied, save_tied

FILE = "checkpoint/state.safetensors"


def save_checkpoint(run: Path, position: Position, tensors: dict[str, Tensor], tie: str) -> None:
    """Write the state of a training atomically.

    Args:
        run: the run's folder.
        position: how far it is.
        tensors: all weights and optimiser states by name.
        tie: what it belongs to, of :func:`~pellucid.training.learning.tied.tie_of`.

    Raises:
        StorageError: it cannot be written; the checkpoint before stays.
    """
    save_tied(run / FILE, tensors, asdict(position), tie)


def load_checkpoint(run: Path, tie: str) -> tuple[Position, dict[str, Tensor]] | None:
    """Read the state of a training; None where none was saved yet.

    Raises:
        CheckpointError: it is damaged, of another schema, or belongs to another recipe or data.
    """
    return load_tied(run / FILE, tie, _state)


def _state(tensors: dict[str, Tensor], words: dict[str, Any]) -> tuple[Position, dict[str, Tensor]]:
    return Position(**words), tensors


def flat(groups: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Groups of tensors under names of the form ``GROUP/NAME``, on the CPU.

    >>> import torch
    >>> tensors = flat({"network": {"w": torch.ones(1)}, "best": {"w": torch.zeros(1)}})
    >>> list(tensors)
    ['network/w', 'best/w']
    >>> by_group(tensors)["best"]
    {'w': tensor([0.])}
    """
    return {f"{group}/{name}": t.cpu() for group, ts in groups.items() for name, t in ts.items()}


def by_group(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The groups that :func:`flat` was given, but for empty ones."""
    groups: dict[str, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        group, name = key.split("/", 1)
        groups.setdefault(group, {})[name] = value
    return groups
