"""``pellucid export`` and ``pellucid parity``: what is asked for, what is printed, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from pellucid import api
from pellucid.cli.main import run
from pellucid.errors import ParityError
from pellucid.inference.export import Exported
from pellucid.inference.parity import Difference, Parity

SAME = Parity("training code", 3, 1e-4, (Difference("m.onnx", 2e-7, "a[red]\n.png"),))
DIFFERS = Parity("training code", 3, 1e-4, (*SAME.differences, Difference("zip", 0.5, "b.png")))


class Calls(list[tuple[tuple[Any, ...], dict[str, Any]]]):
    """Stands for a function of the interface: notes its calls, and gives or raises a result."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result

    def __call__(self, *arguments: Any, watch: object, **options: Any) -> object:
        self.append((arguments, options))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def test_export(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calls = Calls(Exported(Path("m.onnx"), 1_200_000, SAME))
    monkeypatch.setattr(api, "export", calls)
    assert run(["export", "run", "-o", "m.onnx", "--cam", "--batch", "--tolerance", "0.01"]) == 0
    options = {"batch": True, "cam": True, "tolerance": 0.01, "overwrite": False}
    assert calls == [((Path("run"), Path("m.onnx")), options)]
    printed = capsys.readouterr().out
    assert "2.0e-07" in printed and "a[red]\\n.png" in printed and "same" in printed
    assert "Wrote m.onnx, 1.2 MB" in printed
    assert run(["export", "run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "path": "m.onnx", "bytes": 1_200_000, "parity": SAME.to_json(),
    }  # fmt: skip


def test_export_of_what_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = "m.onnx was not written: its probabilities differ."
    monkeypatch.setattr(api, "export", Calls(ParityError(sentence, DIFFERS.to_json())))
    assert run(["export", "run", "-o", "m.onnx", "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["parity"]["agrees"] is False
    assert json.loads(printed.out)["path"] is None
    assert printed.err == f"{sentence}\n"


def test_parity(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calls = Calls(SAME)
    monkeypatch.setattr(api, "parity", calls)
    assert run(["parity", "run", "--onnx", "a.onnx", "--onnx", "b.onnx"]) == 0
    arguments = (Path("run"), [Path("a.onnx"), Path("b.onnx")])
    assert calls == [(arguments, {"tolerance": 1e-4})]
    assert "All ways agree." in capsys.readouterr().out
    calls.result = DIFFERS
    assert run(["parity", "run"]) == 1
    printed = capsys.readouterr().out
    assert "Not all ways agree." in printed and "5.0e-01" in printed and "differs" in printed
    assert run(["parity", "run", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == DIFFERS.to_json()


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["export", "nowhere", "-o", "m.onnx"], 1, "holds no bundle"),
        (["export", "nowhere", "-o", "m.tflite"], 2, "ends in .onnx or .zip"),
        (["export", "nowhere", "-o", "m.zip", "--cam"], 2, "--cam"),
        (["export"], 2, "RUN"),
        (["parity", "nowhere"], 1, "holds no bundle"),
        (["parity", "nowhere", "--tolerance", "-1"], 2, "--tolerance"),
        (["predict", "nowhere.zip", "a.png"], 1, "holds no bundle"),
    ],
)
def test_wrong_calls(
    words: list[str], status: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == status
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
