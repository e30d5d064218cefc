"""Normalisation: by stored statistics, by those of the values themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from pellucid.explain.rules.case import At, Case, Values, Wide, axes_of, told
from pellucid.explain.rules.made import Made, Rule, Whole, roundings
from pellucid.operators.arithmetic import Arithmetic, Term
from pellucid.operators.arithmetic.show import number, operand

#: Roundings of a normalisation beside those of its statistics.
_STEPS = 10


@dataclass(frozen=True, slots=True)
class Statistics:
    """What values are normalised by; each an array that broadcasts against them.

    Attributes:
        mean: μ.
        variance: σ².
        count: how many values they are of; 0 where they are stored.
        level: mean |x|, which the rounding of the mean is relative to; 0 where they are stored.
    """

    mean: Wide
    variance: Wide
    count: int = 0
    level: Wide | float = 0.0


#: The values, in a form with the statistics' axes, and the statistics.
Form = Callable[[Case], tuple[Values, Statistics]]


def _normalised(name: str, form: Form, affine: Callable[[Case, str, float], Wide]) -> Rule:
    """(x − μ) / √(σ² + ε)·γ + β."""

    def one(case: Case, at: At) -> Made:
        values, known = form(case)
        epsilon = float(case.get("eps", 1e-5))
        shape = case.node.shape
        x = float(case.read()[at])
        mean, variance, level = (
            float(np.broadcast_to(each, values.shape).reshape(shape)[at])
            for each in (known.mean, known.variance, known.level)
        )
        gamma, beta = (
            float(np.broadcast_to(affine(case, each, default), shape)[at])
            for each, default in (("weight", 1.0), ("bias", 0.0))
        )
        weight = gamma / float(np.sqrt(variance + epsilon))
        term = Term(told(at, case.shape("input")), (), x, weight, x * weight, "cell")
        arithmetic = Arithmetic(
            name, told(at, shape), axes_of(shape), (term,), beta - mean * weight
        )
        written = (
            f"({number(x)} − {operand(mean)}) / √({number(variance)} + {number(epsilon)})"
            f"·{operand(gamma)} + {operand(beta)}"
        )
        scale = abs(weight) * (abs(x) + abs(mean) + level) + abs(beta)
        source = (case.source(case.get("input")),)
        return Made(arithmetic, source, steps=_steps(known), scale=scale, written=written)

    def whole(case: Case) -> Whole:
        found, known = form(case)
        wide, shape = found.astype(np.float64), case.node.shape
        root = np.sqrt(known.variance + float(case.get("eps", 1e-5)))
        gamma, beta = affine(case, "weight", 1.0), affine(case, "bias", 0.0)
        values = ((wide - known.mean) / root).reshape(shape) * gamma + beta
        spread = ((np.abs(wide) + np.abs(known.mean) + known.level) / root).reshape(shape)
        return Whole(values, _steps(known), spread * np.abs(gamma) + np.abs(beta))

    return Rule(one, whole)


def _steps(known: Statistics) -> float:
    return _STEPS + (roundings(known.count) if known.count else 0)


def _own(values: Values, axes: tuple[int, ...]) -> tuple[Values, Statistics]:
    """Normalised by the mean and variance over some axes of the values themselves."""
    count = prod(values.shape[axis] for axis in axes)
    return values, Statistics(
        values.mean(axes, dtype=np.float64, keepdims=True),
        values.var(axes, dtype=np.float64, keepdims=True),
        count,
        np.abs(values).mean(axes, dtype=np.float64, keepdims=True),
    )


def _batch(case: Case) -> tuple[Values, Statistics]:
    """Ioffe and Szegedy 2015: by the running statistics of each channel, or by the batch's."""
    values = case.read()
    own = bool(case.get("training", case.get("use_input_stats", False)))
    if own or case.get("running_mean") is None:
        return _own(values, (0, *range(2, values.ndim)))
    mean, variance = (
        _by_channel(case.read(each), values.ndim) for each in ("running_mean", "running_var")
    )
    return values, Statistics(mean, variance)


def _instance(case: Case) -> tuple[Values, Statistics]:
    """Ulyanov, Vedaldi and Lempitsky 2016: each map by itself."""
    values = case.read()
    if case.get("use_input_stats", True):
        return _own(values, tuple(range(2, values.ndim)))
    return _batch(case)


def _group(case: Case) -> tuple[Values, Statistics]:
    """Wu and He 2018: each group of channels by itself."""
    values = case.read()
    batch, channels, *size = values.shape
    groups = case.get("num_groups")
    return _own(
        values.reshape(batch, groups, channels // groups, *size), tuple(range(2, values.ndim + 1))
    )


def _layer(case: Case) -> tuple[Values, Statistics]:
    """Ba, Kiros and Hinton 2016: over the last axes."""
    values = case.read()
    given = case.get("normalized_shape")
    count = len(given) if isinstance(given, tuple | list) else 1
    return _own(values, tuple(range(values.ndim - count, values.ndim)))


def _by_channel(values: Any, axes: int) -> Wide:
    return np.asarray(values, np.float64).reshape(-1, *(1,) * (axes - 2))


def _channel_affine(case: Case, name: str, default: float) -> Wide:
    """γ or β, one a channel."""
    if case.get(name) is None:
        return np.asarray(default)
    return _by_channel(case.read(name), len(case.node.shape))


def _cell_affine(case: Case, name: str, default: float) -> Wide:
    """γ or β, one for each place of the last axes."""
    return np.asarray(default if case.get(name) is None else case.read(name), np.float64)


#: The rules of normalisation.
NORMS: dict[str, Rule] = {
    "batch_norm": _normalised("batch normalisation", _batch, _channel_affine),
    "instance_norm": _normalised("instance normalisation", _instance, _channel_affine),
    "group_norm": _normalised("group normalisation", _group, _channel_affine),
    "layer_norm": _normalised("layer normalisation", _layer, _cell_affine),
}
