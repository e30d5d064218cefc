"""Convolutions side by side on one input, as one."""

from dataclasses import replace

import numpy as np

from pellucid.inference.plan.graph import Array, Graph, Node

_SAME = ("pads", "strides", "dilations", "group", "auto_pad")


def merge_siblings(graph: Graph) -> Graph:
    """Compute all 1×1 convolutions that read one value as one wide convolution, and split it.

    In an Inception module the 1×1 branch and the reductions before the 3×3 and the 5×5 kernels
    read the same maps: one product with their filters stacked reads those once, and is large
    enough to keep all cores busy. An activation that all of them have in common comes before the
    split.

    Exact: every output is the same sum.

    Source: Szegedy et al. 2015, figure 2b (the siblings); stacking filters is linear algebra.
    """
    for siblings in _families(graph):
        graph = _merged(graph, siblings)
    return graph


def _families(graph: Graph) -> list[list[Node]]:
    """Convolutions of one input, as many as can be one; two at least."""
    found: dict[tuple[object, ...], list[Node]] = {}
    for node in graph.nodes:
        if node.op == "Conv" and _is_pointwise(graph, node):
            alike = tuple(str(node.attributes.get(name)) for name in _SAME)
            activated = graph.only_user(node.output, "Relu") is not None
            found.setdefault((node.inputs[0], alike, activated), []).append(node)
    return [family for family in found.values() if len(family) > 1]


def _is_pointwise(graph: Graph, conv: Node) -> bool:
    filters = graph.weights.get(conv.inputs[1])
    named = [name for name in conv.inputs[1:] if name]
    return (
        filters is not None
        and filters.shape[2:] == (1, 1)
        and conv.attributes.get("group", 1) == 1
        and all(name in graph.weights for name in named)
    )


def _merged(graph: Graph, siblings: list[Node]) -> Graph:
    first = siblings[0].output
    filters = [graph.weights[node.inputs[1]] for node in siblings]
    sizes = [len(one) for one in filters]
    weights: dict[str, Array] = {
        f"{first}/siblings": np.concatenate(filters),
        f"{first}/siblings bias": np.concatenate(
            [_bias(graph, node, size) for node, size in zip(siblings, sizes, strict=True)]
        ),
        f"{first}/sizes": np.array(sizes, np.int64),
    }
    wide = replace(
        siblings[0],
        inputs=(siblings[0].inputs[0], f"{first}/siblings", f"{first}/siblings bias"),
        outputs=(f"{first}/wide",),
    )
    add, drop, ends = [wide], list(siblings), list(siblings)
    activations = [graph.only_user(node.output, "Relu") for node in siblings]
    if all(activations):
        ends = [node for node in activations if node is not None]
        drop += ends
        add.append(Node("Relu", (wide.output,), (f"{first}/active",)))
    split = Node(
        "Split",
        (add[-1].output, f"{first}/sizes"),
        tuple(node.output for node in ends),
        {"axis": 1},
    )
    return graph.changed(drop, [*add, split], weights)


def _bias(graph: Graph, conv: Node, size: int) -> Array:
    given = len(conv.inputs) > 2 and conv.inputs[2]
    return graph.weights[conv.inputs[2]] if given else np.zeros(size, np.float32)
