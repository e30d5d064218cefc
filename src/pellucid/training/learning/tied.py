"""Tensors and words in one file that belongs to one training: nothing else may take it up.

A safetensors file: tensors by name, everything else as JSON in its header.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pellucid.errors import CheckpointError
from pellucid.storage import atomic
from pellucid.training.choices.recipe import Recipe

SCHEMA = "2"

T = TypeVar("T")


def tie_of(recipe: Recipe, fingerprint: str) -> str:
    """What such a file belongs to: the recipe and the images."""
    text = json.dumps(recipe.to_json(), sort_keys=True) + fingerprint
    return hashlib.sha256(text.encode()).hexdigest()


def save_tied(path: Path, tensors: Mapping[str, Tensor], words: dict[str, Any], tie: str) -> None:
    """Write a file atomically.

    Args:
        path: of the file.
        tensors: by name.
        words: plain JSON values.
        tie: of :func:`tie_of`, checked on reading.

    Raises:
        StorageError: it cannot be written; the file before stays.
    """
    header = {"schema": SCHEMA, "tie": tie, "words": json.dumps(words)}
    # safetensors wants every tensor contiguous; filters are channels-last in memory.
    contiguous = {name: value.contiguous() for name, value in tensors.items()}
    with atomic(path) as temporary:
        try:
            save_file(contiguous, temporary, metadata=header)
        except SafetensorError as error:
            raise OSError(str(error)) from error


def load_tied(
    path: Path, tie: str, make: Callable[[dict[str, Tensor], dict[str, Any]], T]
) -> T | None:
    """Read what :func:`save_tied` wrote; None where there is nothing yet.

    Args:
        path: of the file.
        tie: that it must have.
        make: makes the result of tensors and words.

    Raises:
        CheckpointError: it is damaged, of another schema, or belongs to another recipe or data.
    """
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        schema = header["schema"]
        made = make(tensors, json.loads(header["words"])) if schema == SCHEMA else None
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}): remove it to do this part of the training anew."
        ) from error
    if made is None:
        raise CheckpointError(
            f"{path} has schema {schema}, this version of Pellucid reads {SCHEMA}: remove it to do "
            "this part of the training anew."
        )
    if header.get("tie") != tie:
        raise CheckpointError(
            f"{path} belongs to another recipe or other data: the images of this run have changed "
            "since it was interrupted. Restore them, or start a new run."
        )
    return made
