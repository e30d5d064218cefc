"""Which positions each operation reads: one rule a kind of operation."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

import numpy as np

from pellucid.capture import Graph, Node, Result
from pellucid.capture.call import Call, spread
from pellucid.errors import UsageError
from pellucid.explain.sight.links import (
    SAME,
    AllOf,
    Along,
    Link,
    Mask,
    Readers,
    Separable,
    Shape,
    pairs,
)
from pellucid.explain.sight.moves import MOVES, move, overwrite
from pellucid.explain.sight.resizing import resized
from pellucid.geometry import Axis

#: A node that is read, and how.
Source = tuple[int, Link]
Rule = Callable[[Call], Iterator[Source]]


def links(graph: Graph, node: Node) -> tuple[Source, ...]:
    """What a node reads: for every argument that is a result, the node and how it is read.

    Raises:
        UsageError: nothing is known of the operation, or of this use of it.
    """
    if not node.inputs:
        return ()
    call, place = Call(graph, node), 0
    if node.operation == "item":
        call, place = Call(graph, graph.nodes[node.inputs[0]]), node.arguments["index"]
    if call.node.operation in MOVES:
        return ((call.node.inputs[0], move(call, place)),)
    rule = _RULES.get(call.node.operation)
    try:
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


def _separable(call: Call, source: int, along: dict[int, Along | AllOf]) -> Source:
    """A link along the last axes of an argument that has as many as the result.

    Args:
        call: of the node.
        source: the node that is read.
        along: by axis, counted from the end (−1 is the last); the others are the same.
    """
    shape, result = call.graph.nodes[source].shape, call.node.shape
    if len(shape) != len(result):
        raise LookupError
    steps = [along.get(axis - len(shape), SAME) for axis in range(len(shape))]
    return source, Separable(shape, result, steps, shape, result)


def _elementwise(call: Call) -> Iterator[Source]:
    """Value by value; an argument with fewer positions is spread out over the others."""
    for source in call.node.inputs:
        yield source, spread_out(call.graph.nodes[source].shape, call.node.shape)


def spread_out(shape: Shape, result: Shape) -> Separable:
    """Broadcasting: axes of length 1, and those that are missing in front, are repeated."""
    if len(shape) > len(result):
        raise LookupError
    padded = (1,) * (len(result) - len(shape)) + shape
    along = [SAME if n == m else AllOf() for n, m in zip(padded, result, strict=True)]
    return Separable(padded, result, along, shape, result)


def _convolution(call: Call) -> Iterator[Source]:
    axes = call.axes
    window = call.transposed_window() if call.transposed else call.window()
    groups = call.get("groups", 1)
    channels, filters = call.shape("input")[-axes - 1], call.node.shape[-axes - 1]
    along = _by_axis(window.axes)
    along[-axes - 1] = AllOf() if groups == 1 else _blocks(groups, filters, channels)
    yield _separable(call, _input(call), along)


def _input(call: Call) -> int:
    """The node that is the first argument.

    Raises:
        LookupError: it is none.
    """
    reference = call.node.arguments["input"]
    if not isinstance(reference, Result):
        raise LookupError
    return reference.node


def _blocks(groups: int, outputs: int, inputs: int) -> Mask:
    one = np.ones((outputs // groups, inputs // groups), np.bool_)
    found: Mask = np.kron(np.eye(groups, dtype=np.bool_), one)
    return found


def _pooling(call: Call) -> Iterator[Source]:
    yield _separable(call, _input(call), _by_axis(call.window().axes))


def _adaptive(call: Call) -> Iterator[Source]:
    yield _separable(call, _input(call), _by_axis(call.adaptive_axes()))


def _by_axis(axes: Sequence[Readers]) -> dict[int, Along | AllOf]:
    """What feeds what along the last axes."""
    return {place - len(axes): pairs(axis) for place, axis in enumerate(axes)}


def _interpolated(call: Call) -> Iterator[Source]:
    yield _separable(call, _input(call), dict(resized(call)))


def _linear(call: Call) -> Iterator[Source]:
    yield _separable(call, _input(call), {-1: AllOf()})


def _along_dims(call: Call) -> Iterator[Source]:
    """All positions of some axes together, each result as long as the argument: softmax."""
    ndim = len(call.node.shape)
    dims = call.get("dim", -1)
    chosen = dims if isinstance(dims, tuple) else (range(ndim)[dims],)
    yield _separable(call, _input(call), {range(ndim)[dim] - ndim: AllOf() for dim in chosen})


def _reduced(call: Call) -> Iterator[Source]:
    """A mean, sum or maximum over some axes."""
    shape = call.shape("input")
    if isinstance(call.get("dim"), Result) or "other" in call.node.arguments:  # of two tensors
        yield from _elementwise(call)
        return
    dims = call.get("dim")
    dims = tuple(range(len(shape))) if dims in (None, ()) else dims
    gone = {range(len(shape))[dim] for dim in (dims if isinstance(dims, tuple) else (dims,))}
    kept = tuple(1 if axis in gone else length for axis, length in enumerate(shape))
    if prod(kept) != call.node.count:
        raise LookupError
    along = [AllOf() if axis in gone else SAME for axis in range(len(shape))]
    source = _input(call)
    yield source, Separable(shape, kept, along, shape, call.node.shape)


def _layer_norm(call: Call) -> Iterator[Source]:
    over = spread(call.get("normalized_shape"), 1)
    yield _separable(call, _input(call), {axis: AllOf() for axis in range(-len(over), 0)})


def _group_norm(call: Call) -> Iterator[Source]:
    shape, groups = call.node.shape, call.get("num_groups")
    along: dict[int, Along | AllOf] = {axis: AllOf() for axis in range(2 - len(shape), 0)}
    along[1 - len(shape)] = _blocks(groups, shape[1], shape[1])
    yield _separable(call, _input(call), along)


def _instance_norm(call: Call) -> Iterator[Source]:
    if not call.get("use_input_stats", True):
        yield from _elementwise(call)
        return
    axes = range(2 - len(call.node.shape), 0)
    yield _separable(call, _input(call), {axis: AllOf() for axis in axes})


def _batch_norm(call: Call) -> Iterator[Source]:
    """With stored figures value by value; else over all values of a channel."""
    ndim = len(call.node.shape)
    axes = [axis - ndim for axis in range(ndim) if axis != 1] if call.get("training") else []
    yield _separable(call, _input(call), {axis: AllOf() for axis in axes})


def _local_response_norm(call: Call) -> Iterator[Source]:
    channels, size = call.node.shape[1], call.get("size")
    axis = Axis(channels, size, before=size // 2, after=(size - 1) // 2)
    yield _separable(call, _input(call), {1 - len(call.node.shape): pairs(axis)})


def _cat(call: Call) -> Iterator[Source]:
    shape = call.node.shape
    axis = range(len(shape))[call.get("dim", 0)]
    start = 0
    for reference in call.get("tensors"):
        length = call.shape_of(reference)[axis]
        if isinstance(reference, Result):
            place = np.eye(shape[axis], length, -start, dtype=np.bool_)
            yield _separable(call, reference.node, {axis - len(shape): place})
        start += length


def _stack(call: Call) -> Iterator[Source]:
    result = call.node.shape
    axis = range(len(result))[call.get("dim", 0)]
    for place, reference in enumerate(call.get("tensors")):
        if isinstance(reference, Result):
            shape = call.shape_of(reference)
            along: list[Along | AllOf] = [SAME] * len(result)
            along[axis] = np.eye(result[axis], 1, -place, dtype=np.bool_)
            spaced = (*shape[:axis], 1, *shape[axis:])
            yield reference.node, Separable(spaced, result, along, shape, result)


def _product(call: Call) -> Iterator[Source]:
    """Matrix products (…, n, k) × (…, k, m): a row of the one and a column of the other."""
    left, right = list(call.node.arguments)[:2]
    for name, keeps in ((left, -2), (right, -1)):
        reference = call.node.arguments[name]
        if not isinstance(reference, Result):
            continue
        shape = call.shape_of(reference)
        if len(shape) < 2 or len(call.node.shape) < 2:
            raise LookupError
        lead = spread_out(shape[:-2], call.node.shape[:-2])
        kept = [SAME, AllOf()] if keeps == -2 else [AllOf(), SAME]
        padded = (*lead.inputs, *shape[-2:])
        yield (
            reference.node,
            Separable(padded, call.node.shape, [*lead.along, *kept], shape, call.node.shape),
        )


def _attention(call: Call) -> Iterator[Source]:
    """Each output place reads its query, every key and every value."""
    if call.get("is_causal") or call.get("attn_mask") is not None:
        raise LookupError
    for name in ("query", "key", "value"):
        reference = call.node.arguments[name]
        if isinstance(reference, Result):
            along: dict[int, Along | AllOf] = {-1: AllOf()} if name == "query" else {-2: AllOf()}
            if name == "key":
                along[-1] = AllOf()
            yield _separable(call, reference.node, along)


def _setitem(call: Call) -> Iterator[Source]:
    for name, link in overwrite(call):
        reference = call.node.arguments[name]
        if isinstance(reference, Result):
            yield reference.node, link


def _rewritten(call: Call) -> Iterator[Source]:
    """A tensor that another of the same shape was a view of: it now holds what that holds."""
    written = call.node.arguments["written"]
    if not isinstance(written, Result) or call.shape_of(written) != call.node.shape:
        raise LookupError
    yield written.node, spread_out(call.node.shape, call.node.shape)


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
    **dict.fromkeys(_ELEMENTWISE, _elementwise),
    **dict.fromkeys((f"conv{axes}d" for axes in (1, 2, 3)), _convolution),
    **dict.fromkeys((f"conv_transpose{axes}d" for axes in (1, 2, 3)), _convolution),
    **{f"{kind}_pool{axes}d": _pooling for kind in ("max", "avg", "lp") for axes in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{axes}d": _adaptive for kind in ("max", "avg") for axes in (1, 2, 3)},
    **dict.fromkeys(("interpolate", "upsample"), _interpolated),
    "linear": _linear,
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), _along_dims),
    **dict.fromkeys(
        ("mean", "sum", "amax", "amin", "max", "min", "prod", "var", "std", "logsumexp"), _reduced
    ),
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "instance_norm": _instance_norm,
    "batch_norm": _batch_norm,
    "local_response_norm": _local_response_norm,
    "cat": _cat,
    "stack": _stack,
    **dict.fromkeys(("matmul", "mm", "bmm"), _product),
    "scaled_dot_product_attention": _attention,
    "setitem": _setitem,
    "rewritten": _rewritten,
}
