"""All ways of asking one network, compared: they agree, and one that does not is named."""

from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from pellucid.errors import BundleError, ServiceError
from pellucid.inference import open_bundle, ways
from pellucid.inference.bundle import write_bundle
from pellucid.inference.cases import Case, odd_cases
from pellucid.inference.onnx import model
from pellucid.inference.over_http import serving
from pellucid.inference.ways import check_parity
from pellucid.watch import Watcher
from tests.inference.conftest import CARD

OFFLINE = [
    "bundle, folder", "bundle, .zip", "pellucid predict", "model.onnx in the bundle",
    "ONNX, a batch", "ONNX, one image of any size",
]  # fmt: skip


class Notes(Watcher):
    def __init__(self) -> None:
        self.said: list[str] = []

    def message(self, sentence: str) -> None:
        self.said.append(sentence)


@pytest.fixture
def fresh(graphs: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """The graphs that were written once stand for those that a check writes."""
    monkeypatch.setattr(model, "onnx_models", lambda *_: graphs)


@pytest.fixture
def unserved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "SERVICE", "pellucid.nothing")


def cases() -> list[Case]:
    return [case for case in odd_cases(CARD.preprocessing) if case.pixels.size < 10**5]


@pytest.mark.usefixtures("fresh", "unserved")
def test_they_agree(with_graph: Path) -> None:
    notes = Notes()
    found = check_parity(with_graph, [], cases(), 1e-4, notes)
    assert found.agrees and {one.way for one in found.differences} == set(OFFLINE)
    assert max(one.worst for one in found.differences) < 1e-5
    assert notes.said == ["The service is left out: pellucid.nothing is not installed."]


@pytest.mark.usefixtures("fresh", "unserved")
def test_a_zip_is_asked_in_the_same_ways(with_graph: Path, tmp_path: Path) -> None:
    opened = open_bundle(with_graph)
    parts = {name: opened.read(name) for name in opened.parts}
    write_bundle(tmp_path / "b.zip", opened.card, parts, archive=True)
    found = check_parity(tmp_path / "b.zip", [], cases()[:3], 1e-4, Notes())
    assert found.agrees and {one.way for one in found.differences} == set(OFFLINE)


@pytest.mark.usefixtures("fresh", "unserved")
def test_another_networks_graph_is_named(
    bundle: Path, tmp_path: Path, graphs: tuple[bytes, bytes]
) -> None:
    loaded = onnx.load_model_from_string(graphs[1])
    [bias] = [one for one in loaded.graph.initializer if one.name.endswith("head.maps.bias")]
    values = numpy_helper.to_array(bias).copy()
    values[0] += 1
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    other = tmp_path / "other.onnx"
    other.write_bytes(loaded.SerializeToString())
    found = check_parity(bundle, [other], cases(), 1e-4, Notes())
    assert [one.way for one in found.differences if one.worst > 1e-4] == [str(other)]
    with pytest.raises(BundleError, match="No such file"):
        check_parity(bundle, [tmp_path / "none.onnx"], cases()[:1], 1e-4, Notes())


@pytest.mark.usefixtures("unserved")
def test_without_the_exporter(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ways, "find_spec", lambda name: None if name == "onnxscript" else name)
    monkeypatch.setattr(ways, "_service", lambda *_: __import__("contextlib").nullcontext({}))
    notes = Notes()
    found = check_parity(bundle, [], cases()[:2], 1e-4, notes)
    assert [one.way for one in found.differences] == OFFLINE[:3]
    assert notes.said == ["onnxscript is not installed: no new ONNX file is compared."]


@pytest.mark.slow
def test_the_service(bundle: Path) -> None:
    with serving(bundle, CARD.classes) as way:
        rows = way(cases()[:4])
    assert rows.shape == (4, 3) and abs(rows.sum(1) - 1).max() < 1e-5


def test_a_service_that_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"did not start.*no bundle"), serving(tmp_path, ("a",)):
        pass
