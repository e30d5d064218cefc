"""The command line that repeats a call; options at their defaults are left out."""

import shlex
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pellucid.comparison.lineup import Asked
    from pellucid.training.choices.wishes import Wishes


def train_command(data: str | Path, output: str | Path | None, wishes: "Wishes") -> str:
    """The command line that repeats a training."""
    return shlex.join([*_beginning("train", data, output), *_wished(wishes)])


def compare_command(data: str | Path, output: str | Path | None, asked: "Asked") -> str:
    """The command line that repeats a comparison."""
    words = _beginning("compare", data, output)
    if asked.models:
        words += ["--models", *asked.models]
    if asked.heads:
        words.append("--heads")
    if asked.seeds > 1:
        words += ["--seeds", str(asked.seeds)]
    if asked.parameters is not None:
        words += ["--parameters", str(asked.parameters)]
    return shlex.join([*words, *_wished(asked.wishes)])


def _beginning(command: str, data: str | Path, output: str | Path | None) -> list[str]:
    words = ["pellucid", command, str(data)]
    return words if output is None else [*words, "--output", str(output)]


def _wished(wishes: "Wishes") -> list[str]:
    """The options that are not at their defaults."""
    words: list[str] = []
    for field in fields(wishes):
        value = getattr(wishes, field.name)
        if field.name == "pretrained":
            words += [] if value else ["--from-scratch"]
        elif value != field.default:
            words.append(f"--{field.name.replace('_', '-')}")
            if value is not True:
                words.append(f"{value:g}" if isinstance(value, float) else str(value))
    return words
