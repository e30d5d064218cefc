"""What two ideas of the lecture save in a network: 1×1 reductions, and global average pooling."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from pellucid.capture import Graph, Node, Result
from pellucid.capture.call import Call
from pellucid.capture.graph import Shape
from pellucid.ledger.row import Row

#: What may stand between the two convolutions.
_BETWEEN = {
    "relu", "relu6", "batch_norm", "silu", "gelu", "leaky_relu", "elu", "hardswish", "dropout",
    "dropout2d", "prelu", "sigmoid", "tanh", "mish", "celu", "selu", "contiguous", "to",
    "float", "local_response_norm",
}  # fmt: skip
_CONVOLUTIONS = {"conv1d", "conv2d", "conv3d"}


@dataclass(frozen=True, slots=True)
class Reduction:
    """A 1×1 convolution to fewer channels, followed by a larger convolution.

    Szegedy 2015, Going deeper with convolutions, section 4: cheap 1×1 convolutions before the
    expensive ones. Compared with the larger one on the channels before the reduction.

    Attributes:
        name: path of the 1×1 convolution.
        larger: path of the one that follows.
        channels: before and after the reduction.
        macs: of both as they are.
        macs_without: of the larger one on the unreduced input.
        parameters: weights and biases of both.
        parameters_without: of the larger one on the unreduced input.
    """

    name: str
    larger: str
    channels: tuple[int, int]
    macs: int
    macs_without: int
    parameters: int
    parameters_without: int

    @property
    def factor(self) -> float:
        """How many times as many MACs there were without the reduction."""
        return self.macs_without / self.macs


@dataclass(frozen=True, slots=True)
class HeadComparison:
    """Parameters from the trunk's last feature maps to class scores, by kind of head.

    Attributes:
        trunk: (C, H, W) of the feature maps.
        classes: K.
        actual: parameters of the network's own head.
        flatten: flatten + fully connected, C·H·W·K + K (AlexNet's form, with one layer).
        pooled: global average pooling + linear, or class maps + global average pooling (Lin
            2013, section 3.2): C·K + K either way.
    """

    trunk: Shape
    classes: int
    actual: int
    flatten: int
    pooled: int

    @property
    def factor(self) -> float:
        """How many times as many parameters flattening takes as pooling."""
        return self.flatten / self.pooled


def reductions(graph: Graph, rows: Sequence[Row]) -> tuple[Reduction, ...]:
    """All 1×1 reductions of a network, in the order of the larger convolutions."""
    found = (_reduction(graph, rows, node) for node in graph.nodes)
    return tuple(each for each in found if each is not None)


def _reduction(graph: Graph, rows: Sequence[Row], larger: Node) -> Reduction | None:
    if larger.operation not in _CONVOLUTIONS or prod(Call(graph, larger).shape("weight")[2:]) == 1:
        return None
    one = _before(graph, larger)
    if one is None:
        return None
    weight, reducing = Call(graph, larger).shape("weight"), Call(graph, one).shape("weight")
    groups = larger.arguments.get("groups", 1)
    before, after = reducing[1], reducing[0]
    if prod(reducing[2:]) != 1 or after >= before or one.arguments.get("groups", 1) != 1:
        return None
    macs = rows[larger.index].work.macs
    weights = prod(weight)
    biases = _biases(larger, weight[0])
    # Filters of the larger one would be ``before`` channels deep where they are ``after`` deep.
    return (
        Reduction(
            one.module or one.operation,
            larger.module or larger.operation,
            (before, after),
            rows[one.index].work.macs + macs,
            macs * before // after,
            prod(reducing) + _biases(one, after) + weights + biases,
            weights * before // after + biases,
        )
        if groups == 1
        else None
    )


def _before(graph: Graph, node: Node) -> Node | None:
    """The convolution whose result a node reads, activations and norms left aside."""
    source = node.arguments["input"]
    while isinstance(source, Result):
        before = graph.nodes[source.node]
        if before.operation in _CONVOLUTIONS:
            return before
        if before.operation not in _BETWEEN:
            return None
        source = before.arguments.get("input")
    return None


def _biases(node: Node, filters: int) -> int:
    return 0 if node.arguments.get("bias") is None else filters


def compare_heads(graph: Graph, rows: Sequence[Row]) -> HeadComparison | None:
    """The head of a network against the two usual ones; None where the network has no such head.

    The trunk ends where feature maps become scores: at the flattening or the global pooling that
    comes last; if the scores are the means of class maps, at the convolution that makes these.
    """
    if len(graph.outputs) != 1 or len(graph.nodes[graph.outputs[0]].shape) != 2:
        return None
    classes = graph.nodes[graph.outputs[0]].shape[1]
    node = graph.nodes[graph.outputs[0]]
    head: list[int] = []
    while node.inputs and not _has_maps(node.shape):
        head.append(node.index)
        node = graph.nodes[node.inputs[0]]
    if not node.inputs or not head:
        return None
    if not any(rows[index].weights for index in head):
        while node.inputs and not rows[node.index].weights:
            head.append(node.index)
            node = graph.nodes[node.inputs[0]]
        if node.shape[1] != classes or not node.inputs:
            return None
        head.append(node.index)
        node = graph.nodes[node.inputs[0]]
    trunk = node.shape[1:]
    actual = sum(rows[index].weights + rows[index].biases for index in head)
    pooled = (trunk[0] + 1) * classes
    return HeadComparison(trunk, classes, actual, (prod(trunk) + 1) * classes, pooled)


def _has_maps(shape: Shape) -> bool:
    """(N, C, H, W) or (N, C, T) with more than one position."""
    return len(shape) > 2 and prod(shape[2:]) > 1
