"""Batch norm as part of the convolution before it."""

from dataclasses import replace
from typing import Any

import numpy as np

from pellucid.inference.plan.graph import Array, Graph, Node

_DEFAULT_EPSILON = 1e-5


def fold_batch_norm(graph: Graph) -> Graph:
    """Fold each batch norm into the convolution before it.

    With the running mean μ and variance σ² a batch norm is γ(x − μ)/√(σ² + ε) + β, one factor
    and one summand a channel, and a convolution is linear: the factor goes into its filters, the
    rest into its bias.

    Exact (up to rounding) where nothing else reads the convolution. Between the two may stand a
    max pooling if all factors are positive: then the largest stays the largest.

    Source: Ioffe and Szegedy 2015, Batch normalization, section 3.1 (inference).
    """
    for node in graph.nodes:
        if node.op == "BatchNormalization" and (folded := _folded(graph, node)) is not None:
            return fold_batch_norm(folded)
    return graph


def _folded(graph: Graph, norm: Node) -> Graph | None:
    factor, summand = _affine(graph, norm)
    before = graph.makers.get(norm.inputs[0])
    pool = before if before is not None and before.op == "MaxPool" else None
    if pool is not None:
        if (factor <= 0).any() or len(pool.outputs) > 1:
            return None
        before = graph.makers.get(pool.inputs[0])
    if before is None or before.op != "Conv" or before.inputs[1] not in graph.weights:
        return None
    between = (before,) if pool is None else (before, pool)
    if any(graph.only_user(node.output) is None for node in between):
        return None
    conv, weights = _scaled(graph, before, factor, summand)
    if pool is None:
        return graph.changed([before, norm], [replace(conv, outputs=(norm.output,))], weights)
    pooled = replace(pool, outputs=(norm.output,))
    return graph.changed([before, pool, norm], [conv, pooled], weights)


def _affine(graph: Graph, norm: Node) -> tuple[Array, Array]:
    """Factor and summand of each channel, float64 (C,)."""
    gamma, beta, mean, variance = (
        graph.weights[name].astype(np.float64) for name in norm.inputs[1:5]
    )
    epsilon = norm.attributes.get("epsilon", _DEFAULT_EPSILON)
    factor = gamma / np.sqrt(variance + epsilon)
    return factor, beta - mean * factor


def _scaled(
    graph: Graph, conv: Node, factor: Array, summand: Array
) -> tuple[Node, dict[str, Array]]:
    """The convolution whose outputs are multiplied and added to, and its weights."""
    old: Any = graph.weights[conv.inputs[1]]  # (K, C, kh, kw)
    bias: Any = graph.weights[conv.inputs[2]] if len(conv.inputs) > 2 else np.zeros(len(old))
    names = (f"{conv.output}/folded", f"{conv.output}/folded bias")
    filters = (old * factor[:, None, None, None]).astype(old.dtype)
    weights = {names[0]: filters, names[1]: (bias * factor + summand).astype(old.dtype)}
    return replace(conv, inputs=(conv.inputs[0], *names)), weights
