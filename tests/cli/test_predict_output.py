"""``pellucid predict -o``: a file in each form, interrupted and gone on with."""

import csv
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.service.conftest import picture, write_bundle

from pellucid.cli.main import run
from pellucid.inference.predictor import Predictor


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("predict") / "bundle", 0)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Forty pictures, one of them broken, and names that need care."""
    monkeypatch.chdir(tmp_path)
    folder = Path("photos")
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.png").write_bytes(picture(number, size=(9, 7)))
    (folder / "11.png").write_bytes(b"")
    (folder / 'two\nlines, "quoted".png').write_bytes(picture(99))
    return folder


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C after some answers."""
    real = Predictor.stream

    def stream(self: Predictor, *given: Any, **named: Any) -> Iterator[Any]:
        for count, one in enumerate(real(self, *given, **named)):
            if count == after:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setattr(Predictor, "stream", stream)


def test_the_forms(bundle: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in ("csv", "json", "jsonl"):
        assert run(["predict", str(bundle), "photos", "-o", f"a.{suffix}", "--top", "2"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Wrote a.csv: 41 images, 1 could not be read." in printed.err
    assert "photos/11.png" in printed.err
    array = json.loads(Path("a.json").read_text())
    assert array == [json.loads(line) for line in Path("a.jsonl").read_text().splitlines()]
    with Path("a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [one["name"] for one in array]
    for row, one in zip(rows, array, strict=True):
        assert (row["label"] or None) == one["label"]
        assert row["error"] == (one["error"] or "")
        if one["error"] is None:
            assert float(row["probability_2"]) == one["top"][1]["probability"]
    assert run(["predict", str(bundle), "photos", "--json", "--top", "2"]) == 0
    printed_array = json.loads(capsys.readouterr().out)
    assert printed_array == array
    assert not list(Path().glob("*.part"))


@pytest.mark.parametrize("torn", [b"", b'{"name": "photos/3', b"\0" * 70_000])
def test_an_interrupted_file_is_gone_on_with(
    bundle: Path,
    photos: Path,
    torn: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    call = ["predict", str(bundle), "photos", "-o", "a.csv"]
    assert run([*call[:-1], "whole.csv"]) == 0
    with monkeypatch.context() as patch:
        interrupt(patch, 17)
        assert run(call) == 130
        assert "17 answers kept in a.csv.part" in capsys.readouterr().err
        interrupt(patch, 5)  # once more, on the way
        assert run([*call, "--resume"]) == 130
    part = Path("a.csv.part")
    with part.open("ab") as file:
        file.write(torn)
    before = part.read_bytes()
    assert run(call) == 1
    assert "--resume" in capsys.readouterr().err and part.read_bytes() == before
    assert run([*call, "--resume"]) == 0
    assert "Going on after 22 answers." in capsys.readouterr().err
    assert Path("a.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert not part.exists()
    assert run([*call, "--resume"]) == 1
    assert "a.csv exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (["--top", "2"], "another --top"),
        (["--reduced"], "another --reduced"),
        ("bundle", "another bundle"),
        ("gone", "the inputs now have 'photos/1.png'"),
        ("foreign", "no list of answers"),
    ],
)
def test_what_does_not_fit_is_refused(
    bundle: Path,
    photos: Path,
    tmp_path: Path,
    change: list[str] | str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as patch:
        interrupt(patch, 3)
        assert run(["predict", str(bundle), "photos", "-o", "a.csv"]) == 130
    model, more = bundle, []
    if change == "bundle":
        model = write_bundle(tmp_path / "other", 5)
    elif change == "gone":
        (photos / "0.png").unlink()
    elif change == "foreign":
        Path("a.csv.part").write_text("something of mine\n")
    else:
        more = list(change)
    before = Path("a.csv.part").read_bytes()
    capsys.readouterr()
    assert run(["predict", str(model), "photos", "-o", "a.csv", "--resume", *more]) == 2
    assert sentence in capsys.readouterr().err
    assert Path("a.csv.part").read_bytes() == before
    assert run(["predict", str(model), "photos", "-o", "a.csv", "--overwrite", *more]) == 0


def test_two_at_once(bundle: Path, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Path("a.csv.part").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run(["predict", str(bundle), "photos", "-o", "a.csv", "--resume"]) == 1
    assert "being written by another process" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence", "code"),
    [
        (["-o", "a.txt"], ".csv, .json, .jsonl", 2),
        (["-o", "photos.csv"], "is a folder", 2),
        (["-o", "/proc/nowhere/a.csv"], "cannot write", 1),
        (["-o", "a.csv", "--csv"], "follows from its suffix", 2),
        (["--resume"], "name it with --output", 2),
        (["-o", "a.csv", "--resume", "--overwrite"], "exclude each other", 2),
    ],
)
def test_wrong_calls(
    bundle: Path,
    photos: Path,
    words: list[str],
    sentence: str,
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("photos.csv").mkdir()
    assert run(["predict", str(bundle), "photos", *words]) == code
    assert sentence in capsys.readouterr().err
