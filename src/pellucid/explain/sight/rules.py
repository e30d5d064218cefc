"""Which positions each operation reads: the table of all rules."""

from pellucid.capture import Graph, Node
from pellucid.capture.call import Call
from pellucid.errors import UsageError
from pellucid.explain.sight.joining import JOINING
from pellucid.explain.sight.mixing import MIXING
from pellucid.explain.sight.moves import move, mover_of
from pellucid.explain.sight.reads import Rule, Source, elementwise
from pellucid.explain.sight.sliding import SLIDING


def links(graph: Graph, node: Node) -> tuple[Source, ...]:
    """What a node reads: for every argument that is a result, the node and how it is read.

    Raises:
        UsageError: nothing is known of the operation, or of this use of it.
    """
    if not node.inputs:
        return ()
    call = Call(graph, node)
    mover = mover_of(call)
    if node.operation == "item" and mover is None:  # what its node was made for
        call = Call(graph, graph.nodes[node.inputs[0]])
        mover = mover_of(call)
    rule = _RULES.get(call.node.operation)
    try:
        if rule is None and mover is not None:
            return tuple(move(call, mover))
        if rule is None or call.node.shape != node.shape:
            raise LookupError
        return tuple(rule(call))
    except (LookupError, TypeError) as error:
        where = f" in {node.module}" if node.module else ""
        raise UsageError(
            f"which positions '{call.node.operation}'{where} reads is not known, so what lies "
            "behind it cannot be followed."
        ) from error


def read_by(graph: Graph, node: Node) -> tuple[int, ...]:
    """The nodes that the links of a node lead to.

    One of several results (``item``) is linked to what the node that makes them all reads.
    """
    return graph.nodes[node.inputs[0]].inputs if node.operation == "item" else node.inputs


#: Value by value.
_ELEMENTWISE = {
    "add", "sub", "rsub", "mul", "div", "rdiv", "pow", "rpow", "neg", "abs", "exp", "log", "sqrt",
    "rsqrt", "square", "reciprocal", "clamp", "maximum", "minimum", "relu", "relu6", "prelu",
    "leaky_relu", "elu", "selu", "celu", "gelu", "sigmoid", "logsigmoid", "hardsigmoid", "tanh",
    "hardtanh", "silu", "mish", "hardswish", "softplus", "softsign", "hardshrink", "threshold",
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout",
    "feature_alpha_dropout", "contiguous", "clone", "detach", "to", "type", "float", "half",
    "bfloat16", "double", "sin", "cos", "erf", "where", "lerp", "normalise",
}  # fmt: skip
_RULES: dict[str, Rule] = {
    **dict.fromkeys(_ELEMENTWISE, elementwise),
    **SLIDING,
    **MIXING,
    **JOINING,
}
