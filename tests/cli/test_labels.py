"""``pellucid labels``: the suspects of a run as a table, CSV and JSON."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pellucid.cli.main import run
from pellucid.training.outcome.held_out import HeldOut, read_held_out, write_held_out
from pellucid.training.run import RECORD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run whose third and fifth labels are doubted."""
    labels = np.array([0, 0, 0, 1, 1, 1])
    chances = np.array([[9, 1], [8, 2], [1, 9], [2, 8], [7, 3], [1, 9]], np.float32) / 10
    names = ("a/1.png", "a/2.png", 'a/"3", [b].png', "b/4\n.png", "b/caf\udce9.png", "b/6.png")
    (tmp_path / RECORD).write_text(
        json.dumps({"schema": 1, "status": "finished", "evaluation": None})
    )
    write_held_out(tmp_path, HeldOut(names, ("a", "b"), labels, ("1",) * 6, chances))
    return tmp_path


def test_the_table_reads_back_as_it_was_written(folder: Path) -> None:
    found = read_held_out(folder)
    assert found.names[2:5] == ('a/"3", [b].png', "b/4\n.png", "b/caf\udce9.png")
    assert found.probabilities[2].tolist() == np.array([1, 9], np.float32).__truediv__(10).tolist()
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1] and found.classes == ("a", "b")


def test_the_most_suspect_come_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["labels", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "2 labels of 6 images are doubted (the answers are the label for 66.7%)" in printed
    assert printed.index('a/"3", [b].png') < printed.index("b/caf\\udce9.png")
    assert "10.0%" in printed and "90.0%" in printed


def test_a_limit_counts_the_rest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["labels", str(folder), "--limit", "1"]) == 0
    printed = capsys.readouterr().out
    assert "and 1 more: --csv or --json gives all." in printed and "caf" not in printed


def test_all_as_csv_and_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["labels", str(folder), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in record["found"]] == ['a/"3", [b].png', "b/caf\udce9.png"]
    assert record["doubted"] == 2 and record["count"] == 6


def test_csv(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = read_held_out(folder)
    names = (*found.names[:4], "b/cafe.png", found.names[5])
    write_held_out(folder, replace(found, names=names))
    assert run(["labels", str(folder), "--csv"]) == 0
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (first["label"], first["suggested"], first["fold"]) == ("a", "b", "1")
    assert float(first["probability"]) == np.float32(0.9)
    assert second["name"].startswith("b/caf")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--json", "--csv"], 2, "--json and --csv exclude each other"),
        (["--limit", "0"], 2, "--limit is at least 1, not 0"),
    ],
)
def test_wrong_calls(
    folder: Path, words: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["labels", str(folder), *words]) == code
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "image,class,fold,answer,a\nx,b,1,a,0.5\n", "a,b\n1,2\n"])
def test_a_damaged_table_is_refused(
    folder: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "held_out.csv").write_text(content)
    assert run(["labels", str(folder)]) == 1
    assert "held_out.csv is damaged" in capsys.readouterr().err


def test_a_run_without_folds_says_how_to_get_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "held_out.csv").unlink()
    assert run(["labels", str(folder)]) == 1
    assert "train with a cross-validation, e.g. --folds 5" in capsys.readouterr().err
