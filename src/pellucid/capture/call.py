"""A node with the shapes of what it reads: what the rules of counting look at."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pellucid.capture.graph import Constant, Graph, Node, Result, Shape, Stored
from pellucid.geometry import AdaptiveAxis, TransposedWindow, Window, transposed_window, window

#: Sliding windows are asked for by counting and by receptive fields: made once.
_window = lru_cache(maxsize=4096)(window)
_transposed_window = lru_cache(maxsize=4096)(transposed_window)


@dataclass(frozen=True, slots=True)
class Call:
    """A node within its graph.

    Attributes:
        graph: the whole.
        node: one of its nodes.
    """

    graph: Graph
    node: Node

    def get(self, name: str, default: Any = None) -> Any:
        """An argument as it was given."""
        return self.node.arguments.get(name, default)

    def shape(self, name: str) -> Shape:
        """The shape of an argument that is a tensor.

        Raises:
            LookupError: it is not one.
        """
        return self.shape_of(self.node.arguments[name])

    def shape_of(self, value: Any) -> Shape:
        """The shape of a reference.

        Raises:
            LookupError: the value is no reference.
        """
        if isinstance(value, Result):
            return self.graph.nodes[value.node].shape
        if isinstance(value, Stored | Constant):
            return value.shape
        raise LookupError(f"{value!r} is no tensor")

    @property
    def axes(self) -> int:
        """Of a convolution or pooling: 1 for series, 2 for images, 3 for volumes."""
        return int(self.node.operation[-2])

    @property
    def transposed(self) -> bool:
        """Whether the convolution is transposed."""
        return self.node.operation.startswith("conv_transpose")

    def window(self) -> Window:
        """The sliding window of a convolution or a pooling layer."""
        axes = self.axes
        if self.node.operation.startswith("conv"):
            kernel, stride = self.shape("weight")[2:], self.get("stride", 1)
        else:
            kernel = spread(self.get("kernel_size"), axes)
            stride = self.get("stride") or kernel
        return _window(
            self.shape("input")[-axes:],
            kernel,
            stride=spread(stride, axes),
            dilation=spread(self.get("dilation", 1), axes),
            padding=spread(self.get("padding", 0), axes),
            ceil=bool(self.get("ceil_mode", False)),
        )

    def adaptive_axes(self) -> tuple[AdaptiveAxis, ...]:
        """The windows of adaptive pooling."""
        sizes = zip(self.shape("input")[-self.axes :], self.node.shape[-self.axes :], strict=True)
        return tuple(AdaptiveAxis(cells, outputs) for cells, outputs in sizes)

    def transposed_window(self) -> TransposedWindow:
        """The window of a transposed convolution."""
        axes = self.axes
        return _transposed_window(
            self.shape("input")[-axes:],
            self.shape("weight")[2:],
            stride=spread(self.get("stride", 1), axes),
            dilation=spread(self.get("dilation", 1), axes),
            padding=spread(self.get("padding", 0), axes),
            extra=spread(self.get("output_padding", 0), axes),
        )


def spread(value: Any, axes: int) -> Any:
    """One entry an axis, however torch was told: ``3``, ``[3]`` or ``(3, 3)``; names as they are.

    >>> spread(3, 2), spread([3], 2), spread("same", 2)
    ((3, 3), (3, 3), 'same')
    """
    if isinstance(value, str):
        return value
    values = tuple(value) if isinstance(value, tuple | list) else (value,)
    return values * axes if len(values) == 1 else values
