"""Heads whose class scores are averages of maps: found in the graph, whatever their modules."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.capture import Node, Result
from pellucid.errors import UsageError
from pellucid.explain.trace import Trace

Floats = NDArray[np.float64]

#: Operations that hand on the numbers they are given, in their order.
_SAME = {
    "flatten", "view", "reshape", "squeeze", "unsqueeze", "contiguous", "clone", "to", "float",
    "double", "unflatten", "view_as", "reshape_as",
}  # fmt: skip
_DROPOUT = {
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
    "feature_dropout",
}  # fmt: skip


class NoAverageHeadError(UsageError):
    """The class scores are no averages of maps: there is no exact class activation map."""


@dataclass(frozen=True, eq=False)
class AverageHead:
    """score_k = Σ_c weights[k, c] · (mean over y and x of maps[c, y, x]) + bias[k].

    Attributes:
        maps: the node with the maps, (1, C, H', W').
        average: the node that averages them (the last, where several do).
        weights: (K, C) float64; None where the averages are the scores themselves.
        bias: (K,) float64.
        linear: the nodes of the linear layers, from the scores down.
    """

    maps: int
    average: int
    weights: Floats | None
    bias: Floats
    linear: tuple[int, ...]


def average_head(trace: Trace, scores: int) -> AverageHead:
    """Read the head of a network back from its scores.

    Taken are: any number of linear layers (also as 1×1 convolutions), before them a mean over all
    positions (``mean``, ``adaptive_avg_pool2d`` to 1, ``avg_pool2d`` over the whole map), and
    between them what only changes the shape, and dropout that is off.

    Args:
        trace: a forward pass.
        scores: the node with the class scores.

    Raises:
        NoAverageHeadError: something else lies in between; it says what.
    """
    node = trace.nodes[scores]
    weights: Floats | None = None
    bias = np.zeros(node.count)
    linear: list[int] = []
    while not _averages(trace, node):
        if _is_linear(trace, node):
            weight, shift = _affine(trace, node)
            bias = bias + (shift if weights is None else weights @ shift)
            weights = weight if weights is None else weights @ weight
            linear.append(node.index)
        elif not _hands_on(trace, node):
            raise NoAverageHeadError(
                "the scores are no averages of maps, for which alone a class activation map is "
                f"exact: {trace.names[node.index]} ({node.operation}) lies before them."
            )
        node = _source(trace, node)
    maps = _maps(trace, node)
    return AverageHead(maps.index, node.index, weights, bias, tuple(linear))


def _maps(trace: Trace, average: Node) -> Node:
    """The maps behind an average, which may be taken in several steps (rows, then columns)."""
    node = average
    while _averages(trace, node) or (len(node.shape) != 4 and _hands_on(trace, node)):
        node = _source(trace, node)
        if node.shape[:2] != (1, average.count):
            break
    if len(node.shape) != 4 or node.shape[:2] != (1, average.count) or prod(node.shape[2:]) == 1:
        raise NoAverageHeadError(
            f"{trace.names[average.index]} ({average.operation}) is no average over all positions "
            "of maps 1×C×H×W, for which alone a class activation map is exact."
        )
    return origin(trace, node)


def origin(trace: Trace, node: Node) -> Node:
    """The node that made the numbers which a node only hands on in the same shape."""
    while _hands_on(trace, node) and _source(trace, node).shape == node.shape:
        node = _source(trace, node)
    return node


def _source(trace: Trace, node: Node) -> Node:
    read = node.arguments.get("input")
    if not isinstance(read, Result):
        raise NoAverageHeadError(
            f"{trace.names[node.index]} ({node.operation}) reads no result of another layer: there "
            "are no maps before the scores."
        )
    return trace.nodes[read.node]


def _hands_on(trace: Trace, node: Node) -> bool:
    if node.operation in _DROPOUT:
        off = node.arguments.get("training", True) is False or node.arguments.get("p", 0.5) == 0
        return bool(off) and isinstance(node.arguments.get("input"), Result)
    return node.operation in _SAME and _source(trace, node).count == node.count


def _averages(trace: Trace, node: Node) -> bool:
    """Whether a node averages whole axes of positions, and nothing else."""
    if node.operation not in ("mean", "adaptive_avg_pool2d", "avg_pool2d"):
        return False
    shape = _source(trace, node).shape
    if node.operation == "mean":
        given = node.arguments.get("dim", node.arguments.get("axis", ()))
        dims = given if isinstance(given, tuple) else (given,)
        return bool(dims) and all(isinstance(axis, int) and axis % len(shape) >= 2 for axis in dims)
    if len(shape) != 4 or prod(node.shape[2:]) != 1:
        return False
    return node.operation == "adaptive_avg_pool2d" or _covers(node, shape)


def _covers(node: Node, shape: tuple[int, ...]) -> bool:
    """Whether the only window of an average pooling is the map itself."""
    size, padding = (_pair(node.arguments.get(name, 0)) for name in ("kernel_size", "padding"))
    plain = padding == (0, 0) and node.arguments.get("divisor_override") is None
    return bool(plain and size == shape[2:])


def _is_linear(trace: Trace, node: Node) -> bool:
    """Whether a node is a linear layer of one vector, also as a 1×1 convolution of one position."""
    if node.operation not in ("linear", "conv2d"):
        return False
    weight = trace.read(node.arguments["weight"]).shape
    one = node.count == weight[0] and _source(trace, node).count == weight[1]
    padding = _pair(node.arguments.get("padding", 0))
    plain = node.operation == "linear" or padding in ((0, 0), ("valid",) * 2, ("same",) * 2)
    return bool(one and plain and prod(weight[2:]) == 1)


def _affine(trace: Trace, node: Node) -> tuple[Floats, Floats]:
    """Weights (K, C) and bias (K,) of a linear layer, in float64."""
    weight = np.asarray(trace.read(node.arguments["weight"]), np.float64)
    given = node.arguments.get("bias")
    bias = np.zeros(len(weight)) if given is None else np.asarray(trace.read(given), np.float64)
    return weight.reshape(weight.shape[:2]), bias


def _pair(value: Any) -> tuple[Any, ...]:
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    return values * 2 if len(values) == 1 else values
