"""Whole comparisons on tiny data: real processes, real folders."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import pellucid
from pellucid.cli.main import run
from pellucid.comparison.folder import Comparison, at_work, open_comparison
from pellucid.errors import RunError, UsageError
from pellucid.watch import Watcher


class Heard(Watcher):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.said: list[str] = []

    def stage(self, name: str, total: int | None) -> None:
        self.stages.append(name)

    def message(self, sentence: str) -> None:
        self.said.append(sentence)


def run_record(comparison: Comparison, name: str) -> dict:
    return json.loads((comparison.folder / name / "run.json").read_text())


def test_all_members_share_data_split_and_variations(finished: Comparison) -> None:
    names = [one["folder"] for one in finished.members if one["status"] == "finished"]
    assert names == [
        "fully_connected-s3", "fully_connected-s4", "locally_connected-s3", "locally_connected-s4"
    ]  # fmt: skip
    records = [run_record(finished, name) for name in names]
    for part in ("data", "preprocessing"):
        assert all(record[part] == records[0][part] for record in records)
    for part in ("augmentation", "class_weights", "epochs", "preprocessing"):
        assert all(record["recipe"][part] == records[0]["recipe"][part] for record in records)
    assert [record["recipe"]["seed"] for record in records] == [3, 4, 3, 4]
    assert [record["wishes"]["seed"] for record in records] == [3] * 4


def test_figures_are_those_of_the_runs(finished: Comparison) -> None:
    for member in finished.members:
        if member["status"] == "finished":
            evaluation = run_record(finished, member["folder"])["evaluation"]
            assert (member["correct"], member["count"]) == (
                evaluation["correct"], evaluation["count"]
            )  # fmt: skip
            assert member["score_seconds"] > 0
            assert member["memory_bytes"] is None or member["memory_bytes"] > 0
    [fc, lc] = finished.standings
    assert fc.seeds == lc.seeds == (3, 4)
    for one in (fc, lc):
        model = run_record(finished, f"{one.name}-s3")["model"]
        assert (one.parameters, one.macs) == (model["parameters"], model["macs"])


def test_the_pair_is_that_of_the_predictors_own_answers(finished: Comparison, data: Path) -> None:
    """The images are read anew from their files, and answered one by one."""
    [pair] = finished.pairs
    record = run_record(finished, "fully_connected-s3")
    right = {}
    evaluations = {
        name: pellucid.evaluate(finished.folder / f"{name}-s3", data, split="test")
        for name in (pair.one, pair.two)
    }
    for name, evaluation in evaluations.items():
        right[name] = {mistake.name for mistake in evaluation.mistakes}  # all: there are few
        assert len(right[name]) == evaluation.count - evaluation.correct < 24
    assert evaluations[pair.one].count == record["evaluation"]["count"]
    assert pair.only_one[0] == len(right[pair.two] - right[pair.one])
    assert pair.only_two[0] == len(right[pair.one] - right[pair.two])


def test_a_network_that_cannot_be_is_named_and_passed_over(finished: Comparison) -> None:
    assert finished.status == "finished"
    assert {one["folder"] for one in finished.failures} == {"alexnet-s3", "alexnet-s4"}
    assert all("67×67" in one["error"] for one in finished.failures)
    assert not (finished.folder / "alexnet-s3").exists()


def test_the_table_has_every_training(finished: Comparison) -> None:
    text = (finished.folder / "comparison.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["status"] for row in rows] == [one["status"] for one in finished.members]
    for row, member in zip(rows, finished.members, strict=True):
        if member["status"] == "finished":
            assert float(row["accuracy"]) == member["correct"] / member["count"]
            assert float(row["low"]) <= float(row["accuracy"]) <= float(row["high"])
        else:
            assert row["accuracy"] == "" and row["error"] == member["error"]


def test_every_member_is_an_ordinary_run(finished: Comparison) -> None:
    folder = finished.folder / "locally_connected-s4"
    assert (folder / "report.html").exists()
    assert pellucid.load(folder).classes == ("horizontal", "none", "vertical")
    answer = pellucid.load(folder).predict(np.zeros((12, 12), np.uint8))[0]
    assert answer.label in ("horizontal", "none", "vertical")


def test_a_finished_comparison_is_not_trained_again(finished: Comparison) -> None:
    kept = {path: path.stat().st_mtime_ns for path in finished.folder.glob("*/bundle/*")}
    heard = Heard()
    again = pellucid.resume_comparison(finished.folder, watch=heard)
    assert again.standings == finished.standings and heard.stages == []
    assert kept == {path: path.stat().st_mtime_ns for path in finished.folder.glob("*/bundle/*")}


BROKEN = '''
import torch
from pellucid.models import register
from torch import nn

class Broken(nn.Module):
    """Gives no number once it is trained; HOW decides in which way."""
    def __init__(self, channels, classes, how="nan"):
        super().__init__()
        self.scores = nn.Conv2d(channels, classes, 1)
        self.steps = 0
        self.how = how
    def forward(self, x):
        self.steps += self.training
        if self.steps > 6 and self.how == "nan":
            return self.scores(x).mean((2, 3)) * float("nan")
        if self.steps > 6:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        return self.scores(x).mean((2, 3))

@register("gives_nan")
def gives_nan(channels, classes):
    return Broken(channels, classes)

@register("is_killed")
def is_killed(channels, classes):
    return Broken(channels, classes, "kill")
'''


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_networks.py").write_text(BROKEN)
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("broken_networks")


@pytest.mark.usefixtures("broken")
def test_failing_members_do_not_stop_the_others(
    data: Path, tmp_path: Path, scratch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first makes no numbers, the second is killed: both are tried, and named."""
    words = ["-o", str(tmp_path / "f"), "--epochs", "9", "--models", "gives_nan", "is_killed"]
    assert run(["compare", str(data), *words]) == 1
    said = capsys.readouterr().err
    assert "gives_nan failed and is passed over: the loss became nan" in said
    assert "is_killed did not finish: its process was ended by SIGKILL" in said
    assert "No network finished." in said
    done = open_comparison(tmp_path / "f")
    assert (done.status, done.standings) == ("finished", ())


def test_two_processes_do_not_share_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pellucid.comparison.folder.PATIENCE", 0.2)
    with (
        at_work(tmp_path),
        pytest.raises(RunError, match="another process is at work"),
        at_work(tmp_path),
    ):
        pass
    with at_work(tmp_path):
        pass


def test_what_is_no_comparison(tmp_path: Path, finished: Comparison) -> None:
    with pytest.raises(RunError, match="is not a comparison folder"):
        open_comparison(tmp_path)
    with pytest.raises(UsageError, match="exists"):
        pellucid.compare("anything", finished.folder, epochs=1)


def start(data: Path, folder: Path) -> subprocess.Popen[str]:
    words = ["compare", str(data), "-o", str(folder), "--epochs", "80", "--models"]
    return subprocess.Popen(
        [sys.executable, "-m", "pellucid", *words, "locally_connected", "fully_connected"],
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_checkpoint(run: Path, process: subprocess.Popen[str]) -> None:
    state = run / "checkpoint" / "state.safetensors"
    while not state.exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)


def test_ctrl_c_and_kill_lose_nothing(data: Path, scratch: Path) -> None:
    folder = scratch / "stopped"
    with start(data, folder) as process:
        wait_for_checkpoint(folder / "locally_connected", process)
        process.kill()
    first = json.loads((folder / "locally_connected" / "run.json").read_text())
    assert first["status"] in ("running", "interrupted") and first["history"]
    resume = [sys.executable, "-m", "pellucid", "compare", "--resume", str(folder)]
    with subprocess.Popen(resume, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Training locally_connected"):
                break
        time.sleep(2.0)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    if process.returncode == 130:  # else it was done before the signal came
        assert "--resume" in said and "Traceback" not in said
    done = pellucid.resume_comparison(folder)
    assert [one.name for one in done.standings] == ["locally_connected", "fully_connected"]
    record = json.loads((folder / "locally_connected" / "run.json").read_text())
    assert record["history"][: len(first["history"])] == first["history"]
    assert len(record["history"]) == 80
