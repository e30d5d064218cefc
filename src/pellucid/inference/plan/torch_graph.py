"""A graph run by torch: so that torch profits from rewrites too, in its channels-last layout."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pellucid.errors import BundleError
from pellucid.inference.plan.graph import Graph, Node

if TYPE_CHECKING:
    from pellucid.images.raw import Pixels

_TYPES = {1: torch.float32, 2: torch.uint8, 7: torch.int64}


class TorchGraphRuntime:
    """The operations that CNNs for prediction are made of, one torch function each.

    Args:
        graph: images (N, H, W, C) uint8 to scores (N, K).

    Raises:
        BundleError: the graph has an operation that is not among them.
    """

    name = "torch"

    def __init__(self, graph: Graph) -> None:
        unknown = sorted({node.op for node in graph.nodes} - set(_RULES))
        if unknown:
            raise BundleError(f"torch has no rule here for the graph's {', '.join(unknown)}.")
        self._graph = graph
        self._weights = {name: _stored(array) for name, array in graph.weights.items()}
        self._last = _last_uses(graph)

    def scores(self, batch: "Pixels") -> NDArray[np.float32]:
        """See :meth:`pellucid.inference.runtime.Runtime.scores`."""
        with torch.inference_mode():
            scores: NDArray[np.float32] = self._run(torch.from_numpy(batch)).numpy()
        return scores

    @contextmanager
    def one_core(self) -> Iterator["TorchGraphRuntime"]:
        """See :meth:`pellucid.inference.runtime.Runtime.one_core`; holds for all of torch."""
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield self
        finally:
            torch.set_num_threads(before)

    def _run(self, images: Tensor) -> Tensor:
        values: dict[str, Any] = {**self._weights, self._graph.inputs[0].name: images, "": None}
        for node, finished in zip(self._graph.nodes, self._last, strict=True):
            results = _RULES[node.op](node, *(values[name] for name in node.inputs))
            several = results if isinstance(results, tuple | list) else (results,)
            values.update(zip(node.outputs, several, strict=True))
            for name in finished:
                del values[name]
        result: Tensor = values[self._graph.outputs[0].name]
        return result


def _stored(array: NDArray[Any]) -> Tensor:
    tensor = torch.from_numpy(np.array(array))
    return tensor.contiguous(memory_format=torch.channels_last) if array.ndim == 4 else tensor


def _last_uses(graph: Graph) -> list[list[str]]:
    """For each node, the values that no later one reads."""
    last = {name: index for index, node in enumerate(graph.nodes) for name in node.inputs if name}
    kept = {value.name for value in graph.outputs}
    finished: list[list[str]] = [[] for _ in graph.nodes]
    for name, index in last.items():
        if name not in kept:
            finished[index].append(name)
    return finished


def _conv(node: Node, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    (top, left, bottom, right) = node.attributes.get("pads", (0, 0, 0, 0))
    padding = (top, left)
    if (top, left) != (bottom, right):
        x, padding = functional.pad(x, (left, right, top, bottom)), (0, 0)
    strides, dilations = (node.attributes.get(n, (1, 1)) for n in ("strides", "dilations"))
    x = x.contiguous(memory_format=torch.channels_last)
    groups = node.attributes.get("group", 1)
    return functional.conv2d(x, weight, bias, tuple(strides), padding, tuple(dilations), groups)


def _max_pool(node: Node, x: Tensor) -> Tensor:
    top, left, bottom, right = node.attributes.get("pads", (0, 0, 0, 0))
    padding = (top, left)
    if (top, left) != (bottom, right):
        x, padding = functional.pad(x, (left, right, top, bottom), value=-torch.inf), (0, 0)
    window, strides = node.attributes["kernel_shape"], node.attributes.get("strides", (1, 1))
    ceil = bool(node.attributes.get("ceil_mode", 0))
    pooled: Tensor = functional.max_pool2d(x, window, strides, padding, 1, ceil)
    return pooled


def _mean(node: Node, x: Tensor, axes: Tensor) -> Tensor:
    return x.mean(axes.tolist(), keepdim=bool(node.attributes.get("keepdims", 1)))


def _gemm(node: Node, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    weight = b if node.attributes.get("transB", 0) else b.T
    alpha, beta = node.attributes.get("alpha", 1.0), node.attributes.get("beta", 1.0)
    product: Tensor = alpha * functional.linear(a, weight) + beta * c
    return product


def _norm(node: Node, x: Tensor, *values: Tensor) -> Tensor:
    gamma, beta, mean, variance = values
    epsilon = node.attributes.get("epsilon", 1e-5)
    return functional.batch_norm(x, mean, variance, gamma, beta, eps=epsilon)


def _response_norm(node: Node, x: Tensor) -> Tensor:
    a = node.attributes
    values = (a.get("alpha", 1e-4), a.get("beta", 0.75), a.get("bias", 1.0))
    return functional.local_response_norm(x, a["size"], *values)


def _slice(node: Node, x: Tensor, begin: Tensor, end: Tensor, axes: Tensor, *_: Tensor) -> Tensor:
    for low, high, axis in zip(begin.tolist(), end.tolist(), axes.tolist(), strict=True):
        x = x.narrow(axis, low, min(high, x.shape[axis]) - low)
    return x


def _pad(node: Node, x: Tensor, pads: Tensor, value: Tensor | None = None, *_: Tensor) -> Tensor:
    sides = pads.tolist()
    pairs = [(sides[axis], sides[axis + x.ndim]) for axis in range(x.ndim)]
    flat = [size for pair in reversed(pairs) for size in pair]
    return functional.pad(x, flat, value=0.0 if value is None else float(value))


def _split(node: Node, x: Tensor, sizes: Tensor) -> Sequence[Tensor]:
    return torch.split(x, sizes.tolist(), node.attributes.get("axis", 0))


def _squeeze(node: Node, x: Tensor, axes: Tensor) -> Tensor:
    return x.squeeze(tuple(axes.tolist()))


def _reshape(node: Node, x: Tensor, shape: Tensor) -> Tensor:
    zeros = not node.attributes.get("allowzero", 0)
    return x.reshape([x.shape[i] if zeros and n == 0 else n for i, n in enumerate(shape.tolist())])


#: By ONNX's name of an operation.
_RULES: Mapping[str, Callable[..., Tensor | Sequence[Tensor]]] = {
    "Add": lambda node, a, b: a + b,
    "BatchNormalization": _norm,
    "Cast": lambda node, x: x.to(_TYPES[node.attributes["to"]]),
    "Clip": lambda node, x, low=None, high=None: x.clamp(low, high),
    "Concat": lambda node, *parts: torch.cat(parts, node.attributes["axis"]),
    "Conv": _conv,
    "Div": lambda node, a, b: a / b,
    "Dropout": lambda node, x, *_: x,
    "Flatten": lambda node, x: x.flatten(node.attributes.get("axis", 1)),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda node, x: x.mean((2, 3), keepdim=True),
    "Identity": lambda node, x: x,
    "LRN": _response_norm,
    "MatMul": lambda node, a, b: a @ b,
    "MaxPool": _max_pool,
    "Mul": lambda node, a, b: a * b,
    "Pad": _pad,
    "Pow": lambda node, a, b: a.pow(b),
    "ReduceMean": _mean,
    "Relu": lambda node, x: x.relu(),
    "Reshape": _reshape,
    "Slice": _slice,
    "Split": _split,
    "Sqrt": lambda node, x: x.sqrt(),
    "Squeeze": _squeeze,
    "Transpose": lambda node, x: x.permute(node.attributes["perm"]),
}
