"""Plans: written whole or not at all, and known for another machine's."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError, StorageError
from pellucid.inference.bundle import Card, open_bundle, save_bundle
from pellucid.inference.plan import record as record_module
from pellucid.inference.plan.graph import to_onnx
from pellucid.inference.plan.machine import Machine
from pellucid.inference.plan.record import PLAN, Plan, objection, read_plan, save_plan
from pellucid.inference.plan.setup import Setup
from pellucid.inference.plan.step import Accuracy, Step
from pellucid.inference.plan.timing import Timing
from pellucid.inference.predictor import load_predictor
from pellucid.models import Architecture
from pellucid.watch import Watcher


class Listener(Watcher):
    def __init__(self):
        self.sentences = []

    def message(self, sentence):
        self.sentences.append(sentence)


@pytest.fixture
def folder(tmp_path):
    arguments = {"classes": 2, "channels": 3, "widths": [4]}
    network = Architecture("compact", arguments).sample(0)
    card = Card(
        "compact", arguments, Preprocessing("rgb", 9, 8, (0.5,) * 3, (0.2,) * 3), ("a", "b")
    )
    save_bundle(tmp_path / "bundle", network, card)
    return tmp_path / "bundle"


@pytest.fixture
def plan(folder):
    step = Step(
        "onnxruntime", "int8", "kept", "2 times as fast", Timing(2, 1, 2, 1.9, 2.1, 9), 0.01,
        Accuracy(10, 0.9, 0.8, 2, 1),
    )  # fmt: skip
    weights = open_bundle(folder).parts["weights.safetensors"].sha256
    return Plan(
        Machine.here(), weights, Setup("onnxruntime", 1), "float32", None, 2.0, 4,
        {1: 10.0, 4: 20.5}, (step, Step("torch", "x", "nothing to do", "no")), 0.5, "3 images",
    )  # fmt: skip


@pytest.fixture
def graph(make):
    """Scores that the bundle's own network cannot make, so that it is seen who answers."""
    m = make(0)
    x = m.add("Transpose", m.add("Cast", "x", to=1), perm=[0, 3, 1, 2])
    mean = m.add("ReduceMean", x, m.constant([2, 3], np.int64), keepdims=0)
    head = m.add("Gemm", mean, m.constant(np.zeros((3, 2))), m.constant([7.0, 5.0]))
    return to_onnx(m.graph(head, uint8=True, shape=("N", 9, 8, 3)))


def test_a_plan_survives_its_file(folder, plan, graph):
    saved = save_plan(folder, plan, graph)
    assert read_plan(open_bundle(folder)) == saved
    assert (folder / saved.graph).read_bytes() == graph
    json.loads((folder / PLAN).read_text())


def test_auto_answers_by_the_plan_and_torch_does_not(folder, plan, graph):
    images = np.zeros((3, 9, 8, 3), np.uint8)
    before = load_predictor(folder).probabilities(images)
    save_plan(folder, plan, graph)
    planned = load_predictor(folder, "auto")
    assert planned.runtime.name == "onnxruntime"
    expected = torch.tensor([7.0, 5.0]).softmax(0).numpy()
    np.testing.assert_allclose(planned.probabilities(images), [expected] * 3, rtol=1e-6)
    np.testing.assert_array_equal(load_predictor(folder).probabilities(images), before)


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("cpu", "Another CPU", "Another CPU"),
        ("cores", 1234, "1234"),
        ("versions", {"onnxruntime": "0.1"}, "onnxruntime: 0.1"),
    ],
)
def test_another_machines_plan_is_said_and_not_used(folder, plan, graph, field, value, word):
    other = dataclasses.replace(plan.machine, **{field: value})
    save_plan(folder, dataclasses.replace(plan, machine=other), graph)
    heard = Listener()
    assert load_predictor(folder, "auto", watch=heard).runtime.name == "torch"
    assert len(heard.sentences) == 1
    assert "another machine" in heard.sentences[0]
    assert word in heard.sentences[0]


def test_a_plan_for_other_weights_is_said(folder, plan, graph):
    stale = dataclasses.replace(plan, weights="0" * 64)
    save_plan(folder, stale, graph)
    assert "other weights" in objection(stale, open_bundle(folder))
    heard = Listener()
    assert load_predictor(folder, "auto", watch=heard).runtime.name == "torch"
    assert "other weights" in heard.sentences[0]


def test_the_reference_may_stay(folder, plan):
    save_plan(folder, dataclasses.replace(plan, setup=None), None)
    assert load_predictor(folder, "auto").runtime.name == "torch"


def test_an_interrupted_write_leaves_the_old_plan(folder, plan, graph, monkeypatch):
    first = save_plan(folder, plan, graph)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(path, content):
        raise KeyboardInterrupt

    monkeypatch.setattr(record_module, "write_json", fail)
    with pytest.raises(KeyboardInterrupt):
        save_plan(folder, dataclasses.replace(plan, gain=9.0), graph + b"")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert read_plan(open_bundle(folder)) == first


def test_old_graphs_go_when_the_new_plan_is_there(folder, plan, graph, make):
    first = save_plan(folder, plan, graph)
    m = make(1)
    other = to_onnx(m.graph(m.add("Relu", "x"), shape=("N", 3)))
    second = save_plan(folder, plan, other)
    assert first.graph != second.graph
    assert [path.name for path in folder.glob("plan-*.onnx")] == [second.graph]


def test_a_damaged_graph_is_refused(folder, plan, graph):
    saved = save_plan(folder, plan, graph)
    (folder / saved.graph).write_bytes(graph[:-1])
    with pytest.raises(BundleError, match="damaged"):
        load_predictor(folder, "auto")
    (folder / saved.graph).unlink()
    with pytest.raises(BundleError, match="cannot read"):
        load_predictor(folder, "auto")


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 9}, {"machine": 1}, {"setup": {"engine": "x"}}, {"rates": []}, {"steps": [{}]},
        {"graph": "../../x"}, {"graph": "/etc/passwd"},
    ],
)  # fmt: skip
def test_a_damaged_plan_is_refused(folder, plan, graph, change):
    save_plan(folder, plan, graph)
    record = json.loads((folder / PLAN).read_text()) | change
    (folder / PLAN).write_text(json.dumps(record))
    with pytest.raises(BundleError):
        load_predictor(folder, "auto")


def test_a_folder_that_cannot_be_written(folder, plan, graph):
    with pytest.raises(StorageError):
        save_plan(folder / "card.json", plan, graph)
