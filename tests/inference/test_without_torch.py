"""A bundle with an exported graph predicts in a process that cannot import torch."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from pellucid.errors import UsageError
from pellucid.inference import load_predictor, open_bundle, predictor
from pellucid.inference.bundle import write_bundle
from pellucid.watch import Watcher

_CALL = """
import json, sys
for name in {hidden}: sys.modules[name] = None  # importing it fails
from pellucid.cli.main import run
status = run(["predict", *{words}, "--json", "--top", "3"])
print(json.dumps(sorted(name for name in sys.modules if sys.modules[name] is not None)))
sys.exit(status)
"""


def predict(*words: str, hidden: tuple[str, ...] = ()) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of ``pellucid predict`` in a fresh process."""
    code = _CALL.format(hidden=hidden, words=list(words))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "photo.png"), pixels)
    return tmp_path / "photo.png"


@pytest.fixture
def archive(with_graph: Path) -> Path:
    opened = open_bundle(with_graph)
    path = with_graph.parent / "b.zip"
    parts = {name: opened.read(name) for name in opened.parts}
    write_bundle(path, opened.card, parts, archive=True)
    return path


def test_the_same_answers_without_torch(archive: Path, photo: Path) -> None:
    hidden = ("torch", "onnx", "onnxscript", "safetensors", "scipy", "pandas")
    status, out, err = predict(str(archive), str(photo), hidden=hidden)
    assert (status, err) == (0, "")
    answers, modules = out.split("\n]\n")
    [answer] = json.loads(answers + "]")
    assert not {"torch", "safetensors"} & set(json.loads(modules))
    [expected] = load_predictor(archive, "torch").predict(photo)
    found = {one["label"]: one["probability"] for one in answer["top"]}
    assert answer["label"] == expected.label
    assert np.allclose(
        [found[name] for name in ("ant", "bee", "cat 🐈")],
        expected.probabilities,  # type: ignore[arg-type]
        atol=1e-6,
    )


def test_without_an_option_torch_is_not_loaded(with_graph: Path, photo: Path) -> None:
    status, out, _ = predict(str(with_graph), str(photo))
    assert status == 0 and "torch" not in json.loads(out.split("\n]\n")[1])


def test_neither_torch_nor_a_graph(bundle: Path, photo: Path) -> None:
    status, _, err = predict(str(bundle), str(photo), hidden=("torch",))
    assert status == 2
    assert err.count("\n") == 1 and "torch is needed" in err and "pellucid export" in err


def test_onnxruntime_is_asked_for_and_not_there(
    bundle: Path, with_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pellucid.inference.onnx_runtime.is_installed", lambda: False)
    with pytest.raises(UsageError, match=r"pip install 'pellucid\[onnx\]'"):
        load_predictor(with_graph, "onnxruntime")


def test_torch_takes_over_and_says_so(with_graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Notes(Watcher):
        def message(self, sentence: str) -> None:
            said.append(sentence)

    said: list[str] = []
    monkeypatch.setattr(predictor, "is_installed", lambda: False)
    assert load_predictor(with_graph, "auto", watch=Notes()).runtime.name == "torch"
    assert len(said) == 1 and "onnxruntime is not installed" in said[0]


def test_a_bundle_without_a_graph(bundle: Path) -> None:
    assert load_predictor(bundle, "auto").runtime.name == "torch"
    with pytest.raises(UsageError, match="pellucid export"):
        load_predictor(bundle, "onnxruntime")
    with pytest.raises(UsageError, match="did you mean 'torch'"):
        load_predictor(bundle, "torhc")  # type: ignore[arg-type]


def test_the_network_behind_a_predictor(with_graph: Path) -> None:
    assert load_predictor(with_graph, "torch").network is not None
    with pytest.raises(UsageError, match="runtime='torch'"):
        _ = load_predictor(with_graph, "onnxruntime").network


def test_the_first_answer_comes_in_less_than_torchs_import(archive: Path, photo: Path) -> None:
    """The processor's time of the whole process, best of three: other load hardly counts."""
    command = [sys.executable, "-m", "pellucid", "predict", str(archive), str(photo)]
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 1.5
