"""Shapes of results without asking torch.

Torch can do the same on meta tensors, but loads its compiler for it, which takes longer than
everything else here. What has no rule here, or does not fit the rule, is left to torch: so its
messages about wrong shapes are torch's.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import torch
from torch import Tensor

from pellucid.capture.graph import Shape
from pellucid.errors import UsageError
from pellucid.geometry import transposed_window, window

Arguments = Mapping[str, Any]
_Rule = Callable[[Arguments], Shape | None]


def shape_of(operation: str, arguments: Arguments, tensors: list[Tensor]) -> Shape | None:
    """The shape of a call's result, or None where torch must be asked.

    Args:
        operation: the function's name.
        arguments: by name.
        tensors: all tensors in them.
    """
    rule = _RULES.get(operation)
    first = tensors[0]
    if (
        rule is None
        or arguments.get("out") is not None
        or arguments.get("dtype") is not None
        or not first.dtype.is_floating_point
        or any(other.dtype != first.dtype for other in tensors)
        or torch.is_autocast_enabled("cpu")
    ):
        return None
    try:
        return rule(arguments)
    except (UsageError, KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None  # torch says what is wrong


def _convolution(axes: int) -> _Rule:
    def rule(arguments: Arguments) -> Shape | None:
        image, weight, bias = _layer(arguments, axes)
        slid = window(
            image[2:],
            weight[2:],
            stride=arguments.get("stride", 1),
            dilation=arguments.get("dilation", 1),
            padding=_spread(arguments.get("padding", 0), axes),
        )
        groups = arguments.get("groups", 1)
        fits = image[1] == weight[1] * groups and bias in (None, (weight[0],))
        return (image[0], weight[0], *slid.output_shape) if fits and _some(slid) else None

    return rule


def _transposed(axes: int) -> _Rule:
    def rule(arguments: Arguments) -> Shape | None:
        image, weight, bias = _layer(arguments, axes)
        slid = transposed_window(
            image[2:],
            weight[2:],
            stride=arguments.get("stride", 1),
            dilation=arguments.get("dilation", 1),
            padding=_spread(arguments.get("padding", 0), axes),
            extra=arguments.get("output_padding", 0),
        )
        filters = weight[1] * arguments.get("groups", 1)
        fits = image[1] == weight[0] and bias in (None, (filters,))
        return (image[0], filters, *slid.output_shape) if fits and _some(slid) else None

    return rule


def _layer(arguments: Arguments, axes: int) -> tuple[Shape, Shape, Shape | None]:
    image, weight, bias = (arguments.get(name) for name in ("input", "weight", "bias"))
    assert isinstance(image, Tensor) and isinstance(weight, Tensor)
    if not image.ndim == weight.ndim == axes + 2:
        raise UsageError("not one batch of images")
    return tuple(image.shape), tuple(weight.shape), None if bias is None else tuple(bias.shape)


def _pooling(axes: int) -> _Rule:
    def rule(arguments: Arguments) -> Shape | None:
        shape = arguments["input"].shape
        if len(shape) != axes + 2 or arguments.get("return_indices"):
            return None
        kernel = _spread(arguments["kernel_size"], axes)
        padding = _spread(arguments.get("padding", 0), axes)
        if any(2 * cells > taps for cells, taps in zip(padding, kernel, strict=True)):
            return None
        slid = window(
            shape[2:],
            kernel,
            stride=arguments.get("stride") or kernel,
            dilation=arguments.get("dilation", 1),
            padding=padding,
            ceil=arguments.get("ceil_mode", False),
        )
        return (*shape[:2], *slid.output_shape) if _some(slid) else None

    return rule


def _adaptive(axes: int) -> _Rule:
    def rule(arguments: Arguments) -> Shape | None:
        shape = arguments["input"].shape
        if len(shape) != axes + 2 or arguments.get("return_indices"):
            return None
        wanted = _spread(arguments["output_size"], axes)
        lengths = zip(shape[2:], wanted, strict=True)
        return (*shape[:2], *(n if many is None else many for n, many in lengths))

    return rule


def _same(arguments: Arguments) -> Shape | None:
    return tuple(arguments["input"].shape)


def _batch_norm(arguments: Arguments) -> Shape | None:
    shape = arguments["input"].shape
    sizes = [arguments.get(name) for name in ("running_mean", "running_var", "weight", "bias")]
    fits = all(each is None or each.shape == shape[1:2] for each in sizes)
    return tuple(shape) if fits and not arguments.get("training") else None


def _linear(arguments: Arguments) -> Shape | None:
    shape, weight, bias = (arguments.get(name) for name in ("input", "weight", "bias"))
    assert isinstance(shape, Tensor) and isinstance(weight, Tensor)
    fits = weight.ndim == 2 and shape.shape[-1] == weight.shape[1]
    fits = fits and (bias is None or bias.shape == weight.shape[:1])
    return (*shape.shape[:-1], weight.shape[0]) if fits else None


def _cat(arguments: Arguments) -> Shape | None:
    shapes = [tuple(tensor.shape) for tensor in arguments["tensors"]]
    axis = range(len(shapes[0]))[arguments.get("dim", 0)]
    around = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(around) > 1:
        return None
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])


def _broadcast(arguments: Arguments) -> Shape | None:
    both = [arguments["input"], arguments["other"]]
    shapes = [tuple(each.shape) for each in both if isinstance(each, Tensor)]
    plain = [each for each in both if not isinstance(each, Tensor)]
    if arguments.get("rounding_mode") is not None or not all(
        isinstance(each, int | float) for each in plain
    ):
        return None
    ndim = max(map(len, shapes))
    padded = [(1,) * (ndim - len(shape)) + shape for shape in shapes]
    sizes = [{size for size in column if size != 1} for column in zip(*padded, strict=True)]
    return None if any(len(size) > 1 for size in sizes) else tuple(max(s, default=1) for s in sizes)


def _bmm(arguments: Arguments) -> Shape | None:
    (b, n, k), (other, inner, m) = arguments["input"].shape, arguments["other"].shape
    return (b, n, m) if (b, k) == (other, inner) else None


def _unfold(arguments: Arguments) -> Shape | None:
    shape = arguments["input"].shape
    slid = window(
        shape[2:],
        _spread(arguments["kernel_size"], 2),
        stride=_spread(arguments.get("stride", 1), 2),
        dilation=_spread(arguments.get("dilation", 1), 2),
        padding=_spread(arguments.get("padding", 0), 2),
    )
    patch = shape[1] * prod(slid.kernel_shape)
    return (shape[0], patch, prod(slid.output_shape)) if _some(slid) else None


def _mean(arguments: Arguments) -> Shape | None:
    shape, over = arguments["input"].shape, arguments.get("dim")
    if over is None:
        return () if not arguments.get("keepdim") else None
    gone = {
        range(len(shape))[axis] for axis in (over if isinstance(over, tuple | list) else [over])
    }
    if arguments.get("keepdim"):
        return tuple(1 if axis in gone else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in gone)


def _spread(value: Any, axes: int) -> Any:
    """One entry an axis, as torch takes it: also ``[3]`` for all axes."""
    if isinstance(value, str):
        return value
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    return values * axes if len(values) == 1 else values


def _some(slid: Any) -> bool:
    return all(slid.output_shape)


_VALUE_BY_VALUE = {
    "relu", "relu6", "sigmoid", "tanh", "silu", "gelu", "elu", "leaky_relu", "hardswish",
    "hardsigmoid", "hardtanh", "softmax", "log_softmax", "softplus", "local_response_norm",
    "exp", "sqrt", "neg", "abs", "square",
}  # fmt: skip
_RULES: dict[str, _Rule] = {
    **{f"conv{axes}d": _convolution(axes) for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": _transposed(axes) for axes in (1, 2, 3)},
    **{f"max_pool{axes}d": _pooling(axes) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _pooling(axes) for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": _adaptive(axes) for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": _adaptive(axes) for axes in (1, 2, 3)},
    **dict.fromkeys(("add", "sub", "mul", "div", "rsub", "rdiv", "pow"), _broadcast),
    **dict.fromkeys(_VALUE_BY_VALUE, _same),
    "batch_norm": _batch_norm,
    "linear": _linear,
    "cat": _cat,
    "bmm": _bmm,
    "unfold": _unfold,
    "mean": _mean,
}
