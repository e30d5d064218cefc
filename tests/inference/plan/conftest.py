"""Small graphs with random weights, built by hand: no exporter is needed to test rewrites."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto
from onnx.reference import ReferenceEvaluator

from pellucid.inference.plan import timing
from pellucid.inference.plan.graph import Graph, Node, Value, to_onnx


class Clock:
    """A clock that tests move on, so that what is told apart does not depend on the machine."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timing, "time", clock)
    monkeypatch.setattr(timing.gc, "collect", lambda: None)  # a tenth of a second, in a test run
    return clock


class Maker:
    """Adds nodes with random weights."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[Node] = []
        self.weights: dict[str, NDArray[Any]] = {}

    def weight(self, *shape: int, positive: bool = False) -> str:
        name = f"w{len(self.weights)}"
        values = self.random.standard_normal(shape)
        self.weights[name] = (np.abs(values) + 0.1 if positive else values).astype(np.float32)
        return name

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        name = f"w{len(self.weights)}"
        self.weights[name] = np.asarray(values, dtype)
        return name

    def add(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        names = tuple(f"v{len(self.nodes)}_{i}" for i in range(outputs))
        self.nodes.append(Node(op, inputs, names, attributes))
        return names[0]

    def conv(
        self, x: str, before: int, after: int, side: int, bias: bool = True, **attributes: Any
    ) -> str:
        inputs = [x, self.weight(after, before, side, side)]
        if bias:
            inputs.append(self.weight(after))
        return self.add("Conv", *inputs, kernel_shape=[side, side], **attributes)

    def norm(self, x: str, channels: int, *, positive: bool = False) -> str:
        gamma = self.weight(channels, positive=positive)
        beta, mean = self.weight(channels), self.weight(channels)
        variance = self.weight(channels, positive=True)
        return self.add("BatchNormalization", x, gamma, beta, mean, variance, epsilon=1e-3)

    def graph(self, *outputs: str, uint8: bool = False, shape: tuple[int | str, ...]) -> Graph:
        kind = TensorProto.UINT8 if uint8 else TensorProto.FLOAT
        made = tuple(Value(name, TensorProto.FLOAT, ("N", None, None, None)) for name in outputs)
        inputs = (Value("x", kind, shape),)
        return Graph(tuple(self.nodes), self.weights, inputs, made, 18).changed()


def run(graph: Graph, x: NDArray[Any]) -> list[NDArray[Any]]:
    """By ONNX's own reference in NumPy."""
    evaluator = ReferenceEvaluator(__import__("onnx").load_model_from_string(to_onnx(graph)))
    results: list[NDArray[Any]] = evaluator.run(None, {graph.inputs[0].name: x})
    return results


@pytest.fixture
def make() -> Callable[[int], Maker]:
    return Maker


@pytest.fixture
def answers() -> Callable[[Graph, NDArray[Any]], list[NDArray[Any]]]:
    return run


@pytest.fixture
def same() -> Callable[[Graph, Graph, NDArray[Any]], None]:
    """Asserts equal answers up to float32 rounding."""

    def check(one: Graph, other: Graph, x: NDArray[Any]) -> None:
        for before, after in zip(run(one, x), run(other, x), strict=True):
            assert before.shape == after.shape
            scale = max(1.0, float(np.abs(before).max()))
            np.testing.assert_allclose(after, before, rtol=2e-5, atol=2e-5 * scale)

    return check
