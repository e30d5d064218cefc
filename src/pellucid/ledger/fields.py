"""Receptive fields through a graph: which cells of the input each result can see."""

from collections.abc import Sequence

from pellucid.capture import Graph
from pellucid.capture.call import Call
from pellucid.errors import UsageError
from pellucid.geometry import ReceptiveField
from pellucid.geometry.receptive import HasField
from pellucid.ledger.moves import MOVES, Rule, Seen


def receptive_fields(graph: Graph) -> tuple[Seen | None, ...]:
    """For every node what it sees of the first input; None where that is no sliding window.

    Branches that are added or concatenated are joined. None where, for instance, one branch sees
    everything while another slides (squeeze and excitation), or where a permutation, matrix
    product or unknown operation mixes the positions. Fields are those of (N, C, …) inputs; of
    another order of axes there is none.
    """
    seen: list[Seen | None] = []
    constant: set[int] = set()  # nodes that come of weights alone
    for node in graph.nodes:
        if node.operation == "input":
            first = node.index == graph.inputs[0] and len(node.shape) > 2
            axes = tuple(range(2, len(node.shape)))
            seen.append(Seen((ReceptiveField(),) * len(axes), axes) if first else None)
            continue
        sources = [source for source in node.inputs if source not in constant]
        if not sources:
            constant.add(node.index)
        try:
            seen.append(_follow(Call(graph, node), {each: seen[each] for each in sources}))
        except (LookupError, TypeError, UsageError):
            seen.append(None)
    return tuple(seen)


def _follow(call: Call, sources: dict[int, Seen | None]) -> Seen | None:
    known = {node: source for node, source in sources.items() if source is not None}
    if not known or len(known) < len(sources):
        return None
    rule = _RULES.get(call.node.operation)
    if rule is None:
        return _elementwise(call, known) if call.node.operation in _SLIDING else None
    return rule(call, next(iter(known.values())))


def _elementwise(call: Call, sources: dict[int, Seen]) -> Seen | None:
    """Values of one position from values of the same position."""
    first = next(iter(sources.values()))
    for other, source in sources.items():
        # Only where nothing is spread out by broadcasting do the positions stay apart.
        shape = call.graph.nodes[other].shape
        kept = source.axes == first.axes and len(shape) == len(call.node.shape)
        if not kept or any(shape[axis] != call.node.shape[axis] for axis in first.axes):
            return None
    if call.node.operation in ("cat", "softmax", "log_softmax", "layer_norm"):
        dim = call.get("dim", 0 if call.node.operation == "cat" else -1)
        if dim is None or range(len(call.node.shape))[dim] in first.axes:
            return None
    columns = zip(*(source.fields for source in sources.values()), strict=True)
    return Seen(tuple(column[0].join(*column[1:]) for column in columns), first.axes)


def _sliding(call: Call, seen: Seen) -> Seen | None:
    layers: Sequence[HasField] = (
        call.transposed_window().axes if call.transposed else call.window().axes
    )
    ndim = len(call.node.shape)
    if seen.axes != tuple(range(ndim - len(layers), ndim)):
        return None
    each = zip(seen.fields, layers, strict=True)
    return Seen(tuple(field.through(layer) for field, layer in each), seen.axes)


def _adaptive(call: Call, seen: Seen) -> Seen | None:
    each = zip(seen.fields, call.adaptive_axes(), strict=True)
    return Seen(tuple(field.through(axis) for field, axis in each), seen.axes)


_RULES: dict[str, Rule] = {
    **dict.fromkeys(
        [f"conv{axes}d" for axes in (1, 2, 3)]
        + [f"conv_transpose{axes}d" for axes in (1, 2, 3)]
        + [f"{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)],
        _sliding,
    ),
    **dict.fromkeys(
        [f"adaptive_{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)],
        _adaptive,
    ),
    **MOVES,
}
#: Operations from value to value, and those along channels.
_SLIDING = {
    "add", "sub", "rsub", "mul", "div", "rdiv", "pow", "rpow", "neg", "abs", "exp", "log",
    "sqrt", "rsqrt", "square", "reciprocal", "clamp", "maximum", "minimum", "relu", "relu6",
    "prelu", "leaky_relu", "elu", "selu", "celu", "gelu", "sigmoid", "hardsigmoid", "tanh",
    "hardtanh", "silu", "mish", "hardswish", "softplus", "threshold", "dropout", "dropout2d",
    "dropout3d", "alpha_dropout", "feature_dropout", "batch_norm", "layer_norm", "group_norm",
    "instance_norm", "local_response_norm", "cat", "softmax", "log_softmax", "contiguous",
    "clone", "detach", "to", "float", "half", "bfloat16", "double", "channel_shuffle",
    "rewritten",
}  # fmt: skip
