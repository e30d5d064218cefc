"""Write an ONNX graph line by line, as one writes arithmetic."""

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto, ValueInfoProto

#: A result, by its name in the graph; or a number or array, which becomes a constant.
Value = str | NDArray[Any] | np.generic


class Nodes:
    """The nodes of a graph as it grows; calling it adds one and gives the name of its result.

    Args:
        prefix: of all names.

    >>> nodes = Nodes("n")
    >>> total = nodes("Add", "x", np.float32(1))
    >>> [(node.op_type, list(node.input)) for node in nodes.made]
    [('Constant', []), ('Add', ['x', 'n0'])]
    """

    def __init__(self, prefix: str) -> None:
        self.made: list[NodeProto] = []
        self._names = (f"{prefix}{number}" for number in count())

    def __call__(self, operator: str, *inputs: Value, **attributes: Any) -> str:
        """Add a node with one result.

        Args:
            operator: of ONNX's default domain.
            inputs: its inputs, in order.
            attributes: its attributes.
        """
        from onnx import helper

        names = [one if isinstance(one, str) else self.constant(one) for one in inputs]
        result = next(self._names)
        self.made.append(helper.make_node(operator, names, [result], **attributes))
        return result

    def constant(self, value: NDArray[Any] | np.generic) -> str:
        """A constant of the value's type and shape."""
        from onnx import helper, numpy_helper

        result = next(self._names)
        tensor = numpy_helper.from_array(np.asarray(value), result)
        self.made.append(helper.make_node("Constant", [], [result], value=tensor))
        return result

    def sized(self, value: str, axis: int) -> str:
        """The length of an axis, int64, without axes."""
        return self("Gather", self("Shape", value), np.int64(axis))

    def cast(self, value: Value, dtype: type[np.generic]) -> str:
        """In another type."""
        from onnx import helper

        return self("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def graph(
        self,
        name: str,
        inputs: "Sequence[ValueInfoProto]",
        outputs: "Sequence[ValueInfoProto]",
    ) -> "GraphProto":
        """What has been made, as a graph."""
        from onnx import helper

        return helper.make_graph(self.made, name, list(inputs), list(outputs))
