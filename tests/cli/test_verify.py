"""`pellucid verify`, as a user calls it."""

import json
from pathlib import Path

import numpy as np
import pytest

from pellucid.cli.main import run
from pellucid.data.preprocessing import Preprocessing
from pellucid.explain.rules import RULES, Case, Rule, Whole
from pellucid.images.save import save_image
from pellucid.inference.bundle import Card, save_bundle
from pellucid.models import Architecture


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """A bundle and an image."""
    architecture = Architecture("compact", {"classes": 2, "channels": 1, "widths": [4, 4, 4]})
    record = Preprocessing("gray", 16, 16, (0.5,), (0.25,))
    save_bundle(
        tmp_path / "run" / "bundle",
        architecture.sample(seed=0),
        Card(architecture.name, architecture.arguments, record, ("a", "b")),
    )
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    save_image(tmp_path / "photo.png", pixels)
    return ["verify", str(tmp_path / "run"), str(tmp_path / "photo.png")]


def test_every_number_of_a_small_network(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(given) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    lines = [line.split() for line in text.splitlines()]
    assert [line[0] for line in lines[1:4]] == ["recolor", "resize", "normalise"]
    assert "stem.0" in text and "every number" in " ".join(text.split())
    assert "No layer differs by more than rounding allows" in text


def test_json_and_samples(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*given, "--json", "--samples", "3"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["agrees"] and not record["all"] and record["wrong"] == record["unchecked"] == []
    assert {layer["checked"] for layer in record["layers"]} == {2, 3}
    assert run([*given, "--json", "--all"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["all"] and record["checked"] == record["count"]


def test_a_wrong_layer_fails_and_is_named(
    given: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = RULES["relu"]

    def off(case: Case) -> Whole:
        made = right.whole(case)
        return Whole(made.values + 1e-3, made.steps, made.scale)

    monkeypatch.setitem(RULES, "relu", Rule(right.one, off))
    assert run(given) == 1
    captured = capsys.readouterr()
    assert "WRONG" in captured.out and "stem.2" in captured.err and "photo.png" in captured.err


def test_wrong_calls(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*given, "--all", "--samples", "3"]) == 2
    assert "--all and --samples ask for different things" in capsys.readouterr().err
    assert run([*given[:2], str(tmp_path / "none.png")]) == 1
    assert "none.png" in capsys.readouterr().err
    assert run(["verify", str(tmp_path), given[2]]) == 1
    assert run([*given, "--samples", "0"]) == 2
