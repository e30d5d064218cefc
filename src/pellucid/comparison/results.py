"""What the trainings of a comparison come to: a line a network, a line a pair."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from statistics import fmean
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from pellucid.comparison.paired import holm, mcnemar
from pellucid.errors import RunError
from pellucid.evaluation.metrics import wilson_interval

T = TypeVar("T")

#: A difference is called decided where its adjusted p-value is below this.
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one finished training.

    Attributes:
        right: (n,) whether the network answered rightly, for the n judged images.
        train_seconds: of training, interruptions left out.
        epochs: passes over the training images.
        score_seconds: an image, in batches.
        memory_bytes: growth of the process's resident memory at its peak; None if unknown.
    """

    right: NDArray[np.bool_]
    train_seconds: float
    epochs: int
    score_seconds: float
    memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One network's figures, over its seeds.

    Attributes:
        name: in the line-up.
        parameters: weights and biases.
        macs: multiply-adds of one forward pass on one image.
        count: judged images (n).
        seeds: of the trainings that finished.
        accuracies: share of right answers, one a seed.
        accuracy: their mean.
        interval: 95% Wilson interval of that share of n images.
        train_seconds: mean over the seeds.
        epochs: mean over the seeds.
        score_seconds: an image; mean over the seeds.
        memory_bytes: the largest of the seeds; None if unknown.
        macs_front: no other network is as accurate with as few multiply-adds.
        parameters_front: no other network is as accurate with as few parameters.
    """

    name: str
    parameters: int
    macs: int
    count: int
    seeds: tuple[int, ...]
    accuracies: tuple[float, ...]
    accuracy: float
    interval: tuple[float, float]
    train_seconds: float
    epochs: float
    score_seconds: float
    memory_bytes: int | None
    macs_front: bool
    parameters_front: bool

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``, through JSON."""
        return _from_json(cls, record)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two networks' answers to the same images.

    Attributes:
        one: name of the first.
        two: name of the second.
        difference: accuracy of the first less that of the second, mean over the seeds.
        only_one: images that only the first gets right, one count a seed that both have.
        only_two: likewise for the second.
        chance: McNemar's exact p-value, the largest of the seeds; 1 where the seeds disagree on
            which network is better.
        adjusted: that, adjusted for the number of pairs (Holm).
        decided: ``adjusted`` is below 0.05.
    """

    one: str
    two: str
    difference: float
    only_one: tuple[int, ...]
    only_two: tuple[int, ...]
    chance: float
    adjusted: float
    decided: bool

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """The inverse of ``dataclasses.asdict``, through JSON."""
        return _from_json(cls, record)


def standings(
    networks: Sequence[Mapping[str, Any]], measured: Mapping[str, Mapping[int, Measured]]
) -> tuple[Standing, ...]:
    """The figures of every network that finished at least once.

    Args:
        networks: records with ``name``, ``parameters`` and ``macs``, in order.
        measured: by name and seed.
    """
    known = [one for one in networks if measured.get(one["name"])]
    accuracy = {
        one["name"]: fmean(float(m.right.mean()) for m in measured[one["name"]].values())
        for one in known
    }

    def on_front(one: Mapping[str, Any], cost: str) -> bool:
        mine = (accuracy[one["name"]], -one[cost])
        others = [(accuracy[other["name"]], -other[cost]) for other in known]
        return not any(
            theirs != mine and theirs[0] >= mine[0] and theirs[1] >= mine[1] for theirs in others
        )

    return tuple(
        _standing(
            one,
            measured[one["name"]],
            macs_front=on_front(one, "macs"),
            parameters_front=on_front(one, "parameters"),
        )
        for one in known
    )


def _standing(
    network: Mapping[str, Any],
    measured: Mapping[int, Measured],
    *,
    macs_front: bool,
    parameters_front: bool,
) -> Standing:
    runs = list(measured.values())
    count = len(runs[0].right)
    accuracies = tuple(float(run.right.mean()) for run in runs)
    accuracy = fmean(accuracies)
    memory = [run.memory_bytes for run in runs if run.memory_bytes is not None]
    return Standing(
        name=network["name"],
        parameters=network["parameters"],
        macs=network["macs"],
        count=count,
        seeds=tuple(measured),
        accuracies=accuracies,
        accuracy=accuracy,
        interval=wilson_interval(round(accuracy * count), count),
        train_seconds=fmean(run.train_seconds for run in runs),
        epochs=fmean(run.epochs for run in runs),
        score_seconds=fmean(run.score_seconds for run in runs),
        memory_bytes=max(memory, default=None),
        macs_front=macs_front,
        parameters_front=parameters_front,
    )


def pairs(measured: Mapping[str, Mapping[int, Measured]]) -> tuple[Pair, ...]:
    """Every two networks with a seed in common, compared image by image."""
    drafts = [
        _compared(one, two, measured[one], measured[two])
        for one, two in combinations(measured, 2)
        if measured[one].keys() & measured[two].keys()
    ]
    adjusted = holm([draft["chance"] for draft in drafts])
    return tuple(
        Pair(**draft, adjusted=chance, decided=chance < LEVEL)
        for draft, chance in zip(drafts, adjusted, strict=True)
    )


def _compared(
    one: str, two: str, first: Mapping[int, Measured], second: Mapping[int, Measured]
) -> dict[str, Any]:
    seeds = [seed for seed in first if seed in second]
    rights = [(first[seed].right, second[seed].right) for seed in seeds]
    only_one = tuple(int((a & ~b).sum()) for a, b in rights)
    only_two = tuple(int((b & ~a).sum()) for a, b in rights)
    chances = [mcnemar(a, b) for a, b in zip(only_one, only_two, strict=True)]
    ahead = {(a > b) - (a < b) for a, b in zip(only_one, only_two, strict=True)}
    return {
        "one": one,
        "two": two,
        "difference": fmean(float(a.mean()) - float(b.mean()) for a, b in rights),
        "only_one": only_one,
        "only_two": only_two,
        "chance": max(chances) if len(ahead) == 1 else 1.0,
    }


def results_record(networks: Sequence[Standing], compared: Sequence[Pair]) -> dict[str, Any]:
    """Both as plain values."""
    return {"networks": [asdict(one) for one in networks], "pairs": [asdict(p) for p in compared]}


def _from_json(kind: type[T], record: dict[str, Any]) -> T:
    try:
        values = {field.name: record[field.name] for field in fields(kind)}  # type: ignore[arg-type]
    except (KeyError, TypeError) as error:
        raise RunError(f"the results of the comparison are damaged: no {error}.") from error
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
