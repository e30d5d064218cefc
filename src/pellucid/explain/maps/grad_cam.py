"""Grad-CAM: maps of any layer, weighed by how fast the score rises with their means."""

from math import prod

import numpy as np

from pellucid.capture import Graph
from pellucid.errors import UsageError
from pellucid.explain.maps.head import origin
from pellucid.explain.maps.question import Question, Which, question
from pellucid.explain.maps.result import ClassMap, class_map
from pellucid.explain.trace import Trace


def grad_cam(
    trace: Trace,
    target: Which | None = None,
    against: Which | None = None,
    *,
    layer: int | str | None = None,
    rectify: bool = False,
) -> ClassMap:
    """Where a layer's maps speak for a class (Selvaraju 2017, section 3).

        L(y, x) = Σ_c α_c · A_c(y, x),  α_c = mean over y, x of ∂score / ∂A_c(y, x)

    for the maps A_c of one layer. After a head that averages these maps it is the class
    activation map divided by H'·W'; elsewhere it is an approximation, and its values add up to
    nothing. Signed, unlike the paper's, which drops what speaks against the class.

    Args:
        trace: of one picture.
        target: class, by number or name; by default the one with the highest score.
        against: the class to compare with: the score is then the difference of the two.
        layer: whose maps, by name or index; by default the last node before the scores with more
            than one position.
        rectify: negative values become 0, as in the paper (equation 2).

    Raises:
        UsageError: no such class or layer, no maps there, or the score does not follow from them.

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.ReLU(),
    ...     torch.nn.Flatten(), torch.nn.Linear(8, 3))
    >>> grad_cam(trace_network(network, torch.ones(1, 1, 2, 2))).layers
    ('1',)
    """
    asked = question(trace, target, against)
    chosen = _last_maps(asked) if layer is None else _named(asked, layer)
    maps = trace.value(trace.nodes[chosen])[0].astype(np.float64)
    slopes = asked.slopes(asked.input, chosen)[1][0]
    values = np.tensordot(slopes.mean((1, 2)), maps, axes=1)
    if rectify:
        values = np.maximum(values, 0)
    return class_map(
        asked, "grad-cam", values, _words(asked, chosen, layer is None), layers=(chosen,)
    )


def _last_maps(asked: Question) -> int:
    """The last node that the scores come from with more than one position."""
    nodes = asked.trace.nodes
    sources = ancestors(asked.trace.graph, asked.scores)
    found = [
        index
        for index in sources
        if index > asked.shift and len(nodes[index].shape) == 4 and prod(nodes[index].shape[2:]) > 1
    ]
    if not found:
        raise UsageError(
            f"{asked.trace.graph.network} has no layer with maps 1×C×H×W of more than one position "
            "before its scores, which Grad-CAM needs: choose occlusion, gradient or integrated."
        )
    return origin(asked.trace, nodes[max(found)]).index


def _named(asked: Question, layer: int | str) -> int:
    node = asked.trace.node(layer)
    if len(node.shape) != 4 or prod(node.shape[2:]) == 1:
        found = "×".join(map(str, node.shape))
        raise UsageError(
            f"expected a layer with maps 1×C×H×W of more than one position, found "
            f"{asked.trace.names[node.index]} with {found}."
        )
    return node.index


def ancestors(graph: Graph, node: int) -> set[int]:
    """The nodes that a node's result comes from, itself included."""
    found = {node}
    for each in reversed(graph.nodes[: node + 1]):
        if each.index in found:
            found.update(each.inputs)
    return found


def _words(asked: Question, layer: int, by_rule: bool) -> str:
    node = asked.trace.nodes[layer]
    size = "×".join(map(str, node.shape[1:]))
    why = ", the last before the scores with more than one position" if by_rule else ""
    return (
        f"Grad-CAM for {asked.title}: the maps of {asked.trace.names[layer]} ({size}{why}), each "
        "weighed by the mean of the score's derivative. An approximation: it adds up to nothing."
    )
