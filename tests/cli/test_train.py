"""``pellucid train``, ``evaluate`` and ``demo``: what is passed on, and what is printed."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pellucid.cli.main import run
from pellucid.demo import demo_data

from .conftest import FakeApi

DEFAULTS = {
    "minutes": None, "epochs": None, "size": None, "width": None, "model": "auto", "seed": 0,
    "pretrained": True, "weights": None,
    "color": "auto", "flip": "auto", "augment": "auto", "balance": "auto",
    "folds": None, "learning_curve": False, "stream": False,
    "strict": False, "overwrite": False,
}  # fmt: skip


def test_defaults_are_passed_on(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "photos"]) == 0
    assert api.calls == [("train", (Path("photos"), None), DEFAULTS)]
    printed = capsys.readouterr()
    assert "THE EVALUATION" in printed.out
    assert "runs/photos-1/report.html" in printed.out
    assert "one thing" in printed.err


def test_every_option_is_passed_on(api: FakeApi) -> None:
    line = "train d -o r --epochs 3 --size 64 --width 8 --model nin --seed 9 --color rgb"
    more = "--flip none --augment light --balance weights --strict --overwrite --folds 5"
    more += " --learning-curve --from-scratch --weights w --stream"
    assert run([*line.split(), *more.split()]) == 0
    assert api.calls == [
        ("train", (Path("d"), Path("r")),
         {"minutes": None, "epochs": 3, "size": 64, "width": 8, "model": "nin", "seed": 9,
          "pretrained": False, "weights": Path("w"),
          "color": "rgb", "flip": "none", "augment": "light", "balance": "weights",
          "folds": 5, "learning_curve": True, "stream": True, "strict": True, "overwrite": True})
    ]  # fmt: skip
    assert run(["train", "d", "--minutes", "0.5"]) == 0
    assert api.calls[-1][2]["minutes"] == 0.5


def test_resume(api: FakeApi) -> None:
    assert run(["train", "--resume", "runs/photos-1"]) == 0
    assert api.calls == [("resume", (Path("runs/photos-1"),), {})]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("train", "train needs DATA"),
        ("train d --resume r", "leave DATA out"),
        ("train --resume r --seed 0", "leave --seed out"),
    ],
)
def test_calls_that_make_no_sense(
    words: str, sentence: str, api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) == 2
    assert sentence in capsys.readouterr().err
    assert api.calls == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("train d --minutes 1 --epochs 2", "minutes and epochs exclude each other"),
        ("train d --epochs 0", "epochs is 1 to 1,000,000, not 0."),
        ("train d --model compcat", "unknown model 'compcat'; did you mean 'compact'?"),
    ],
)
def test_values_are_checked_by_the_python_function(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words.split()) == 2
    assert sentence in capsys.readouterr().err


def test_json_alone_goes_to_stdout(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "d", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == api.run.record
    assert "one thing" in printed.err


@pytest.mark.parametrize("words", [["train", "d"], ["train", "d", "--json"], ["demo"]])
def test_interrupted(words: list[str], api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.run = replace(api.run, status="interrupted", folder=Path("runs/my photos"))
    assert run(words) == 130
    assert "pellucid train --resume 'runs/my photos'\n" in capsys.readouterr().err


def test_demo(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "-o", "here"]) == 0
    assert api.calls == [
        (
            "train",
            (demo_data(), Path("here")),
            {"overwrite": False, "epochs": 16, "width": 32},
        )
    ]
    printed = capsys.readouterr().out
    assert "THE EVALUATION" in printed
    assert "Try next:" in printed


def test_evaluate(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "r", "d", "--split", "test", "--json"]) == 0
    assert api.calls == [("evaluate", (Path("r"), Path("d")), {"split": "test"})]
    assert json.loads(capsys.readouterr().out) == {"accuracy": 0.5}
    assert run(["evaluate", "r", "d"]) == 0
    assert api.calls[-1][2] == {"split": None}
    assert "THE EVALUATION" in capsys.readouterr().out


def test_the_watcher_shows_what_a_person_acts_on(
    api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "d"]) == 0
    capsys.readouterr()
    verdicts = [
        SimpleNamespace(severity="info", sentence="all is well"),
        SimpleNamespace(severity="warning", sentence="two\ncopies"),
    ]
    with api.watch as watch:
        watch.audit(SimpleNamespace(verdicts=verdicts))
        watch.plan(SimpleNamespace(sentences=("ten epochs",)))
        watch.epoch(
            {"epoch": 1, "seconds": 2.0, "loss": 1.5, "accuracy": None,
             "val_loss": 1.25, "val_accuracy": 0.5}
        )  # fmt: skip
    assert capsys.readouterr().err.splitlines() == [
        "two\\ncopies",
        "ten epochs",
        "epoch 1   loss 1.500   validation loss 1.250   validation accuracy 50.0%   2.0 s",
    ]
