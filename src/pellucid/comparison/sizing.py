"""Networks of similar size: a width is chosen so that parameters come nearest to a number.

Some of the networks can be made wider or narrower as a whole; those whose widths are given by
their file are as large as they are, and set the number for the others.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pellucid.comparison.lineup import Entry
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import PellucidError, UsageError
from pellucid.models import Architecture, arguments_for
from pellucid.models.compact import stage_widths

#: Options of the networks that can be sized, by width, height and width of the input.
SIZED: dict[str, Callable[[int, int, int], dict[str, Any]]] = {
    "fully_connected": lambda wide, height, width: {"hidden": [2 * wide, wide]},
    "locally_connected": lambda wide, height, width: {"widths": [wide, 2 * wide]},
    "compact": lambda wide, height, width: {"widths": stage_widths(wide, height, width)},
}
_WIDEST = 4096


@dataclass(frozen=True)
class Sizing:
    """What a line-up's networks are.

    Attributes:
        architectures: by name of the entry.
        refused: why an entry cannot be built, by name.
        target: parameters that the networks which can be sized come near to; None where none can.
        fixed: names of those whose size set the target; empty where it was asked for or none did.
    """

    architectures: dict[str, Architecture]
    refused: dict[str, str]
    target: int | None
    fixed: tuple[str, ...]


def size_all(
    entries: Sequence[Entry], classes: int, record: Preprocessing, asked: int | None
) -> Sizing:
    """Build every network on paper, and size those that can be.

    The target is what was asked for; else the geometric mean of the networks of fixed size; else
    of all networks as they come.
    """
    plain: dict[str, Architecture] = {}
    refused: dict[str, str] = {}
    for entry in entries:
        try:
            architecture = _plain(entry, classes, record)
            parameters_of(architecture)
        except PellucidError as error:
            refused[entry.name] = str(error)
        else:
            plain[entry.name] = architecture
    free = [name for name, architecture in plain.items() if architecture.name in SIZED]
    fixed = [name for name in plain if name not in free]
    target = None
    if free and (asked is not None or len(plain) > 1):
        target = asked or _geometric_mean([parameters_of(plain[n]) for n in fixed or free])
    sized = {
        name: nearest(architecture, record, target) if target and name in free else architecture
        for name, architecture in plain.items()
    }
    decided = tuple(fixed) if target is not None and asked is None else ()
    return Sizing(sized, refused, target, decided)


def nearest(architecture: Architecture, record: Preprocessing, target: int) -> Architecture:
    """The network in the width whose parameters come nearest to the target, by their ratio.

    Raises:
        UsageError: the network's width cannot be chosen.

    >>> record = Preprocessing("gray", 28, 28, mean=(0.5,), std=(0.5,))
    >>> plain = Architecture("fully_connected", {"classes": 10, "channels": 1,
    ...                                          "height": 28, "width": 28})
    >>> found = nearest(plain, record, 100_000)
    >>> found.arguments["hidden"], parameters_of(found)
    ([118, 59], 100251)
    """
    if architecture.name not in SIZED:
        raise UsageError(f"the width of model '{architecture.name}' cannot be chosen.")

    def at(wide: int) -> Architecture:
        options = SIZED[architecture.name](wide, record.height, record.width)
        return Architecture(architecture.name, {**architecture.arguments, **options})

    low, high = 1, _WIDEST  # parameters rise with the width: the largest that is not above
    while low < high:
        middle = (low + high + 1) // 2
        if parameters_of(at(middle)) <= target:
            low = middle
        else:
            high = middle - 1
    return min(at(low), at(min(low + 1, _WIDEST)), key=lambda one: _distance(one, target))


def parameters_of(architecture: Architecture) -> int:
    """Weights and biases, counted without allocating them."""
    return sum(parameter.numel() for parameter in architecture.outline().parameters())


def _distance(architecture: Architecture, target: int) -> float:
    return abs(math.log(parameters_of(architecture) / target))


def _plain(entry: Entry, classes: int, record: Preprocessing) -> Architecture:
    arguments = arguments_for(
        entry.model,
        classes=classes,
        channels=record.channels,
        height=record.height,
        width=record.width,
    )
    return Architecture(entry.model, {**arguments, **entry.options})


def _geometric_mean(counts: Sequence[int]) -> int:
    return round(math.exp(math.fsum(map(math.log, counts)) / len(counts)))
