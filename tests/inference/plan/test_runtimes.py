"""Every runtime computes what ONNX's NumPy reference does; OpenVINO comes without its telemetry."""

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from pellucid.errors import BundleError
from pellucid.inference.plan.graph import from_onnx, to_onnx
from pellucid.inference.plan.rewrites import REWRITES
from pellucid.inference.plan.setup import Setup, installed

SETUPS = [
    Setup("onnxruntime"),
    Setup("onnxruntime", threads=1, level="basic", arena=False),
    Setup("onnxruntime", threads=2, level="extended"),
    Setup("openvino"),
    Setup("openvino", threads=1, hint="throughput"),
    Setup("torch"),
]


@pytest.fixture
def network(make):
    """Normalisation, convolutions, pooling, siblings, a linear head: (N, 9, 8, 3) to (N, 4)."""
    m = make(3)
    pixel = m.add("Mul", m.add("Cast", "x", to=1), m.constant([0.02, 0.017, 0.03]))
    x = m.add("Add", pixel, m.constant([-2.1, 1.3, 0.4]))
    x = m.add("Transpose", x, perm=[0, 3, 1, 2])
    x = m.add("Relu", m.norm(m.conv(x, 3, 6, 3, pads=[1, 0, 0, 1]), 6))
    x = m.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    ends = [m.add("Relu", m.conv(x, 6, width, 1)) for width in (4, 2)]
    x = m.add("Concat", *ends, axis=1)
    mean = m.add("ReduceMean", x, m.constant([2, 3], np.int64), keepdims=0)
    head = m.add("Gemm", mean, m.weight(4, 6), m.weight(4), transB=1)
    return m.graph(head, uint8=True, shape=("N", 9, 8, 3))


@pytest.mark.parametrize("setup", SETUPS, ids=lambda s: f"{s.engine}-{s.threads}-{s.level}")
@pytest.mark.parametrize("rewritten", [False, True])
def test_scores(network, answers, setup, rewritten):
    if find_spec(setup.engine) is None:
        pytest.skip(f"{setup.engine} is not installed")
    images = np.random.default_rng(0).integers(0, 256, (5, 9, 8, 3), np.uint8)
    wanted = answers(network, images)[0]
    graph = network
    if rewritten:
        for rewrite in REWRITES.values():
            graph = rewrite(graph)
    runtime = setup.start(to_onnx(graph))
    assert runtime.name == setup.engine
    for one in (images, images[:1], images[1:3]):
        scores = runtime.scores(one)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, answers(graph, one)[0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(runtime.scores(images), wanted, rtol=1e-4, atol=1e-4)
    with runtime.one_core() as alone:
        np.testing.assert_allclose(alone.scores(images), wanted, rtol=1e-4, atol=1e-4)


def test_a_result_outlives_the_next_call(network):
    for engine in installed():
        runtime = Setup(engine).start(to_onnx(network))
        images = np.random.default_rng(0).integers(0, 256, (2, 9, 8, 3), np.uint8)
        first = runtime.scores(images)
        kept = first.copy()
        runtime.scores(255 - images)
        np.testing.assert_array_equal(first, kept)


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
def test_openvino_comes_without_telemetry():
    program = (
        "import sys\n"
        "from pellucid.inference.plan.openvino_runtime import import_openvino\n"
        "assert import_openvino().Core().available_devices\n"
        "found = [name for name in sys.modules if 'telemetry' in name or '.ovc' in name]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
def test_ctrl_c_still_works_after_models_of_openvino_came_and_went(network, tmp_path):
    (tmp_path / "graph.onnx").write_bytes(to_onnx(network))
    program = (
        "import gc, os, signal, sys\n"
        "from pathlib import Path\n"
        "from pellucid.inference.plan.setup import Setup\n"
        "graph = Path(sys.argv[1]).read_bytes()\n"
        "models = [Setup('openvino').start(graph) for _ in range(3)]\n"
        "while models:\n"
        "    del models[0]\n"  # the oldest first: a stack of signals may outlive its model
        "    gc.collect()\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        sys.exit('not interrupted')\n"
        "    except KeyboardInterrupt:\n"
        "        pass\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "graph.onnx")]
    subprocess.run(words, check=True, timeout=120)


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
def test_nonsense_is_refused_in_a_sentence(engine):
    if find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed")
    with pytest.raises(BundleError, match="cannot run the plan's graph"):
        Setup(engine).start(b"no graph")


def test_torch_names_an_operation_that_it_does_not_know(make):
    m = make(0)
    graph = m.graph(m.add("Erf", "x"), shape=("N", 3, 9, 8))
    with pytest.raises(BundleError, match="Erf"):
        Setup("torch").start(to_onnx(graph))


def test_a_graph_survives_its_file(network, answers):
    images = np.random.default_rng(0).integers(0, 256, (2, 9, 8, 3), np.uint8)
    again = from_onnx(to_onnx(network))
    assert [n.op for n in again.nodes] == [n.op for n in network.nodes]
    assert again.inputs == network.inputs
    np.testing.assert_array_equal(answers(again, images)[0], answers(network, images)[0])


@pytest.mark.parametrize(
    "change",
    [{"engine": "tensorrt"}, {"threads": 0}, {"threads": "2"}, {"level": "none"}, {"x": 1}],
)
def test_a_damaged_setup_is_refused(change):
    with pytest.raises(BundleError):
        Setup.from_json(Setup("torch").to_json() | change)


def test_setups_compare_by_value():
    assert replace(Setup("torch"), threads=None) == Setup("torch")
