"""Which score is asked about, and how it follows from the network's input."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.graph import GradientEdge, get_gradient_edge

from pellucid.capture import Node, Result, capture
from pellucid.errors import UsageError, unknown_name
from pellucid.explain.given import on_network
from pellucid.explain.trace import Trace

Floats = NDArray[np.float64]
#: A class: its number, or its name where classes have names.
Which = int | str
#: Numbers of an input that are given to the network at once, at most.
_TOGETHER = 1 << 21
_SOFTMAX = ("softmax", "log_softmax")


@dataclass(frozen=True, eq=False)
class Question:
    """The score of a class, or of one class minus that of another, for the input of a trace.

    Attributes:
        trace: of one picture.
        scores: the node with the class scores, (1, K) and perhaps further axes of length 1; where
            the network ends in a softmax, what goes into it.
        target: number of the class.
        against: number of the class to compare with; None for the class alone.
    """

    trace: Trace
    scores: int
    target: int
    against: int | None

    @property
    def input(self) -> NDArray[Any]:
        """(1, C, H, W), what the network was given."""
        return self.trace.value(self.trace.input)

    @property
    def shift(self) -> int:
        """The node of the network's input, the first of the network itself."""
        return self.trace.input.index

    @property
    def score(self) -> float:
        """What is asked about, as the network had it."""
        return float(self._choose(self.trace.value(self.trace.nodes[self.scores]))[0])

    @property
    def title(self) -> str:
        """The class, and the one that it is compared with."""
        name = self.name(self.target)
        return name if self.against is None else f"{name} rather than {self.name(self.against)}"

    def name(self, label: int) -> str:
        """A class by its name, or its number where it has none."""
        return self.trace.classes[label] if self.trace.classes else str(label)

    def row(self, values: NDArray[Any]) -> Floats:
        """Of values a class (K, …): the target's, minus those of the class it is compared with."""
        chosen = np.asarray(values[self.target], np.float64)
        if self.against is None:
            return chosen
        return chosen - np.asarray(values[self.against], np.float64)

    def answers(self, inputs: NDArray[Any]) -> Floats:
        """The score for other inputs: (N, C, H, W) to (N,)."""
        found = []
        for part in self._parts(inputs):
            node = self.scores - self.shift
            graph = capture(self.trace.network, self._tensor(part), keep=(node,))
            found.append(self._choose(graph.values[node].double().cpu().numpy()))
        return np.concatenate(found)

    def slopes(self, inputs: NDArray[Any], node: int | None = None) -> tuple[Floats, Floats]:
        """The score for other inputs, and how fast it rises with each number of a node's result.

        Args:
            inputs: (N, C, H, W).
            node: whose result, by its index in the trace; None for the input itself.

        Returns:
            The scores (N,), and their derivatives, of the shape of the result.

        Raises:
            UsageError: the score does not follow from it in a way that torch can differentiate.
        """
        pairs = [self._slope(part, node) for part in self._parts(inputs)]
        scores, slopes = zip(*pairs, strict=True)
        return np.concatenate(scores), np.concatenate(slopes)

    def _slope(self, inputs: NDArray[Any], node: int | None) -> tuple[Floats, Floats]:
        watched = self.shift if node is None else node
        scores: list[Tensor] = []
        edges: list[GradientEdge] = []

        def watch(made: Node, result: Tensor) -> None:
            if made.index == watched - self.shift and result.requires_grad:
                # Its place as it is now: later work in place would move the tensor on.
                edges.append(get_gradient_edge(result))
            if made.index == self.scores - self.shift:
                scores.append(result)

        with torch.inference_mode(False), torch.enable_grad():
            given = self._tensor(inputs).requires_grad_().clone()  # a network may write to it
            capture(self.trace.network, given, watch=watch, gradients=True)
            slope = self._slope_at(edges, scores[0])
        if slope is None:
            raise UsageError(
                f"the score of {self.title} does not follow from "
                f"{self.trace.names[watched]} in a way that torch can differentiate: choose "
                "another layer, or the method occlusion."
            )
        return self._choose(_array(scores[0])), _array(slope)

    def _slope_at(self, edges: list[GradientEdge], scores: Tensor) -> Tensor | None:
        """The derivative at a place in torch's graph; no parameter's ``grad`` is touched."""
        chosen = scores[:, self.target]
        if self.against is not None:
            chosen = chosen - scores[:, self.against]
        if not edges or not chosen.requires_grad:
            return None
        try:
            return torch.autograd.grad(chosen.sum(), edges[:1], allow_unused=True)[0]
        except RuntimeError as error:
            raise UsageError(
                f"torch cannot differentiate {self.trace.graph.network} "
                f"({str(error).splitlines()[0].rstrip('.')}): choose the method occlusion."
            ) from error

    def _choose(self, scores: NDArray[Any]) -> Floats:
        return self.row(scores.reshape(len(scores), -1).T)

    def _parts(self, inputs: NDArray[Any]) -> list[NDArray[Any]]:
        size = max(1, min(64, _TOGETHER // inputs[0].size))
        return [inputs[start : start + size] for start in range(0, len(inputs), size)]

    def _tensor(self, inputs: NDArray[Any]) -> Tensor:
        return on_network(torch.tensor(inputs), self.trace.network)


def question(trace: Trace, target: Which | None, against: Which | None) -> Question:
    """What is asked about; without a target, the class with the highest score.

    Raises:
        UsageError: several pictures, no class scores, or no such class.
    """
    if len(trace.input.shape) != 4:
        found = "×".join(map(str, trace.input.shape))
        raise UsageError(f"expected a trace of a picture, 1×C×H×W, found an input of {found}.")
    scores = _scores_node(trace)
    classes = scores.shape[1]
    highest = int(trace.value(scores).reshape(-1).argmax())
    chosen = highest if target is None else class_number(target, trace.classes, classes)
    other = None if against is None else class_number(against, trace.classes, classes)
    asked = Question(trace, scores.index, chosen, other)
    if chosen == other:
        name = asked.name(chosen)
        raise UsageError(f"expected two different classes to compare, found '{name}' twice.")
    return asked


def class_number(which: Which, names: Sequence[str], count: int) -> int:
    """The number of a class given by number or name.

    Raises:
        UsageError: there is none, with the nearest name.

    >>> class_number("cat", ["cat", "dog"], 2), class_number(1, ["cat", "dog"], 2)
    (0, 1)
    """
    if isinstance(which, str):
        if not names:
            raise UsageError(
                f"expected the number of a class from 0 to {count - 1}, since these classes have "
                f"no names; found '{which}'."
            )
        if which not in names:
            raise unknown_name("class", which, names)
        return list(names).index(which)
    if isinstance(which, bool) or not 0 <= index(which) < count:
        raise UsageError(f"expected a class from 0 to {count - 1}, found {which}.")
    return index(which)


def _scores_node(trace: Trace) -> Node:
    node = trace.output
    if node.operation in _SOFTMAX and isinstance(node.arguments["input"], Result):
        node = trace.nodes[node.arguments["input"].node]
    if len(node.shape) < 2 or node.shape[0] != 1 or node.count != node.shape[1] or node.count < 2:
        found = "×".join(map(str, node.shape))
        raise UsageError(
            f"expected a network that gives class scores, 1×K with K of at least 2, found a result "
            f"of {found} from {trace.names[node.index]}."
        )
    return node


def _array(tensor: Tensor) -> Floats:
    return np.asarray(tensor.detach().double().cpu().numpy(), np.float64)
