"""Average first, then multiply."""

from dataclasses import replace

from pellucid.inference.plan.graph import Graph, Node


def average_first(graph: Graph) -> Graph:
    """Take the mean of the maps before a 1×1 convolution in place of after it.

    A head of one map a class with global average pooling makes K·C·H·W products. Both operations
    are linear and the one acts on channels, the other on positions, so they commute: the mean of
    each of the C maps first leaves K·C products.

    Exact (up to rounding) where nothing stands between the two, the convolution has neither
    padding nor stride, and nothing else reads its maps.

    Source: Lin et al. 2013, Network in network, section 3.2 (the head); linearity.
    """
    for mean in graph.nodes:
        conv = graph.makers.get(mean.inputs[0]) if _is_mean(graph, mean) else None
        if conv is not None and _is_plain(graph, conv):
            return average_first(_swapped(graph, conv, mean))
    return graph


def _swapped(graph: Graph, conv: Node, mean: Node) -> Graph:
    averaged = f"{conv.output}/averaged"
    kept = {**mean.attributes, "keepdims": 1} if mean.op == "ReduceMean" else mean.attributes
    before = Node(mean.op, (conv.inputs[0], *mean.inputs[1:]), (averaged,), kept)
    after = replace(conv, inputs=(averaged, *conv.inputs[1:]))
    if mean.op != "ReduceMean" or mean.attributes.get("keepdims", 1):
        return graph.changed([conv, mean], [before, replace(after, outputs=mean.outputs)])
    # (N, K, 1, 1) to (N, K): the axes of the mean go
    flat = Node("Squeeze", (conv.output, mean.inputs[1]), mean.outputs)
    return graph.changed([conv, mean], [before, after, flat])


def _is_mean(graph: Graph, node: Node) -> bool:
    if node.op == "GlobalAveragePool":
        return True
    if node.op != "ReduceMean" or len(node.inputs) < 2 or node.inputs[1] not in graph.weights:
        return False
    return sorted(int(axis) % 4 for axis in graph.weights[node.inputs[1]]) == [2, 3]


def _is_plain(graph: Graph, conv: Node) -> bool:
    filters = graph.weights.get(conv.inputs[1]) if conv.op == "Conv" else None
    return (
        filters is not None
        and filters.shape[2:] == (1, 1)
        and conv.attributes.get("group", 1) == 1
        and not any(conv.attributes.get("pads", ()))
        and set(conv.attributes.get("strides", (1,))) == {1}
        and graph.only_user(conv.output) is not None
    )
