"""Local response normalisation, written so that a runtime has a fast kernel for it."""

from typing import NamedTuple

import numpy as np

from pellucid.inference.plan.graph import Array, Graph, Node


class _Norm(NamedTuple):
    """x · (k + α Σ x²)^−β, the sum over ``size`` neighbouring channels of ``channels``."""

    end: Node
    source: str
    channels: int
    size: int
    alpha: float
    beta: float
    bias: float


def response_norm_as_operation(graph: Graph) -> Graph:
    """Write a local response normalisation as ONNX's one operation ``LRN``.

    An exporter writes it as a padding, n slices, n − 1 sums and a power. ONNX's α is n times that
    of the paper, since it takes the mean of squares.

    Exact (up to rounding): the same formula.

    Source: Krizhevsky et al. 2012, section 3.3; ONNX operators, LRN-13.
    """
    for norm in _norms(graph):
        values = {
            "size": norm.size,
            "alpha": norm.alpha * norm.size,
            "beta": norm.beta,
            "bias": norm.bias,
        }
        node = Node("LRN", (norm.source,), norm.end.outputs, values)
        graph = graph.changed([norm.end], [node])
    return graph


def response_norm_as_convolution(graph: Graph) -> Graph:
    """Write a local response normalisation with β = ¾ as a 1×1 convolution of the squares.

    The sum over neighbouring channels is a product with a banded matrix, so k + α Σ x² is a 1×1
    convolution with bias k; and s^¾ = √s · √√s: kernels that every runtime has in its own layout
    and with vector instructions, while a general power is slow.

    Exact (up to rounding) for β = ¾, the paper's; others are left as they are.

    Source: Krizhevsky et al. 2012, section 3.3; the rewriting is algebra.
    """
    for norm in _norms(graph):
        if norm.beta == 0.75:
            graph = _convolved(graph, norm)
    return graph


def _convolved(graph: Graph, norm: _Norm) -> Graph:
    name, source = norm.end.output, norm.source
    apart = np.abs(np.subtract.outer(np.arange(norm.channels), np.arange(norm.channels)))
    band = np.where(apart <= norm.size // 2, norm.alpha, 0.0).astype(np.float32)
    weights = {
        f"{name}/band": band[:, :, None, None],
        f"{name}/k": np.full(norm.channels, norm.bias, np.float32),
    }
    steps = [
        Node("Mul", (source, source), (f"{name}/squares",)),
        Node("Conv", (f"{name}/squares", *weights), (f"{name}/sums",), {"kernel_shape": [1, 1]}),
        Node("Sqrt", (f"{name}/sums",), (f"{name}/root",)),
        Node("Sqrt", (f"{name}/root",), (f"{name}/fourth",)),
        Node("Mul", (f"{name}/root", f"{name}/fourth"), (f"{name}/power",)),
        Node("Div", (source, f"{name}/power"), norm.end.outputs),
    ]
    return graph.changed([norm.end], steps, weights)


def _norms(graph: Graph) -> list[_Norm]:
    found = (_norm(graph, node) for node in graph.nodes if node.op == "Pow")
    return [norm for norm in found if norm is not None]


def _norm(graph: Graph, power: Node) -> _Norm | None:
    """The normalisation whose power this is; None where it is another one."""
    end = graph.only_user(power.output, "Mul")
    exponent = _number(graph, power.inputs[1])
    bias, inner = _constant_and(graph, power.inputs[0], "Add")
    alpha, total = _constant_and(graph, inner, "Mul")
    if end is None or exponent is None or bias is None or alpha is None:
        return None
    slices = _summands(graph, total)
    pads = {one.inputs[0] for one in slices}
    pad = graph.makers.get(pads.pop()) if len(pads) == 1 else None
    square = None if pad is None or pad.op != "Pad" else graph.makers.get(pad.inputs[0])
    if pad is None or square is None or square.op != "Mul":
        return None
    source = square.inputs[0]
    size, channels = len(slices), _neighbourhood(graph, pad, slices)
    if square.inputs[1] != source or channels is None:
        return None
    if {*end.inputs} != {source, power.output}:
        return None
    return _Norm(end, source, channels, size, alpha, -exponent, bias)


def _neighbourhood(graph: Graph, pad: Node, slices: list[Node]) -> int | None:
    """Channels, where the slices are all windows of a padding by half their number."""
    reach = len(slices) // 2
    wanted = [0, reach, 0, 0, 0, reach, 0, 0]
    zeros = len(pad.inputs) < 3 or not pad.inputs[2] or _number(graph, pad.inputs[2]) == 0
    constant = pad.attributes.get("mode", "constant") == "constant" and len(pad.inputs) < 4
    cuts = sorted(_cut(graph, one) for one in slices)
    width = cuts[0][1]
    whole = [(shift, shift + width, 1, 1) for shift in range(2 * reach + 1)]
    fits = zeros and constant and graph.weights[pad.inputs[1]].tolist() == wanted
    return width if fits and cuts == whole else None


def _cut(graph: Graph, node: Node) -> tuple[int, int, int, int]:
    """Begin, end, axis and step of a slice along one axis; nonsense where it has others."""
    values = [graph.weights.get(name) for name in node.inputs[1:]]
    if len(values) != 4 or any(value is None or value.size != 1 for value in values):
        return (-1, -1, -1, -1)
    begin, end, axis, step = (int(value.item()) for value in values if value is not None)
    return begin, end, axis, step


def _summands(graph: Graph, name: str) -> list[Node]:
    """The slices of a sum of slices; empty where it is no such sum."""
    pending, found = [name], []
    while pending:
        node = graph.makers.get(pending.pop())
        if node is None or node.op not in ("Add", "Slice"):
            return []
        if node.op == "Slice":
            found.append(node)
        else:
            pending += node.inputs
    return found


def _constant_and(graph: Graph, name: str, op: str) -> tuple[float | None, str]:
    """The number and the other input of an operation, whichever way round."""
    node = graph.makers.get(name)
    if node is not None and node.op == op:
        for number, other in (node.inputs, node.inputs[::-1]):
            if (value := _number(graph, number)) is not None:
                return value, other
    return None, ""


def _number(graph: Graph, name: str) -> float | None:
    array: Array | None = graph.weights.get(name)
    # Written as the shortest decimal of its float32: 1e-4, not 9.999999747e-05.
    return float(str(array.reshape(-1)[0])) if array is not None and array.size == 1 else None
