"""Exported files answer as the network does, say what they are, or are not there."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError, ParityError, StorageError, UsageError
from pellucid.inference import Card, load_bundle, load_predictor, open_bundle
from pellucid.inference.bundle import add_part, rebuild, write_bundle
from pellucid.inference.cases import Case, odd_cases
from pellucid.inference.export import Form, export
from pellucid.inference.onnx import model
from pellucid.inference.onnx_runtime import OnnxRuntime, session_of
from pellucid.models import Architecture, arguments_for, registered, usual
from pellucid.watch import Watcher
from tests.inference.conftest import CARD, liven, make_bundle

IMAGE = np.random.default_rng(0).integers(0, 256, (37, 23, 3), np.uint8)


def cases() -> list[Case]:
    return odd_cases(CARD.preprocessing)


def expected(bundle: Path, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and scores by torch in float64."""
    network, card = load_bundle(bundle)
    record = card.preprocessing
    values = (fitted / 255 - np.array(record.mean)) / np.array(record.std)
    with torch.no_grad():
        scores = network.double()(torch.from_numpy(values.transpose(0, 3, 1, 2)))
    return scores.softmax(1).numpy(), scores.numpy()


def test_one_image_of_any_size(bundle: Path, graphs: tuple[bytes, bytes]) -> None:
    session = session_of(graphs[1])
    names = [one.name for one in session.get_outputs()]
    assert names == ["probabilities", "scores"]
    assert session.get_inputs()[0].shape == ["height", "width", "channels"]
    chances, scores = session.run(None, {"image": IMAGE})
    wanted = expected(bundle, CARD.preprocessing.fit(IMAGE)[None])
    assert np.allclose(chances, wanted[0], atol=1e-5) and np.allclose(scores, wanted[1], atol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_batch(bundle: Path, graphs: tuple[bytes, bytes], count: int) -> None:
    batch = np.random.default_rng(count).integers(0, 256, (count, 16, 16, 3), np.uint8)
    chances, scores = session_of(graphs[0]).run(None, {"images": batch})
    wanted = expected(bundle, batch)
    assert np.allclose(chances, wanted[0], atol=1e-5) and np.allclose(scores, wanted[1], atol=1e-4)


def test_the_file_says_what_it_is(graphs: tuple[bytes, bytes]) -> None:
    for content in graphs:
        loaded = onnx.load_model_from_string(content)
        onnx.checker.check_model(loaded, full_check=True)
        assert {one.domain for one in loaded.opset_import} <= {"", "ai.onnx"}
        said = {one.key: one.value for one in loaded.metadata_props}
        assert json.loads(said["classes"]) == list(CARD.classes)
        assert Card.from_json(json.loads(said["card"]), "the file") == CARD


def test_class_activation_maps(bundle: Path) -> None:
    content = model.onnx_model(rebuild(open_bundle(bundle)), CARD, batch=False, cam=True)
    session = session_of(content)
    assert session.get_outputs()[2].shape == [1, 3, 4, 4]
    scores, maps = session.run(["scores", "maps"], {"image": IMAGE})
    assert np.allclose(maps.mean((2, 3)), scores, atol=1e-5)


def test_maps_of_a_linear_head(tmp_path: Path) -> None:
    """Where a linear layer follows the averages, its bias is no part of the maps."""
    arguments = {"classes": 3, "channels": 3, "height": 16, "width": 16, "head": "linear"}
    card = Card("headed", arguments, CARD.preprocessing, CARD.classes)
    network = rebuild(open_bundle(make_bundle(tmp_path / "bundle", card)))
    session = session_of(model.onnx_model(network, card, batch=True, cam=True))
    batch = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    scores, maps = session.run(["scores", "maps"], {"images": batch})
    bias = network.head.scores.bias.detach().numpy()  # type: ignore[union-attr]
    assert np.allclose(maps.mean((2, 3)) + bias, scores, atol=1e-5) and np.abs(bias).max() > 0.1


def test_a_flat_head_has_no_maps(tmp_path: Path) -> None:
    arguments = {"classes": 3, "channels": 3, "height": 16, "width": 16, "head": "flatten"}
    card = Card("headed", arguments, CARD.preprocessing, CARD.classes)
    make_bundle(tmp_path / "bundle", card)
    with pytest.raises(UsageError, match="averages maps"):
        export(tmp_path / "bundle", tmp_path / "m.onnx", Form(cam=True), cases, Watcher())
    assert not (tmp_path / "m.onnx").exists()


def test_into_a_file(bundle: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "m.onnx"
    found = export(bundle, target, Form(), cases, Watcher())
    assert found.path == target and found.bytes == target.stat().st_size
    assert found.parity.agrees and found.parity.differences[0].worst < 1e-5
    with pytest.raises(StorageError, match="exists"):
        export(bundle, target, Form(), cases, Watcher())


def test_the_answers_depend_on_the_image(bundle: Path) -> None:
    """Else no comparison here could fail."""
    found = load_predictor(bundle).predict([case.pixels for case in cases()])
    rows = np.array([one.probabilities for one in found])
    assert np.ptp(rows, axis=0).min() > 0.05


def perturbed(graph: bytes) -> bytes:
    """The graph of a network that is a little off: one number of its head."""
    loaded = onnx.load_model_from_string(graph)
    [bias] = [one for one in loaded.graph.initializer if one.name.endswith("head.maps.bias")]
    values = numpy_helper.to_array(bias).copy()
    values[1] += 0.01
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    return bytes(loaded.SerializeToString())


def test_what_differs_is_not_left_behind(
    bundle: Path, graphs: tuple[bytes, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export of a network that is a little off, into all three places."""
    before = sorted(path.name for path in bundle.iterdir())
    monkeypatch.setattr(
        model, "onnx_model", lambda *_, batch, cam: perturbed(graphs[int(not batch)])
    )
    with pytest.raises(ParityError, match="not written") as caught:
        export(bundle, tmp_path / "new" / "m.onnx", Form(), cases, Watcher())
    assert caught.value.parity["agrees"] is False
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle"]
    with pytest.raises(ParityError):
        export(bundle, None, Form(), cases, Watcher())
    assert sorted(path.name for path in bundle.iterdir()) == before


def test_into_the_bundle(
    bundle: Path, graphs: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "onnx_model", lambda *_, batch, cam: graphs[0])
    found = export(bundle, None, Form(), cases, Watcher())
    assert found.path == bundle / "model.onnx"
    assert open_bundle(bundle).read("model.onnx") == graphs[0]
    with pytest.raises(StorageError, match="--overwrite"):
        export(bundle, None, Form(), cases, Watcher())
    export(bundle, None, Form(overwrite=True), cases, Watcher())
    one, other = (load_predictor(bundle, runtime).predict(IMAGE) for runtime in ("torch", "auto"))
    assert np.allclose(one[0].probabilities, other[0].probabilities, atol=1e-6)  # type: ignore[arg-type]


def test_as_a_zip(with_graph: Path, tmp_path: Path) -> None:
    target = tmp_path / "m.zip"
    found = export(with_graph, target, Form(), cases, Watcher())
    assert found.parity.agrees and found.bytes == target.stat().st_size
    assert set(open_bundle(target).parts) == {"weights.safetensors", "model.onnx"}
    with pytest.raises(UsageError, match="--batch"):
        export(with_graph, tmp_path / "n.zip", Form(batch=True), cases, Watcher())
    with pytest.raises(UsageError, match=r"\.onnx or \.zip"):
        export(with_graph, tmp_path / "n.tflite", Form(), cases, Watcher())


def test_a_part_in_a_zip(bundle: Path, graphs: tuple[bytes, bytes], tmp_path: Path) -> None:
    opened = open_bundle(bundle)
    parts = {name: opened.read(name) for name in opened.parts}
    write_bundle(tmp_path / "b.zip", opened.card, parts, archive=True)
    add_part(open_bundle(tmp_path / "b.zip"), "model.onnx", graphs[0])
    assert load_predictor(tmp_path / "b.zip", "onnxruntime").predict(IMAGE)[0].error is None


def test_a_bundle_that_is_read_only(
    with_graph: Path, monkeypatch: pytest.MonkeyPatch, graphs: tuple[bytes, bytes]
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        add_part(open_bundle(with_graph), "model.onnx", graphs[0])
    assert open_bundle(with_graph).read("model.onnx") == graphs[0]
    assert {path.name for path in with_graph.iterdir()} == {
        "card.json", "model.onnx", "weights.safetensors",
    }  # fmt: skip


def test_graphs_that_are_not_of_the_card(graphs: tuple[bytes, bytes]) -> None:
    with pytest.raises(BundleError, match="disagree"):
        OnnxRuntime(graphs[1], CARD)  # takes one image
    fewer = Card(CARD.model, CARD.arguments, CARD.preprocessing, CARD.classes[:2])
    with pytest.raises(BundleError, match="scores of 2 classes"):
        OnnxRuntime(graphs[0], fewer)
    smaller = Preprocessing("rgb", 8, 16, (0.5,) * 3, (0.5,) * 3)
    with pytest.raises(BundleError, match="images N×8×16×3"):
        OnnxRuntime(graphs[0], Card(CARD.model, CARD.arguments, smaller, CARD.classes))
    for content in (b"", b"no graph", graphs[0][:1000]):
        with pytest.raises(BundleError, match="cannot be run"):
            OnnxRuntime(content, CARD)


def test_weights_in_other_files_are_not_fetched(graphs: tuple[bytes, bytes]) -> None:
    loaded = onnx.load_model_from_string(graphs[0])
    tensor = loaded.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    tensor.ClearField("raw_data")
    with pytest.raises(BundleError, match="other files"):
        OnnxRuntime(loaded.SerializeToString(), CARD)


@pytest.mark.slow
@pytest.mark.parametrize("name", registered())
def test_every_network(name: str) -> None:
    """Grouped, unshared, same-padded and other convolutions, at the network's usual size."""
    plain = usual(name)
    side, channels = min(plain.side, 96), plain.channels
    arguments = arguments_for(
        name, classes=plain.classes, channels=channels, height=side, width=side
    )
    network = Architecture(name, arguments).sample(0)
    color = "gray" if channels == 1 else "rgb"
    record = Preprocessing(color, side, side, (0.5,) * channels, (0.25,) * channels)
    liven(network, record)
    card = Card(name, arguments, record, tuple(map(str, range(plain.classes))))
    runtime = OnnxRuntime(model.onnx_model(network, card, batch=True), card)
    batch = np.random.default_rng(0).integers(0, 256, (3, side, side, channels), np.uint8)
    with torch.no_grad():
        wanted = network(torch.from_numpy(record.tensor(batch))).numpy()
    assert np.ptp(wanted, axis=0).max() > 1e-3  # else all images score alike
    assert np.abs(runtime.scores(batch) - wanted).max() < 1e-4 * max(1, np.abs(wanted).max())
