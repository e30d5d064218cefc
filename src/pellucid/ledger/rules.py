"""How the work of each operation is counted, by the name of the operation.

An operation without a rule here is unknown: the ledger names it.
"""

from collections.abc import Callable
from math import prod

from pellucid.capture.graph import Shape
from pellucid.geometry import convolution_cost, transposed_cost
from pellucid.ledger.call import Call, spread
from pellucid.ledger.work import Work

Rule = Callable[[Call], Work | None]


def work_of(call: Call) -> Work | None:
    """The work of a node; None of an operation, or a form of it, that is not known."""
    rule = _RULES.get(call.node.operation)
    return None if rule is None else rule(call)


def _convolution(call: Call) -> Work:
    axes, weight = call.axes, call.shape("weight")
    *batch, channels = call.shape("input")[:-axes]
    groups, images = call.get("groups", 1), prod(batch)
    if call.transposed:
        filters, positions = weight[1] * groups, call.shape("input")[-axes:]
        cost = transposed_cost(call.transposed_window(), channels, filters, groups=groups)
        stack = (weight[1], *weight[2:])  # what one input value is multiplied with
        formula = f"{channels} × ({_dots(stack)}) × {_dots(positions)}"
    else:
        filters = weight[0]
        cost = convolution_cost(call.window(), channels, filters, groups=groups)
        formula = f"{filters} × ({_dots(weight[1:])}) × {_dots(call.node.shape[-axes:])}"
    return Work(
        macs=images * cost.macs,
        products=images * cost.products,
        additions=_biases(call),
        formula=_of_images(images, formula),
    )


def _linear(call: Call) -> Work:
    outputs, inputs = call.shape("weight")
    positions = prod(call.shape("input")[:-1])
    return _sums(positions * outputs, inputs, _biases(call), positions, f"{outputs} × {inputs}")


def _product(first: str, *, added: bool) -> Rule:
    """A product of matrices: every value of the result is a sum over the first's last axis."""

    def rule(call: Call) -> Work:
        left, count = call.shape(first), call.node.count
        formula = f"{_dots(call.node.shape) or 1} × {left[-1]}"
        return _sums(count, left[-1], count if added else 0, 1, formula)

    return rule


def _sums(count: int, length: int, additions: int, times: int, formula: str) -> Work:
    macs = count * length
    return Work(macs, macs, additions, formula=_of_images(times, formula))


def _einsum(call: Call) -> Work | None:
    equation, given = call.get("equation"), call.get("operands")
    operands = given if isinstance(given, tuple) else (given,)
    if not isinstance(equation, str) or "." in equation or len(operands) > 2:
        return None  # of three operands, the work depends on the order
    letters, _, result = equation.replace(" ", "").partition("->")
    if "->" not in equation:
        once = sorted(each for each in set(letters) - {","} if letters.count(each) == 1)
        result = "".join(once)
    sizes: dict[str, int] = {}
    for names, operand in zip(letters.split(","), operands, strict=True):
        sizes.update(zip(names, call.shape_of(operand), strict=True))
    work = prod(sizes.values())
    if len(operands) == 1 or not set(sizes) - set(result):
        return Work(operations=work)  # a sum, or products that are not summed
    summed = _dots(tuple(sizes[name] for name in sizes if name not in result))
    return Work(work, work, formula=f"{_dots(call.node.shape) or 1} × {summed}")


def _attention(call: Call) -> Work:
    query, value = call.shape("query"), call.shape("value")
    *batch, rows, width = query
    scores = prod(batch) * rows * value[-2]
    macs = scores * (width + value[-1])
    formula = f"{rows}·{value[-2]} × ({width} + {value[-1]})"
    return Work(macs, macs, operations=3 * scores, formula=_of_images(prod(batch), formula))


def _pooling(call: Call) -> Work:
    return Work(pooling=call.node.count * prod(spread(call.get("kernel_size"), call.axes)))


def _adaptive(call: Call) -> Work:
    # Window i of an axis reaches from floor(i·n/m) to ceil((i + 1)·n/m): PyTorch.
    axes = call.axes
    cells = 1
    for n, m in zip(call.shape("input")[-axes:], call.node.shape[-axes:], strict=True):
        cells *= sum(-(-(i + 1) * n // m) - i * n // m for i in range(m))
    return Work(pooling=prod(call.node.shape[:-axes]) * cells)


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


def _biases(call: Call) -> int:
    return 0 if call.get("bias") is None else call.node.count


def _input_count(call: Call) -> int:
    return prod(call.shape("input"))


def _of_images(count: int, formula: str) -> str:
    return formula if count == 1 else f"{count} × {formula}"


def _dots(numbers: Shape) -> str:
    return "·".join(map(str, numbers))


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
    **dict.fromkeys((f"conv{axes}d" for axes in (1, 2, 3)), _convolution),
    **dict.fromkeys((f"conv_transpose{axes}d" for axes in (1, 2, 3)), _convolution),
    "linear": _linear,
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot"), _product("input", added=False)),
    "addmm": _product("mat1", added=True),
    "baddbmm": _product("batch1", added=True),
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
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
