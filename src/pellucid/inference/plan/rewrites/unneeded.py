"""Leave out what a prediction does not need."""

from dataclasses import replace

from pellucid.inference.plan.graph import Graph


def drop_unneeded(graph: Graph) -> Graph:
    """Leave out dropout and copies; what only other outputs need is gone with them.

    Auxiliary heads of a training form are further outputs: they go where a graph is read with the
    scores alone (:func:`pellucid.inference.plan.graph.from_onnx`).

    Exact: always. In a prediction dropout passes its input on (Srivastava et al. 2014, section 4:
    scaled while training), and so does ``Identity``.

    >>> from pellucid.inference.plan.graph import Node, Value
    >>> nodes = (Node("Relu", ("x",), ("a",)), Node("Dropout", ("a",), ("b",)),
    ...          Node("Relu", ("b",), ("y",)))
    >>> value = lambda name: Value(name, 1, (1,))
    >>> rewritten = drop_unneeded(Graph(nodes, {}, (value("x"),), (value("y"),), 20))
    >>> [(node.op, node.inputs) for node in rewritten.nodes]
    [('Relu', ('x',)), ('Relu', ('a',))]
    """
    returned = {value.name for value in graph.outputs}
    passing = [
        node
        for node in graph.nodes
        if node.op in ("Identity", "Dropout")
        and returned.isdisjoint(node.outputs)
        # its mask is not read
        and not any(graph.users.get(name) for name in node.outputs[1:])
    ]
    if not passing:
        return graph
    source: dict[str, str] = {}
    for node in passing:  # in order, so that chains lead to their beginning
        source[node.output] = source.get(node.inputs[0], node.inputs[0])
    reading = [node for node in graph.nodes if any(name in source for name in node.inputs)]
    moved = [
        replace(node, inputs=tuple(source.get(name, name) for name in node.inputs))
        for node in reading
        if node not in passing
    ]
    return graph.changed(drop=[*passing, *reading], add=moved)
