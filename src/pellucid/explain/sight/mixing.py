"""What operations read that mix whole axes: sums, norms, softmax, products of matrices."""

from collections.abc import Iterator
from math import prod

from pellucid.capture import Result
from pellucid.capture.call import Call, spread
from pellucid.explain.sight.links import SAME, AllOf, Along, Separable, pairs
from pellucid.explain.sight.reads import (
    Rule,
    Source,
    blocks,
    elementwise,
    input_of,
    separable,
    spread_out,
)
from pellucid.geometry import Axis


def linear(call: Call) -> Iterator[Source]:
    yield separable(call, input_of(call), {-1: AllOf()})


def along_dims(call: Call) -> Iterator[Source]:
    """All positions of some axes together, each result as long as the argument: softmax."""
    ndim = len(call.node.shape)
    dims = call.get("dim", -1)
    chosen = dims if isinstance(dims, tuple) else (range(ndim)[dims],)
    yield separable(call, input_of(call), {range(ndim)[dim] - ndim: AllOf() for dim in chosen})


def reduced(call: Call) -> Iterator[Source]:
    """A mean, sum or maximum over some axes."""
    shape = call.shape("input")
    if isinstance(call.get("dim"), Result) or "other" in call.node.arguments:  # of two tensors
        yield from elementwise(call)
        return
    dims = call.get("dim")
    dims = tuple(range(len(shape))) if dims in (None, ()) else dims
    gone = {range(len(shape))[dim] for dim in (dims if isinstance(dims, tuple) else (dims,))}
    kept = tuple(1 if axis in gone else length for axis, length in enumerate(shape))
    if prod(kept) != call.node.count:
        raise LookupError
    along = [AllOf() if axis in gone else SAME for axis in range(len(shape))]
    source = input_of(call)
    yield source, Separable(shape, kept, along, shape, call.node.shape)


def layer_norm(call: Call) -> Iterator[Source]:
    over = spread(call.get("normalized_shape"), 1)
    yield separable(call, input_of(call), {axis: AllOf() for axis in range(-len(over), 0)})


def group_norm(call: Call) -> Iterator[Source]:
    shape, groups = call.node.shape, call.get("num_groups")
    along: dict[int, Along] = {axis: AllOf() for axis in range(2 - len(shape), 0)}
    along[1 - len(shape)] = blocks(groups, shape[1], shape[1])
    yield separable(call, input_of(call), along)


def instance_norm(call: Call) -> Iterator[Source]:
    if not call.get("use_input_stats", True):
        yield from elementwise(call)
        return
    axes = range(2 - len(call.node.shape), 0)
    yield separable(call, input_of(call), {axis: AllOf() for axis in axes})


def batch_norm(call: Call) -> Iterator[Source]:
    """With stored figures value by value; else over all values of a channel."""
    ndim = len(call.node.shape)
    axes = [axis - ndim for axis in range(ndim) if axis != 1] if call.get("training") else []
    yield separable(call, input_of(call), {axis: AllOf() for axis in axes})


def local_response_norm(call: Call) -> Iterator[Source]:
    channels, size = call.node.shape[1], call.get("size")
    axis = Axis(channels, size, before=size // 2, after=(size - 1) // 2)
    yield separable(call, input_of(call), {1 - len(call.node.shape): pairs(axis)})


def product(call: Call) -> Iterator[Source]:
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


def attention(call: Call) -> Iterator[Source]:
    """Each output place reads its query, every key and every value."""
    if call.get("is_causal") or call.get("attn_mask") is not None:
        raise LookupError
    for name in ("query", "key", "value"):
        reference = call.node.arguments[name]
        if isinstance(reference, Result):
            along: dict[int, Along] = {-1: AllOf()} if name == "query" else {-2: AllOf()}
            if name == "key":
                along[-1] = AllOf()
            yield separable(call, reference.node, along)


MIXING: dict[str, Rule] = {
    "linear": linear,
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), along_dims),
    **dict.fromkeys(
        ("mean", "sum", "amax", "amin", "max", "min", "prod", "var", "std", "logsumexp"), reduced
    ),
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "batch_norm": batch_norm,
    "local_response_norm": local_response_norm,
    **dict.fromkeys(("matmul", "mm", "bmm"), product),
    "scaled_dot_product_attention": attention,
}
