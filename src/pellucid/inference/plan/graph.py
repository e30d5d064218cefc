"""The graph that rewrites work on: ONNX operations and weights, immutable.

A rewrite is a function from :class:`Graph` to :class:`Graph`. The form is ONNX's own, with three
simplifications: constants are weights, nodes are kept in the order of their dependencies, and what
no output needs is gone. Control flow and graphs within graphs are not taken.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation.

    Attributes:
        op: ONNX's name of it, such as ``Conv``.
        inputs: names of values; empty where an optional one is left out.
        outputs: names of values.
        attributes: by name, as Python values.
    """

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def output(self) -> str:
        """The first output."""
        return self.outputs[0]


@dataclass(frozen=True, slots=True)
class Value:
    """An input or output of the graph.

    Attributes:
        name: of the value.
        kind: ONNX's number of the element type.
        shape: sizes of the axes; a word where it is open, None where nothing is known.
    """

    name: str
    kind: int
    shape: tuple[int | str | None, ...]


@dataclass(frozen=True, eq=False)
class Graph:
    """Operations in the order of their dependencies.

    Attributes:
        nodes: in that order.
        weights: constants by name.
        inputs: what is given.
        outputs: what is wanted.
        opset: version of ONNX's operations.
    """

    nodes: tuple[Node, ...]
    weights: Mapping[str, Array]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    opset: int

    @cached_property
    def makers(self) -> Mapping[str, Node]:
        """The node that makes a value, by the value's name."""
        return {name: node for node in self.nodes for name in node.outputs}

    @cached_property
    def users(self) -> Mapping[str, tuple[Node, ...]]:
        """The nodes that read a value, by its name; in the order of the nodes."""
        users: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.inputs):
                users.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in users.items()}

    def only_user(self, name: str, op: str | None = None) -> Node | None:
        """The one node that reads a value; None where there are more, or the graph returns it."""
        users = self.users.get(name, ())
        if len(users) != 1 or any(name == value.name for value in self.outputs):
            return None
        return users[0] if op in (None, users[0].op) else None

    def changed(
        self,
        drop: Iterable[Node] = (),
        add: Iterable[Node] = (),
        weights: Mapping[str, Array] = MappingProxyType({}),
        outputs: tuple[Value, ...] | None = None,
    ) -> "Graph":
        """The graph without some nodes, with others, and with further weights.

        Added nodes may stand anywhere: the order is found again, and what no output needs goes.

        >>> from pellucid.inference.plan.graph import Graph, Node, Value
        >>> value = Value("x", 1, (1,))
        >>> graph = Graph((Node("Relu", ("x",), ("y",)),), {}, (value,), (value,), 20)
        >>> graph.changed().nodes
        ()
        """
        gone = set(map(id, drop))
        nodes = [node for node in self.nodes if id(node) not in gone] + list(add)
        outputs = self.outputs if outputs is None else outputs
        needed = _in_order(nodes, [value.name for value in outputs])
        read = {name for node in needed for name in node.inputs} | {v.name for v in outputs}
        kept = {name: array for name, array in {**self.weights, **weights}.items() if name in read}
        return replace(self, nodes=needed, weights=kept, outputs=outputs)


def _in_order(nodes: list[Node], wanted: list[str]) -> tuple[Node, ...]:
    """The nodes that the wanted values need, each after those it reads (depth first)."""
    makers = {name: node for node in nodes for name in node.outputs}
    placed: dict[int, Node] = {}
    pending = [(makers[name], False) for name in reversed(wanted) if name in makers]
    while pending:
        node, ready = pending.pop()
        if id(node) in placed:
            continue
        if ready:
            placed[id(node)] = node
            continue
        pending.append((node, True))
        before = [makers[name] for name in reversed(node.inputs) if name in makers]
        pending += [(one, False) for one in before if id(one) not in placed]
    return tuple(placed.values())


def from_onnx(content: bytes, outputs: Iterable[str] | None = None) -> Graph:
    """Read an ONNX file's content.

    Args:
        content: of the file; weights inside it.
        outputs: names of those wanted; None takes all.

    Raises:
        UsageError: it has graphs within its graph, or not such outputs.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load_model_from_string(content)
    weights = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    nodes = []
    for one in model.graph.node:
        attributes = {a.name: _plain(onnx.helper.get_attribute_value(a)) for a in one.attribute}
        if any(isinstance(value, onnx.GraphProto) for value in attributes.values()):
            raise UsageError(f"{one.op_type} holds a graph of its own, which no plan can rewrite.")
        if one.op_type == "Constant":
            weights[one.output[0]] = _constant(attributes)
        else:
            nodes.append(Node(one.op_type, tuple(one.input), tuple(one.output), attributes))
    made = {value.name: _value(value) for value in model.graph.output}
    names = list(made) if outputs is None else list(outputs)
    if missing := [name for name in names if name not in made]:
        raise UsageError(f"the graph makes {', '.join(made)}, not {missing[0]}.")
    inputs = tuple(_value(value) for value in model.graph.input if value.name not in weights)
    opset = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    graph = Graph(tuple(nodes), weights, inputs, tuple(made[name] for name in names), opset)
    return graph.changed()


def to_onnx(graph: Graph) -> bytes:
    """Write a graph as the content of an ONNX file."""
    from onnx import helper, numpy_helper

    nodes = [
        helper.make_node(node.op, node.inputs, node.outputs, name=node.output, **node.attributes)
        for node in graph.nodes
    ]
    body = helper.make_graph(
        nodes,
        "pellucid",
        [helper.make_tensor_value_info(v.name, v.kind, v.shape) for v in graph.inputs],
        [helper.make_tensor_value_info(v.name, v.kind, v.shape) for v in graph.outputs],
        [numpy_helper.from_array(np.ascontiguousarray(a), n) for n, a in graph.weights.items()],
    )
    opsets = [helper.make_opsetid("", graph.opset)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=10)
    content: bytes = model.SerializeToString()
    return content


def _plain(value: Any) -> Any:
    """An attribute's value; words as text."""
    return value.decode() if isinstance(value, bytes) else value


def _constant(attributes: Mapping[str, Any]) -> Array:
    from onnx import numpy_helper

    name, value = next(iter(attributes.items()))
    if name == "value":
        return numpy_helper.to_array(value)
    kinds = {"value_float": np.float32, "value_floats": np.float32}
    return np.asarray(value, kinds.get(name, np.int64))


def _value(info: Any) -> Value:
    tensor = info.type.tensor_type
    axes = tensor.shape.dim
    shape = tuple(a.dim_param or (a.dim_value if a.HasField("dim_value") else None) for a in axes)
    return Value(info.name, tensor.elem_type, shape)
