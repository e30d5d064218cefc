"""The search keeps what is faster and faithful, and nothing else."""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from pellucid.errors import BundleError
from pellucid.inference.plan import settings as settings_module
from pellucid.inference.plan.graph import from_onnx
from pellucid.inference.plan.judge import Material
from pellucid.inference.plan.quantise import quantise
from pellucid.inference.plan.rewrites import REWRITES
from pellucid.inference.plan.search import Search
from pellucid.inference.plan.setup import Setup
from pellucid.inference.plan.step import Accuracy

CLASSES = 3


@dataclass
class Fake:
    """A runtime of a known speed whose answers are off by a known amount."""

    clock: Any
    seconds: float
    error: float = 0.0
    name: str = "fake"

    def scores(self, batch: Any) -> Any:
        self.clock.sleep(self.seconds)
        means = batch.reshape(len(batch), -1)[:, :CLASSES].astype(np.float32)
        return means / 50 + self.error * np.arange(CLASSES, dtype=np.float32)

    def one_core(self) -> Any:
        return nullcontext(self)


@pytest.fixture
def graph(make):
    m = make(0)
    pixel = m.add("Mul", m.add("Cast", "x", to=1), m.constant([0.02, 0.017, 0.03]))
    x = m.add("Add", pixel, m.constant([-2.1, 1.3, 0.4]))
    x = m.add("Transpose", x, perm=[0, 3, 1, 2])
    x = m.add("Relu", m.norm(m.conv(x, 3, 6, 3), 6))
    mean = m.add("ReduceMean", m.conv(x, 6, CLASSES, 1), m.constant([2, 3], np.int64), keepdims=0)
    return m.graph(mean, uint8=True, shape=("N", 9, 8, 3))


IMAGES = np.random.default_rng(0).integers(0, 256, (40, 9, 8, 3), np.uint8)


def material(graph, reference, **changes: Any) -> Material:
    plain = Material(graph, reference, IMAGES[:8], None, None, batch=4, seconds=0.05)
    return replace(plain, **changes)


def fakes(monkeypatch, choose):
    """Runtimes that :class:`Fake` stands for, chosen by setup and graph."""
    monkeypatch.setattr(Setup, "start", lambda self, content: choose(self, from_onnx(content)))
    monkeypatch.setattr(settings_module, "cores", lambda: 2)


def by_name(found, engine="onnxruntime"):
    return {step.name: step for step in found.steps if step.engine == engine}


def test_faster_and_faithful_is_kept(monkeypatch, clock, graph):
    def choose(setup, graph):
        folded = all(node.op != "BatchNormalization" for node in graph.nodes)
        return Fake(clock, 0.004 - 0.002 * folded + 0.002 * (setup.threads == 1))

    fakes(monkeypatch, choose)
    found = Search(material(graph, Fake(clock, 0.008))).run(["onnxruntime"])
    steps = by_name(found)
    assert steps["fold batch norm"].verdict == "kept"
    assert steps["threads: 1"].verdict == "rejected"
    assert steps["threads: 1"].reason == "slower"
    assert steps["merge sibling 1×1"].verdict == "nothing to do"
    assert steps["int8"].verdict == "rejected"
    assert "labelled" in steps["int8"].reason
    assert found.best.setup == Setup("onnxruntime")
    assert 2.5 < found.gain < 5
    assert set(found.rates) == {1, 4, 16, 32}


def test_faster_and_wrong_is_rejected(monkeypatch, clock, graph):
    def choose(setup, graph):
        wrong = setup.hint == "throughput"
        return Fake(clock, 0.001 if wrong else 0.004, error=0.01 if wrong else 0)

    fakes(monkeypatch, choose)
    found = Search(material(graph, Fake(clock, 0.008))).run(["openvino"])
    step = by_name(found, "openvino")["hint: throughput"]
    assert step.verdict == "rejected"
    assert step.timing.faster
    assert step.difference > 1e-4
    assert "differ" in step.reason
    assert found.best.precision == "float32"


def test_a_runtime_that_is_wrong_from_the_start_is_left(monkeypatch, clock, graph):
    fakes(monkeypatch, lambda setup, graph: Fake(clock, 0.001, error=0.1))
    found = Search(material(graph, Fake(clock, 0.004))).run(["onnxruntime"])
    assert [step.verdict for step in found.steps] == ["rejected"]
    assert found.best.setup is None
    assert found.gain == 1.0


def test_a_runtime_that_fails_is_said(monkeypatch, clock, graph):
    def choose(setup, graph):
        raise BundleError("no such operation")

    fakes(monkeypatch, choose)
    found = Search(material(graph, Fake(clock, 0.004))).run(["openvino"])
    assert [step.reason for step in found.steps] == ["no such operation"]


def test_what_is_slower_than_the_reference_is_not_chosen(monkeypatch, clock, graph):
    fakes(monkeypatch, lambda setup, graph: Fake(clock, 0.006))
    found = Search(material(graph, Fake(clock, 0.002))).run(["onnxruntime"])
    assert found.best.setup is None
    assert found.steps[-1].name == "its best against the reference"
    assert found.steps[-1].verdict == "rejected"


@pytest.mark.parametrize(("error", "kept"), [(0.0, True), (30.0, False)])
@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_fewer_bits_are_judged_by_accuracy(monkeypatch, clock, graph, precision, error, kept):
    def choose(setup, graph):
        quantised = any(node.op == "QuantizeLinear" for node in graph.nodes)
        rounds = {"bfloat16": setup.precision == "bf16", "int8": quantised}[precision]
        return Fake(clock, 0.001, error) if rounds else Fake(clock, 0.004)

    fakes(monkeypatch, choose)
    labels = Fake(clock, 0).scores(IMAGES).argmax(1)
    given = material(graph, Fake(clock, 0.008), judged=(IMAGES, labels), calibration=IMAGES)
    found = Search(given).run(["openvino"])
    step = by_name(found, "openvino")[precision]
    assert (step.verdict == "kept") == kept
    assert step.accuracy.images == 40
    assert step.accuracy.before == 1
    assert (found.best.precision == precision) == kept
    if not kept:
        assert "accuracy falls" in step.reason
        assert step.accuracy.lost > 0
        assert step.accuracy.after < 0.9


def test_half_a_point_is_paired():
    assert Accuracy(1000, 0.9, 0.895, lost=7, won=2).fall == 0.5


def test_quantised_answers_are_near(graph, answers):
    for rewrite in REWRITES.values():
        graph = rewrite(graph)
    runtime = Setup("onnxruntime").start(quantise(graph, IMAGES))
    wanted = answers(graph, IMAGES)[0]
    found = runtime.scores(IMAGES)
    spread = np.ptp(wanted)
    assert np.abs(found - wanted).max() < 0.05 * spread
    assert np.abs(found - wanted).max() > 0  # or nothing was rounded
    small = from_onnx(quantise(graph, IMAGES))
    kinds = {str(v.dtype) for v in small.weights.values() if v.ndim == 4}
    assert kinds == {"int8"}
