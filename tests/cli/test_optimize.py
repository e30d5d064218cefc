"""``pellucid optimize`` from the command line, on a small bundle without its images."""

import json
from io import StringIO
from pathlib import Path

import pytest

from pellucid.cli.main import run
from pellucid.cli.plan_view import plan_view
from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.bundle import Card, save_bundle, write_bundle
from pellucid.inference.plan.machine import Machine
from pellucid.inference.plan.record import Plan
from pellucid.inference.plan.setup import Setup
from pellucid.inference.plan.step import Accuracy, Step
from pellucid.inference.plan.timing import Timing
from pellucid.inference.predictor import load_predictor
from pellucid.models import Architecture


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    arguments = {"classes": 2, "channels": 3, "widths": [8]}
    network = Architecture("compact", arguments).sample(0)
    card = Card(
        "compact", arguments, Preprocessing("rgb", 32, 32, (0.5,) * 3, (0.2,) * 3), ("a", "b")
    )
    save_bundle(tmp_path / "bundle", network, card)
    return tmp_path / "bundle"


@pytest.mark.slow
def test_a_bundle_gets_a_plan_that_predictions_use(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["optimize", str(bundle), "--batch", "1", "--seconds", "0.1", "--json"]) == 0
    said = capsys.readouterr()
    plan = json.loads(said.out)
    assert "--data" in said.err
    steps = {(step["engine"], step["name"]): step for step in plan["steps"]}
    assert steps["onnxruntime", "int8"]["verdict"] == "rejected"
    assert all(
        step["difference"] <= 1e-4
        for step in plan["steps"]
        if step["verdict"] == "kept" and step["difference"] is not None
    )
    assert json.loads((bundle / "plan.json").read_text()) == plan
    expected = "torch" if plan["setup"] is None else plan["setup"]["engine"]
    assert load_predictor(bundle, "auto").runtime.name == expected


def test_a_wrong_call(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["optimize", str(bundle), "--batch", "0"]) == 2
    assert run(["optimize", str(tmp_path / "nothing")]) == 1
    assert "nothing" in capsys.readouterr().err
    (bundle / "card.json").unlink()
    assert run(["optimize", str(bundle)]) == 1
    assert "card.json" in capsys.readouterr().err
    assert not list(bundle.glob("plan*"))


def test_an_archive_is_refused(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pellucid.inference.bundle import open_bundle

    opened = open_bundle(bundle)
    parts = {name: opened.read(name) for name in opened.parts}
    write_bundle(tmp_path / "one.zip", opened.card, parts, archive=True)
    assert run(["optimize", str(tmp_path / "one.zip")]) == 2
    assert "unpack" in capsys.readouterr().err


def test_the_table_says_what_was_gained_and_why_not() -> None:
    from rich.console import Console

    timing = Timing(0.02, 0.01, 2.0, 1.9, 2.1, 9)
    steps = (
        Step("onnxruntime", "fold batch norm", "kept", "2.00 times as fast", timing, 2e-7),
        Step("onnxruntime", "merge sibling 1×1", "nothing to do", "no place"),
        Step(
            "onnxruntime", "int8", "rejected", "accuracy falls by 1.50 points", timing, 0.1,
            Accuracy(200, 0.95, 0.935, 4, 1),
        ),
    )  # fmt: skip
    machine = Machine("Some CPU", 2, "Linux", {})
    plan = Plan(
        machine, "", Setup("onnxruntime", 2), "float32", "x", 3.5, 16, {1: 10.0, 16: 30.0}, steps,
        1.5, "9 images",
    )  # fmt: skip
    console = Console(width=80, record=True, file=StringIO())
    console.print(plan_view(plan, 16))
    text = " ".join(console.export_text().split())
    assert "fold batch norm 10.0 2.00× 1.90-2.10 2e-07 kept" in text
    assert "rejected: accuracy falls by 1.50 points" in text
    assert "95.00% to 93.50% on the same 200 images (4 lost, 1 won)" in text
    assert "no place in this network for: merge sibling 1×1" in text
    assert "Chosen: onnxruntime, float32, 2 threads: 3.50 times as fast" in text
    assert "Some CPU, 2 cores, load 1.5" in text
