"""How the work of each operation is counted, by the name of the operation.

An operation without a rule here is unknown: the ledger names it.
"""

from math import prod

from pellucid.capture.call import Call, spread
from pellucid.ledger.products import PRODUCTS, Rule
from pellucid.ledger.work import Work


def work_of(call: Call) -> Work | None:
    """The work of a node; None of an operation, or a form of it, that is not known."""
    rule = _RULES.get(call.node.operation)
    return None if rule is None else rule(call)


def _pooling(call: Call) -> Work:
    return Work(pooling=call.node.count * prod(spread(call.get("kernel_size"), call.axes)))


def _adaptive(call: Call) -> Work:
    cells = (sum(len(axis.cells(i)) for i in range(axis.output)) for axis in call.adaptive_axes())
    return Work(pooling=prod(call.node.shape[: -call.axes]) * prod(cells))


def _reduction(call: Call) -> Work:
    return Work(pooling=_input_count(call))


def _variance(call: Call) -> Work:
    return Work(operations=4 * _input_count(call))


def _softmax(call: Call) -> Work:
    return Work(operations=3 * call.node.count)


def _each(call: Call) -> Work:
    return Work(operations=call.node.count)


def _addition(call: Call) -> Work:
    return Work(additions=call.node.count)


def _nothing(call: Call) -> Work:
    return Work()


def _batch_norm(call: Call) -> Work:
    return Work(operations=2 * call.node.count)


def _own_statistics_norm(call: Call) -> Work:
    affine = sum(call.get(name) is not None for name in ("weight", "bias"))
    return Work(operations=(5 + affine) * call.node.count)


def _response_norm(call: Call) -> Work:
    return Work(operations=(call.get("size") + 4) * call.node.count)


def _dropout(call: Call) -> Work:
    return Work(operations=call.node.count if call.get("training", True) else 0)


def _interpolation(call: Call) -> Work | None:
    cells = {"nearest": 0, "nearest-exact": 0, "linear": 2, "bilinear": 4, "trilinear": 8}
    read = {**cells, "bicubic": 16}.get(call.get("mode", "nearest"))
    return None if read is None else Work(operations=2 * read * call.node.count)


def _input_count(call: Call) -> int:
    return prod(call.shape("input"))


#: Value by value.
_EACH = {
    "mul", "div", "rdiv", "pow", "rpow", "neg", "abs", "exp", "log", "sqrt", "rsqrt", "square",
    "reciprocal", "sin", "cos", "clamp", "clip", "clamp_min", "clamp_max", "maximum", "minimum",
    "where", "masked_fill", "eq", "ne", "lt", "le", "gt", "ge", "relu", "relu6", "leaky_relu",
    "prelu", "rrelu", "elu", "selu", "celu", "gelu", "sigmoid", "logsigmoid", "hardsigmoid",
    "tanh", "hardtanh", "silu", "mish", "hardswish", "softplus", "softsign", "threshold",
    "hardshrink", "tanhshrink",
}  # fmt: skip
#: What only moves, joins, cuts or describes tensors.
_MOVING = {
    "input", "stored", "item", "rewritten", "cat", "stack", "flatten", "unflatten", "view",
    "reshape", "permute", "transpose", "swapaxes", "movedim", "t", "T", "mT", "getitem",
    "setitem", "chunk", "split", "tensor_split", "unbind", "narrow", "select", "unfold",
    "squeeze", "unsqueeze", "expand", "expand_as", "repeat", "repeat_interleave", "tile",
    "contiguous", "clone", "detach", "data", "to", "type", "type_as", "float", "half",
    "bfloat16", "double", "view_as", "reshape_as", "pad", "roll", "flip", "copy",
    "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "zeros_like", "ones_like",
    "empty_like", "full_like", "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor",
    "index_select", "gather", "embedding", "requires_grad", "cpu",
}  # fmt: skip
_RULES: dict[str, Rule] = {
    **PRODUCTS,
    **dict.fromkeys(
        (f"{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)), _pooling
    ),
    **dict.fromkeys(
        (f"adaptive_{kind}_pool{axes}d" for kind in ("max", "avg") for axes in (1, 2, 3)),
        _adaptive,
    ),
    **dict.fromkeys(("mean", "sum", "amax", "amin", "max", "min", "argmax", "cumsum"), _reduction),
    **dict.fromkeys(("var", "std", "var_mean", "std_mean"), _variance),
    "batch_norm": _batch_norm,
    **dict.fromkeys(("layer_norm", "group_norm", "instance_norm"), _own_statistics_norm),
    "local_response_norm": _response_norm,
    **dict.fromkeys(("softmax", "log_softmax", "softmin"), _softmax),
    **dict.fromkeys(
        ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout"),
        _dropout,
    ),
    "interpolate": _interpolation,
    **dict.fromkeys(("add", "sub", "rsub"), _addition),
    **dict.fromkeys(_EACH, _each),
    **dict.fromkeys(_MOVING, _nothing),
}
