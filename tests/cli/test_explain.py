"""`pellucid explain`, as a user calls it."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from pellucid import api
from pellucid.cli.explain_class import class_answer
from pellucid.cli.main import run
from pellucid.data.preprocessing import Preprocessing
from pellucid.images import read_image
from pellucid.images.save import save_image
from pellucid.inference.bundle import Card, save_bundle
from pellucid.models import Architecture

NAMES = ("ant", "bee", "[bold]7")


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """A bundle with random weights, and a photo that has to be cut, shrunk and normalised."""
    architecture = Architecture("compact", {"classes": 3, "channels": 3, "widths": [4, 4, 4]})
    record = Preprocessing("rgb", 16, 16, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3), "crop")
    network = architecture.sample(seed=1)
    torch.nn.init.normal_(network.get_parameter("head.maps.weight"))  # it begins with zeros
    card = Card(architecture.name, architecture.arguments, record, NAMES)
    save_bundle(tmp_path / "run" / "bundle", network, card)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    save_image(tmp_path / "photo.png", pixels)
    return ["explain", str(tmp_path / "run"), str(tmp_path / "photo.png")]


@pytest.fixture
def lenet(tmp_path: Path) -> list[str]:
    """A network without an averaging head."""
    arguments = {"classes": 3, "channels": 1, "height": 28, "width": 28}
    architecture = Architecture("lenet", arguments)
    record = Preprocessing("gray", 28, 28, (0.5,), (0.25,))
    card = Card("lenet", arguments, record, NAMES)
    save_bundle(tmp_path / "lenet" / "bundle", architecture.sample(seed=0), card)
    save_image(tmp_path / "digit.png", np.eye(28, dtype=np.float32))
    return ["explain", str(tmp_path / "lenet"), str(tmp_path / "digit.png")]


def records(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run([*words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def outputs_of(words: list[str], module: str) -> np.ndarray[Any, Any]:
    """What a module gives for the photo, by a hook on the loaded network: (C, H, W)."""
    predictor = api.load(words[1])
    kept: list[torch.Tensor] = []
    chosen = dict(predictor.network.named_modules())[module]
    handle = chosen.register_forward_hook(lambda *call: kept.append(call[-1]))
    predictor.predict([words[2]])
    handle.remove()
    values: np.ndarray[Any, Any] = kept[0][0].detach().numpy()
    return values


def test_why_a_class(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(given) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "Class activation map, exact" in text and "scale:" not in text
    found = records(given, capsys)
    [prediction] = api.load(given[1]).predict([given[2]])
    assert prediction.probabilities is not None
    assert [each["probability"] for each in found["scores"]] == list(prediction.probabilities)
    best = int(np.argmax(prediction.probabilities))
    maps = outputs_of(given, "head.maps")
    assert found["class_map"]["target"] == NAMES[best]
    np.testing.assert_allclose(found["class_map"]["values"], maps[best], rtol=1e-6)
    assert found["class_map"]["score"] == pytest.approx(maps[best].mean(), rel=1e-5)
    place = found["places"][0]
    y, x = np.unravel_index(np.abs(maps[best]).argmax(), maps[best].shape)
    assert (place["y"], place["x"]) == (y, x)
    assert place["adds"] == pytest.approx(maps[best][y, x] / maps[best].size, rel=1e-6)
    # The middle 40 columns of the photo, in tiles for the map's cells.
    side = 40 / maps.shape[1]
    assert place["box"]["left"] == 5 + int(x * side) and place["box"]["top"] == int(y * side)


def test_one_class_against_another(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = records([*given, "--class", "[bold]7", "--against", "0"], capsys)["class_map"]
    maps = outputs_of(given, "head.maps")
    np.testing.assert_allclose(found["values"], maps[2] - maps[0], rtol=1e-5, atol=1e-6)
    assert (found["target"], found["against"]) == ("[bold]7", "ant")
    assert run([*given, "--class", "2"]) == 0
    assert "What speaks for [bold]7" in capsys.readouterr().out


def test_heads_without_averages(lenet: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = records(lenet, capsys)
    assert found["class_map"]["method"] == "grad-cam" and found["class_map"]["explained"] is None
    assert "no averages of maps" in found["class_map"]["words"]
    layer = [*lenet, "--method", "grad-cam", "--layer", "trunk.s2.tanh"]
    assert records(layer, capsys)["class_map"]["layers"] == ["trunk.s2.tanh"]
    pixels = records([*lenet, "--method", "gradient"], capsys)
    assert "receptive_field" not in pixels and np.shape(pixels["class_map"]["values"]) == (28, 28)
    assert run([*lenet, "--method", "cam"]) == 2


def test_layers(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*given, "--layers"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["stem.0", "conv2d", "4×8×8"] in rows and ["pixels", "pixels", "3×40×50"] in rows
    layers = records([*given, "--layers"], capsys)["layers"]
    assert [layer["name"] for layer in layers][:4] == ["pixels", "crop", "resize", "normalise"]


def test_the_maps_of_a_layer(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "maps.png"
    assert run([*given, "--layer", "stem.0", "-o", str(picture)]) == 0
    text = capsys.readouterr().out
    assert read_image(picture).pixels.shape[1] == 1200
    maps = outputs_of(given, "stem.0")
    strongest = np.abs(maps).max((1, 2)).argsort()[::-1]
    rows = [line.split() for line in text.splitlines()[2:6]]
    assert [int(row[0]) for row in rows] == strongest.tolist()
    found = records([*given, "--layer", "stem.0"], capsys)["feature_maps"]
    np.testing.assert_allclose(found["maps"]["2"], maps[2], rtol=1e-6, atol=1e-6)


def test_one_number(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*given, "--layer", "stages.0.first", "--at", "2,3,4"]
    found = records(words, capsys)
    [account] = found["accounts"]
    inputs = np.pad(outputs_of(given, "stem.2").astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    network = api.load(given[1]).network
    weights = network.get_parameter("stages.0.first.weight").detach().double().numpy()
    products = weights[2] * inputs[:, 3:6, 4:7]
    assert account["recomputed"] == pytest.approx(products.sum(), rel=1e-12)
    assert account["network"] == float(outputs_of(given, "stages.0.first")[2, 3, 4])
    assert account["difference"] == account["network"] - account["recomputed"]
    sizes = [abs(term["product"]) for term in account["terms"]]
    assert sizes == sorted(np.abs(products).ravel().tolist(), reverse=True)
    share = np.cumsum(sizes) / np.sum(sizes)
    assert account["terms_for_90_percent"] == int(np.searchsorted(share, 0.9)) + 1
    assert {term["source"] for term in account["terms"]} == {"stem.2"}
    assert found["receptive_field"]["input"]["box"] == {
        "top": 3, "bottom": 11, "left": 5, "right": 13,
    }  # fmt: skip
    assert run(words) == 0
    text = capsys.readouterr().out
    assert f"these {account['terms_for_90_percent']} of 36 terms make 90% of it" in text
    assert max(map(len, text.splitlines())) <= 80


def test_down_to_a_pixel(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = [*given, "--layer", "head.maps", "--at", "0,1,1", "--path"]
    accounts = records(words, capsys)["accounts"]
    for above, below in pairwise(accounts):
        term = above["terms"][above["followed"]]
        assert (term["source"], term["at"]) == (below["layer"], [*below["at"].values()])
        assert term["value"] == pytest.approx(below["network"], rel=1e-6)
        assert above["agrees"]
    c, y, x = accounts[-1]["at"].values()
    assert accounts[-1]["layer"] == "pixels" and accounts[-1]["followed"] is None
    assert accounts[-1]["network"] == read_image(given[2]).pixels[y, x, c]
    assert run(words) == 0
    assert "pixels" in capsys.readouterr().out.splitlines()[-1]


def test_down_along_chosen_terms(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = [*given, "--layer", "stem.1", "--at", "0,1,1", "--down", "0,3"]
    norm, correlation, input = records(words, capsys)["accounts"]
    assert (norm["followed"], correlation["followed"], input["followed"]) == (0, 3, None)
    assert correlation["layer"] == "stem.0" and input["layer"] == "normalise"
    assert correlation["terms"][3]["at"] == [*input["at"].values()]
    assert run(words) == 0
    assert capsys.readouterr().out.count("rounding allows") == 3


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--class", "ants"], 2, "did you mean 'ant'"),
        (["--class", "3"], 2, "from 0 to 2"),
        (["--class", "ant", "--against", "0"], 2, "found 'ant' twice"),
        (["--method", "gradcam"], 2, "did you mean 'grad-cam'"),
        (["--layer", "stm.0"], 2, "did you mean 'stem.0'"),
        (["--layer", "stm.0", "--at", "0,0,0"], 2, "--layers lists"),
        (["--layer", "head.mean"], 2, "layer with maps"),
        (["--layer", "stem.0", "--at", "4,0,0"], 2, "4 × 8 × 8"),
        (["--layer", "stem.0", "--at", "0,0"], 2, "4 × 8 × 8"),
        (["--layer", "stem.0", "--at", "0,-1,0"], 2, "whole numbers from 0"),
        (["--layer", "stem.0", "--at", "0,0,0", "--down", "999"], 2, "term from 0"),
        (["--at", "0,0,0"], 2, "expected --layer"),
        (["--path"], 2, "expected --layer and --at"),
        (["--layer", "stem.0", "--at", "0,0,0", "--path", "--down", "1"], 2, "exclude"),
        (["--layer", "stem.0", "--class", "ant"], 2, "--method grad-cam"),
        (["--layers", "--method", "cam"], 2, "leave --method out"),
        (["--layers", "-o", "x.png"], 2, "nothing to write"),
        (["-o", "x.pdf"], 2, "Known: .htm"),
        (["-o", "no-such-folder/x.png"], 1, "does not exist"),
    ],
)
def test_wrong_calls(
    words: list[str], code: int, said: str, given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*given, *words]) == code
    printed = capsys.readouterr()
    assert said in printed.err and "Traceback" not in printed.err and not printed.out


def test_wrong_files(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "empty").mkdir()
    for where, image in ((given[1], "text.png"), (given[1], "none.png"), ("empty", "photo.png")):
        assert run(["explain", str(tmp_path / where), str(tmp_path / image)]) == 1
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [[], ["--layer", "stem.0"], ["--layer", "stem.0", "--at", "0,0,0", "--path"]],
)
@pytest.mark.parametrize("name", ["out.png", "out.html"])
def test_outputs_are_not_replaced(
    words: list[str],
    name: str,
    given: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / name
    assert run([*given, *words, "-o", str(output)]) == 0
    written = output.read_bytes()
    assert written.startswith(b"\x89PNG" if name.endswith("png") else b"<!doctype html>")
    assert run([*given, *words, "-o", str(output)]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert run([*given, *words, "-o", str(output), "--overwrite"]) == 0
    assert output.read_bytes() == written


def test_a_colour_terminal_sees_the_map(given: list[str]) -> None:
    answer = class_answer(api.trace(given[1], given[2]), None, None, "auto", None)
    for colour in (True, False):
        console = Console(color_system="truecolor", force_terminal=True, width=80)
        with console.capture() as captured:
            console.print(answer.view(colour=colour))
        assert ("▀" in captured.get()) == colour
