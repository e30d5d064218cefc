"""Recompute the numbers of a forward pass without torch, and name the layer that differs."""

from collections.abc import Callable, Iterator
from math import inf

import numpy as np
from numpy.typing import NDArray

from pellucid.capture import Node
from pellucid.errors import UsageError
from pellucid.explain.rules import BEGINNINGS, At, Case, rule_of, told
from pellucid.explain.trace import Trace
from pellucid.explain.verification import Check, Verification

#: A forward pass of at most so many numbers is recomputed as a whole unless samples are asked for.
WHOLE_UP_TO = 1_000_000
#: Numbers of each layer that are recomputed of a larger one.
SAMPLES = 10

Wide = NDArray[np.float64]


def verify(
    trace: Trace,
    *,
    all: bool | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    advance: Callable[[int], None] | None = None,
) -> Verification:
    """Recompute the numbers of a forward pass in float64, without torch.

    Every layer is computed from the values that the network itself had as that layer's inputs: so
    a layer that is wrong is named, and nothing accumulates from layer to layer. What a network
    reads (pixels, its input) is taken as it is.

    The network computes in float32 or less, so its numbers are rounded. A layer is right where each
    of its numbers differs by at most what rounding can do (see
    :func:`pellucid.explain.rules.made.roundings`): min(n, 8·√n) + 2 times ε·Σ |w·x| for a sum of n
    products, ε = 2⁻²³ in float32; a few ε of the result for a function; nothing where numbers are
    only moved or chosen.

    Args:
        trace: of the network on a picture, with its values in full precision.
        all: recompute every number. None: where there are at most a million.
        samples: else how many of each layer, at random places.
        seed: of the places.
        advance: told the number of layers done since its last call.

    Raises:
        UsageError: no samples; a trace that stores rounded values.

    >>> from torch import nn, ones
    >>> from pellucid.explain import trace_network
    >>> network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    >>> found = verify(trace_network(network, ones(1, 1, 4, 4)))
    >>> found.agrees, found.checked, found.worst.name
    (True, 16, '0')
    """
    if samples < 1:
        raise UsageError(f"expected samples as a number of at least 1, found {samples}.")
    if trace.store.half:
        raise UsageError(
            "expected a trace with values in full precision, found one with half=True, which "
            "rounds them: trace again without."
        )
    if all is None:
        all = sum(node.count for node in trace.nodes) <= WHOLE_UP_TO
    random = np.random.default_rng(seed)
    checks = []
    for node in layers(trace):
        places = None if all or node.count <= samples else _places(node, samples, random)
        checks.append(_check(trace, node, places))
        if advance is not None:
            advance(1)
    return Verification(trace.graph.network, tuple(checks), all)


def layers(trace: Trace) -> Iterator[Node]:
    """The nodes that compute something and have one result; of several, each has its own node."""
    several = {node.inputs[0] for node in trace.nodes if node.operation == "item"}
    for node in trace.nodes:
        if node.operation not in BEGINNINGS and node.index not in several:
            yield node


def _places(node: Node, samples: int, random: np.random.Generator) -> list[At]:
    """Different places, in order."""
    picked = np.sort(random.choice(node.count, samples, replace=False))
    return [tuple(map(int, np.unravel_index(place, node.shape))) for place in picked]


def _check(trace: Trace, node: Node, places: list[At] | None) -> Check:
    """A layer's row."""
    case, name = Case.of(trace, node), trace.names[node.index]
    try:
        recomputed, allowed = _whole(case) if places is None else _some(case, places)
    except LookupError as error:
        reason = str(error.args[0])
        return Check(node.index, name, node.operation, 0, node.count, reason=reason)
    values = trace.value(node)
    if places is not None:
        values = np.array([values[at] for at in places])
    found = values.astype(np.float64)
    difference = _difference(found, recomputed)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative, part = (
            np.where(difference == 0, 0.0, difference / np.broadcast_to(by, found.shape))
            for by in (np.abs(recomputed), allowed)
        )
    spot = int(np.argmax(part)) if found.size else 0
    place = _unravelled(spot, node) if places is None else places[spot]
    return Check(
        node.index,
        name,
        node.operation,
        found.size,
        node.count,
        float(difference.max(initial=0.0)),
        float(np.nan_to_num(relative, nan=inf).max(initial=0.0)),
        float(np.nan_to_num(part, nan=inf).max(initial=0.0)),
        told(place, node.shape),
        float(found.flat[spot]) if found.size else 0.0,
        float(recomputed.flat[spot]) if found.size else 0.0,
    )


def _unravelled(spot: int, node: Node) -> At:
    return tuple(map(int, np.unravel_index(spot, node.shape))) if node.count else ()


def _whole(case: Case) -> tuple[Wide, Wide]:
    """All numbers, and by how much each may differ."""
    made = rule_of(case).whole(case)
    if made.values.shape != case.node.shape:
        raise LookupError(f"its rule makes {made.values.shape} of it, not {case.node.shape}")
    return made.values, np.asarray(made.steps * case.epsilon * made.scale)


def _some(case: Case, places: list[At]) -> tuple[Wide, Wide]:
    """The same at some places."""
    rule = rule_of(case)
    made = [rule.one(case, at) for at in places]
    slack = np.array([each.slack(case.epsilon) for each in made])
    return np.array([each.arithmetic.total for each in made]), slack


def _difference(found: Wide, recomputed: Wide) -> Wide:
    """|difference|; 0 where both are the same infinity or no number, infinite where one is."""
    with np.errstate(invalid="ignore"):
        difference = np.abs(found - recomputed)
    same = (found == recomputed) | (np.isnan(found) & np.isnan(recomputed))
    return np.where(same, 0.0, np.nan_to_num(difference, nan=inf))
