"""One name for all forms of a torch function, and names for its arguments."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import zip_longest
from typing import Any

#: Other names of an operation.
_SAME = {
    "true_divide": "div",
    "truediv": "div",
    "divide": "div",
    "idiv": "div",
    "itruediv": "div",
    "multiply": "mul",
    "subtract": "sub",
    "concat": "cat",
    "concatenate": "cat",
    "negative": "neg",
    "iadd": "add",
    "isub": "sub",
    "imul": "mul",
    "radd": "add",
    "rmul": "mul",
    "rtruediv": "rdiv",
    "max_pool1d_with_indices": "max_pool1d",
    "max_pool2d_with_indices": "max_pool2d",
    "max_pool3d_with_indices": "max_pool3d",
}

_CONVOLUTION = "input weight bias stride padding dilation groups"
_TRANSPOSED = "input weight bias stride padding output_padding groups dilation"
_AVERAGE = "input kernel_size stride padding ceil_mode count_include_pad divisor_override"
_MAXIMUM = "input kernel_size stride padding dilation ceil_mode return_indices"
_RECURRENT = "input hx params has_biases num_layers dropout train bidirectional batch_first"
#: Names of the arguments of functions that are not written in Python, and so do not say them.
_ARGUMENTS = {
    **{f"conv{axes}d": _CONVOLUTION for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": _TRANSPOSED for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": _AVERAGE for axes in (1, 2, 3)},
    **{f"max_pool{axes}d": _MAXIMUM for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": "input output_size return_indices" for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": "input output_size" for axes in (1, 2, 3)},
    **dict.fromkeys(("add", "sub", "mul", "div", "rsub", "rdiv", "pow"), "input other"),
    **dict.fromkeys(("mean", "sum", "amax", "amin", "max", "min"), "input dim keepdim"),
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), _RECURRENT),
    "linear": "input weight bias",
    "bilinear": "input1 input2 weight bias",
    "cat": "tensors dim",
    "stack": "tensors dim",
    "flatten": "input start_dim end_dim",
    "permute": "input dims",
    "transpose": "input dim0 dim1",
    "view": "input shape",
    "reshape": "input shape",
    "getitem": "input index",
    "setitem": "input index value",
    "chunk": "input chunks dim",
    "matmul": "input other",
    "local_response_norm": "input size alpha beta k",
    "mm": "input other",
    "bmm": "input other",
    "mv": "input other",
    "addmm": "input mat1 mat2",
    "baddbmm": "input batch1 batch2",
    "einsum": "equation operands",
    "gelu": "input approximate",
    "softmax": "input dim",
    "log_softmax": "input dim",
    "pad": "input pad mode value",
    "pixel_shuffle": "input upscale_factor",
    "unbind": "input dim",
    "unsqueeze": "input dim",
    "squeeze": "input dim",
    "narrow": "input dim start length",
    "scaled_dot_product_attention": "query key value attn_mask dropout_p is_causal",
}
#: Arguments that take the rest of the positional ones: ``x.view(2, 3)`` is ``x.view((2, 3))``.
_REST = {"shape", "dims", "operands"}


@cache
def operation_name(function: Callable[..., Any]) -> str:
    """The name of a torch function without the marks of its form.

    >>> import torch
    >>> [operation_name(f) for f in (torch.Tensor.relu_, torch.Tensor.__iadd__, torch.conv2d)]
    ['relu', 'add', 'conv2d']
    """
    name = getattr(function, "__name__", type(function).__name__)
    if name == "__get__":  # a property, such as Tensor.T
        return str(getattr(function, "__self__").__name__)  # noqa: B009
    plain = name.strip("_")
    return _SAME.get(plain, plain)


def named_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by name; what has no known name is ``argument1`` and so on.

    >>> import torch
    >>> named_arguments(torch.flatten, ("x", 1), {"end_dim": -1})
    {'input': 'x', 'start_dim': 1, 'end_dim': -1}
    """
    names = _argument_names(function)
    if names and names[-1] in _REST and len(args) > len(names):
        last = len(names) - 1
        args = (*args[:last], args[last:])
    named = {
        name or f"argument{place}": value
        for place, (value, name) in enumerate(zip_longest(args, names[: len(args)]))
    }
    return {**named, **kwargs}


@cache
def _argument_names(function: Callable[..., Any]) -> tuple[str, ...]:
    listed = _ARGUMENTS.get(operation_name(function))
    if listed is not None:
        return tuple(listed.split())
    code = getattr(function, "__code__", None)
    names = ("input",) if code is None else code.co_varnames[: code.co_argcount]
    return tuple("input" if name == "self" else name for name in names)
