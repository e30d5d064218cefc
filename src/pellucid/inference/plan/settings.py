"""The settings of each runtime that are tried, one at a time."""

from collections.abc import Callable
from dataclasses import replace

from pellucid.inference.plan.setup import Engine, Setup
from pellucid.threads import cores


def settings_of(engine: Engine) -> list[tuple[str, Callable[[Setup], Setup]]]:
    """Each setting that is tried alone, in order: name, and how it changes a setup."""
    if engine == "torch":
        return []  # its threads are one number for the whole process, the caller's
    found: list[tuple[str, Callable[[Setup], Setup]]] = [
        (f"threads: {count}", lambda setup, count=count: replace(setup, threads=count))  # type: ignore[misc]
        for count in _thread_counts(cores())
    ]
    if engine == "onnxruntime":
        found += [
            ("its rewriting: extended", lambda setup: replace(setup, level="extended")),
            ("its rewriting: basic", lambda setup: replace(setup, level="basic")),
            ("no arena", lambda setup: replace(setup, arena=False)),
        ]
    if engine == "openvino":
        found.append(("hint: throughput", lambda setup: replace(setup, hint="throughput")))
    return found


def _thread_counts(most: int) -> list[int]:
    """All up to 4, then powers of two, and the number of cores.

    >>> _thread_counts(2), _thread_counts(12)
    ([1, 2], [1, 2, 3, 4, 8, 12])
    """
    few = [count for count in (1, 2, 3, 4) if count <= most]
    powers = [2**power for power in range(3, 12) if 2**power < most]
    return sorted({*few, *powers, most})
