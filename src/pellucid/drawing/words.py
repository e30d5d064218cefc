"""What stands in a box: the operation in a few words, the shape of its result, a count."""

from typing import Any

from pellucid.capture import Constant, Node, Stored
from pellucid.capture.graph import Shape

_NAMES = {
    "cat": "concatenate",
    "mul": "multiply",
    "sub": "subtract",
    "div": "divide",
    "matmul": "matrix product",
    "bmm": "matrix product",
    "mm": "matrix product",
    "local_response_norm": "response norm",
    "scaled_dot_product_attention": "attention",
    "getitem": "part",
    "item": "part",
    "batch_norm": "batch norm",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "gelu": "GELU",
    "silu": "SiLU",
    "lstm": "LSTM",
    "gru": "GRU",
}
#: Suffixes of numbers, each a thousand times the one before.
_THOUSANDS = ("", "K", "M", "G", "T")


def title(node: Node, read: Shape) -> str:
    """An operation in a few words: ``conv 3×3 /2``, ``max pool 2×2 /2``.

    Args:
        node: the call.
        read: shape of what it reads first.
    """
    operation, given = node.operation, node.arguments
    if operation.startswith("conv") and operation[-1] == "d":
        return _convolution(node, read)
    if operation.startswith("adaptive_"):
        kind = "average" if "avg" in operation else "maximum"
        axes = node.shape[2:]
        return f"global {kind}" if set(axes) == {1} else f"{kind} to {_times(axes)}"
    if operation.startswith(("max_pool", "avg_pool")):
        kernel = _spread(given.get("kernel_size"), int(operation[-2]))
        stride = _spread(given.get("stride") or kernel, len(kernel))
        return f"{operation[:3]} pool {_times(kernel)}{_stride(stride)}"
    if operation == "mean" and len(read) > 2 and len(node.shape) == 2:
        return "global average"
    return name(operation)


def name(operation: str) -> str:
    """An operation's name as people say it.

    >>> name("cat"), name("log_softmax")
    ('concatenate', 'log softmax')
    """
    return _NAMES.get(operation, operation.replace("_", " ").strip())


def sizes(shape: Shape) -> str:
    """The shape of a result without its batch.

    >>> sizes((1, 64, 56, 56)), sizes((1, 1000)), sizes((8,))
    ('64×56×56', '1,000', '8')
    """
    inner = shape[1:] if len(shape) > 1 else shape
    return f"{inner[0]:,}" if len(inner) == 1 else _times(inner)


def short(number: float) -> str:
    """A count in three digits.

    >>> [short(n) for n in (0, 54, 9472, 163_696, 118_013_952, 1_582_671_872)]
    ['0', '54', '9.47K', '164K', '118M', '1.58G']
    """
    for suffix in _THOUSANDS:
        if number < 999.5 or suffix == _THOUSANDS[-1]:
            break
        number /= 1000
    return f"{number:.3g}{suffix}"


def _convolution(node: Node, read: Shape) -> str:
    given = node.arguments
    axes = int(node.operation[-2])
    weight = given.get("weight")
    kernel = weight.shape[2:] if isinstance(weight, Stored | Constant) else ()
    groups = given.get("groups", 1)
    transposed = "transposed " if "transpose" in node.operation else ""
    deep = "depthwise" if groups > 1 and groups == _channels(read, axes) else f"{transposed}conv"
    words = [deep, _times(kernel)] if kernel else [deep]
    stride = _stride(_spread(given.get("stride", 1), axes))
    text = " ".join(words) + stride
    dilation = _spread(given.get("dilation", 1), axes)
    if set(dilation) != {1}:
        text += f" dilated {_times(dilation)}"
    if groups > 1 and deep != "depthwise":
        text += f", {groups} groups"
    return text


def _channels(read: Shape, axes: int) -> int:
    return read[-axes - 1] if len(read) > axes else 0


def _stride(stride: Shape) -> str:
    if set(stride) == {1}:
        return ""
    return f" /{stride[0]}" if len(set(stride)) == 1 else f" /{_times(stride)}"


def _spread(value: Any, axes: int) -> Shape:
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    return values * axes if len(values) == 1 else values


def _times(numbers: Shape) -> str:
    return "×".join(map(str, numbers))
