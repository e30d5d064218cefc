"""``pellucid predict``: which files, in which form, with which exit code."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.cli.inputs import split_stream
from pellucid.cli.main import run

from .conftest import FakeApi


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with images, other files, hidden ones and a loop of links."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("cat 1.jpg", "dog.PNG", "notes.txt", ".cat.jpg", "deep/er/cat🐈.webp"):
        (folder / name).write_bytes(b"x")
    (folder / ".hidden" / "cat.jpg").write_bytes(b"x")
    (folder / "deep" / "loop").symlink_to(folder)
    return folder


def listed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [record["name"] for record in json.loads(capsys.readouterr().out)]


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_folders_are_searched(
    api: FakeApi, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", "run", "photos", "--json"]) == 0
    assert listed(capsys) == ["photos/cat 1.jpg", "photos/deep/er/cat🐈.webp", "photos/dog.PNG"]
    assert api.calls == [("load", (Path("run"),), {"runtime": "auto"})]


def test_named_files_are_taken_whatever_they_are_called(
    api: FakeApi, photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", "run", "photos/notes.txt", "nowhere", "--json"]) == 0
    assert listed(capsys) == ["photos/notes.txt", "nowhere"]


def test_list_on_stdin(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(monkeypatch, b"a b.png\n\ncat.png\n")
    assert run(["predict", "run", "first.png", "-", "--json"]) == 0
    assert listed(capsys) == ["first.png", "a b.png", "cat.png"]
    feed(monkeypatch, "two\nlines.png\0é\0".encode() + b"\xff.png")
    assert run(["predict", "run", "-0", "-", "--json"]) == 0
    assert listed(capsys) == ["two\nlines.png", "é", os.fsdecode(b"\xff.png")]


def test_an_image_comes_out_before_the_list_ends(api: FakeApi) -> None:
    """A slow list is answered as it comes."""
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb", buffering=0) as sink:
        pieces = split_stream(stream, b"\n")
        sink.write(b"one\ntw")
        assert next(pieces) == b"one"
        sink.write(b"o\n")
        assert next(pieces) == b"two"


@given(st.lists(st.binary(min_size=1).filter(lambda name: b"\0" not in name)), st.integers(1, 9))
def test_any_list_is_split_as_it_was_joined(names: list[bytes], block: int) -> None:
    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return super().read1(block)

    assert list(split_stream(Slow(b"\0".join(names)), b"\0")) == names


def test_bad_files_are_named_and_passed_over(
    api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", "run", "cat.png", "bad\n.png"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "bad\\n.png: the file has zero bytes.\n"
    assert "1 of 2 could not be read" in printed.out
    assert run(["predict", "run", "bad.png", "bad2.png"]) == 1


def test_unreadable_folder_is_named(
    api: FakeApi, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("deep/"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert run(["predict", "run", "photos", "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "photos/deep: the folder cannot be listed: Permission denied.\n"
    assert len(json.loads(printed.out)) == 2


def test_nothing_found(api: FakeApi, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "empty").mkdir()
    assert run(["predict", "run", "photos/empty", "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out) == []
    assert printed.err == "expected images in photos/empty, found none.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "a.png", "--json", "--csv"], "--json and --csv exclude each other"),
        (["run", "a.png", "-0"], "add '-'"),
        (["run"], "Missing argument 'INPUT'"),
        (["run", "a.png", "--top", "0"], "--top"),
    ],
)
def test_wrong_calls(
    words: list[str], sentence: str, api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", *words]) == 2
    assert sentence in capsys.readouterr().err
    assert api.calls == []


def test_json_has_everything(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "run", "cat.png", "bad.png", "--json", "--top", "2"]) == 0
    text = capsys.readouterr().out
    good, bad = json.loads(text)
    assert good == {
        "name": "cat.png", "label": "cat", "probability": 0.75, "error": None,
        "top": [{"label": "cat", "probability": 0.75}, {"label": "bird", "probability": 0.2}],
    }  # fmt: skip
    assert bad["top"] == []
    assert bad["label"] is None
    assert "zero bytes" in bad["error"]
    # A line each, so that it can also be read line by line.
    assert [json.loads(line.rstrip(",")) for line in text.splitlines()[1:-1]] == [good, bad]


def test_csv(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "run", "cat,1.png", "bad.png", "--csv", "--top", "9"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == {
        "name": "cat,1.png", "label": "cat", "probability": "0.75", "label_2": "bird",
        "probability_2": "0.2", "label_3": "dog", "probability_3": "0.05", "error": "",
    }  # fmt: skip
    assert rows[1]["label"] == ""
    assert "zero bytes" in rows[1]["error"]


def test_table(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "run", "cat[red].png", "dog.png", "--top", "2"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["image", "class", "probability", "2.", "probability"],
        ["cat[red].png", "cat", "75.0%", "bird", "20.0%"],
        ["dog.png", "dog", "50.0%", "cat", "25.0%"],
    ]


def test_many_are_summed_up_by_class(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"cat{n}.png" for n in range(30)] + [f"dog{n}.png" for n in range(10)]
    assert run(["predict", "run", *names]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 41
    assert run(["predict", "run", *names, "dog.png", "bad.png"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:3] == [["cat", "30", "73.2%", "75.0%"], ["dog", "11", "26.8%", "50.0%"]]
    assert len(lines) == 5


def test_answers_stream(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than one answer is in flight: what is asked for is written before the next."""

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            if text.startswith(("[\n{", ",\n{")):
                seen.append(api.predictor.asked)
            return super().write(text)

    seen: list[int] = []
    monkeypatch.setattr(sys, "stdout", Watched())
    assert run(["predict", "run", *["cat.png"] * 50, "--json"]) == 0
    assert seen == list(range(1, 51))
