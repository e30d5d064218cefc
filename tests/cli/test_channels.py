"""``pellucid channels``: tables, pictures, numbers, histograms, and many photos at once."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pellucid.cli.main import run

RNG = np.random.default_rng(9)
PHOTO = RNG.integers(0, 256, (24, 30, 3), np.uint8)


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PHOTO).save("a.png")
    return "a.png"


@pytest.fixture
def folder(tmp_path: Path, photo: str) -> Path:
    """Two photos, one of them deep and in a format that is not written, a broken one, a text."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    Image.fromarray(PHOTO).save("in/one.png")
    Image.fromarray(PHOTO[..., 0]).save("in/deep/two.bmp")
    Path("in/bad.jpg").write_bytes(b"\xff\xd8\xff nothing")
    Path("in/notes.txt").write_text("x")
    return tmp_path


def read(path: str) -> np.ndarray:
    return np.asarray(Image.open(path))


def rows(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def results(capsys: pytest.CaptureFixture[str]) -> list:
    return [record["results"] for record in json.loads(capsys.readouterr().out)]


def test_the_table_of_planes(photo, capsys):
    assert run(["channels", photo]) == 0
    found = rows(capsys)
    assert found[0] == ["model", "channel", "min", "mean", "max", "range"]
    for place, name in enumerate(("red", "green", "blue")):
        plane = PHOTO[..., place]
        expected = ["rgb", name, str(plane.min()), f"{plane.mean():.1f}", str(plane.max())]
        assert found[place + 1] == [*expected, "0", "to", "255"]


def test_a_gray_photo_has_one_plane_unless_asked(photo, capsys):
    Image.fromarray(PHOTO[..., 0]).save("g.png")
    assert run(["channels", "g.png"]) == 0
    assert [row[1] for row in rows(capsys)[1:]] == ["gray"]
    assert run(["channels", "g.png", "--model", "hsv"]) == 0
    found = rows(capsys)
    assert found[1][:5] == ["hsv", "hue", "–", "–", "–"]
    assert run(["channels", "g.png", "--turn", "90", "-o", "t.png"]) == 0
    assert np.array_equal(read("t.png"), PHOTO[..., :1].repeat(3, axis=2))


def test_numbers_for_machines_are_not_rounded(photo, capsys):
    assert run(["channels", photo, "--model", "hsv", "--json"]) == 0
    [[result]] = results(capsys)
    assert (result["operation"], result["height"], result["width"]) == (None, 24, 30)
    saturation = result["channels"][1]
    wanted = cv2.cvtColor(PHOTO.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)[..., 1].mean()
    assert saturation["mean"] == pytest.approx(wanted, abs=1e-6)
    assert saturation["mean"] != round(saturation["mean"], 6)
    assert (saturation["low"], saturation["high"]) == (0, 1)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--swap", "r,b"], PHOTO[..., ::-1]),
        (["--turn", "120"], PHOTO[..., [2, 0, 1]]),
        (["--turn=-120"], PHOTO[..., [1, 2, 0]]),
        (["--keep", "g"], PHOTO * np.uint8([0, 1, 0])),
        (["--drop", "g, r"], PHOTO * np.uint8([0, 0, 1])),
        (
            ["--add", "g"],
            np.minimum(255, PHOTO.astype(int) @ [[1, 0, 0], [1, 1, 1], [0, 0, 1]]),
        ),
        (["--mix", "0 0 1; 0 1 0; 1 0 0"], PHOTO[..., ::-1]),
        (["--mix", "-1 0 0 255; 0,-1,0,255; 0 0 -2/2 255"], 255 - PHOTO),
        (["--only", "blue"], PHOTO[..., 2:].repeat(3, axis=2)),
        (["--swap", "r,b", "--only", "red"], PHOTO[..., 2:].repeat(3, axis=2)),
    ],
)
def test_an_operation_is_written_as_a_picture(photo, options, wanted):
    assert run(["channels", photo, *options, "-o", "b.png"]) == 0
    assert np.array_equal(read("b.png"), wanted)


def test_a_mix_to_one_row_is_a_gray_picture(photo, capsys):
    assert run(["channels", photo, "--mix", "1/3 1/3 1/3", "-o", "b.png"]) == 0
    assert read("b.png").shape == (24, 30)
    assert rows(capsys)[1][-8:-6] == ["gray", "gray"]


def test_operations_each_start_from_the_photo(photo, capsys):
    assert run(["channels", photo, "--keep", "r", "--keep", "g", "--json", "-o", "b.png"]) == 0
    [found] = results(capsys)
    assert [each["operation"] for each in found] == [None, "keep r", "keep g"]
    assert [[c["max"] > 0 for c in each["channels"]] for each in found] == [
        [True] * 3, [True, False, False], [False, True, False],
    ]  # fmt: skip
    assert read("b.png").shape[1] == 1200  # a sheet


def test_planes_share_a_sheet_with_the_photo(photo):
    assert run(["channels", photo, "--model", "lab", "-o", "b.png"]) == 0
    sheet = read("b.png")
    large = PHOTO.repeat(19, axis=0).repeat(19, axis=1)  # 582 pixels a column, 30 a picture
    assert np.array_equal(sheet[12 : 12 + 24 * 19, 12 + 6 : 12 + 6 + 30 * 19], large)


def test_the_numbers_of_a_place(photo, capsys):
    assert run(["channels", photo, "--at", "5:7,10:13"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == "a.png, red, green, blue:"
    numbers = [line.split() for line in captured.out.splitlines()[1:]]
    assert numbers[0] == ["10", "11", "12"]
    assert numbers[1] == ["5", *map(str, PHOTO[5, 10:13, 0])]
    assert run(["channels", photo, "--at", "0,0", "--size", "2", "--only", "g", "--json"]) == 0
    [[result]] = results(capsys)
    assert np.array_equal(np.squeeze(result["grid"]["values"]), PHOTO[:2, :2, 1])
    assert run(["channels", photo, "--at", "5,5", "--model", "hsv", "-o", "b.png"]) == 0
    assert read("b.png").shape[0] > 300


def test_histograms(photo, capsys):
    assert run(["channels", photo, "--histogram", "--json", "-o", "b.png"]) == 0
    [[result]] = results(capsys)
    for place, each in enumerate(result["channels"]):
        counts = np.histogram(PHOTO[..., place], 256, (0, 256))[0]
        assert each["histogram"]["counts"] == counts.tolist()
    assert read("b.png").shape == (3 * 190, 640, 3)
    assert run(["channels", photo, "--histogram", "--only", "hue"]) == 0
    assert "hue: 256 bins, the fullest from" in capsys.readouterr().out


def test_folders_go_to_folders(folder, capsys):
    assert run(["channels", "in", "--swap", "r,b", "-o", "out"]) == 0
    written = sorted(str(path) for path in Path("out").rglob("*") if path.is_file())
    assert written == ["out/deep/two.bmp.png", "out/one.png"]
    assert np.array_equal(read("out/one.png"), PHOTO[..., ::-1])
    captured = capsys.readouterr()
    assert captured.err.count("in/bad.jpg") == 1
    assert "1 of 3 could not be done, named above." in captured.out
    assert {row[0] for row in map(str.split, captured.out.splitlines()[1:7])} == {
        "in/deep/two.bmp", "in/one.png",
    }  # fmt: skip


def test_a_place_outside_one_photo_stops_only_that_one(folder, capsys):
    Image.fromarray(PHOTO[:4, :4]).save("in/small.png")
    assert run(["channels", "in/small.png", "in/one.png", "--at", "10,10", "-o", "out"]) == 0
    assert [path.name for path in Path("out").iterdir()] == ["one.png"]
    assert "in/small.png: expected a point within the image's 4 rows" in capsys.readouterr().err


def test_all_failed(folder, capsys):
    assert run(["channels", "in/bad.jpg", "nowhere.png", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [record["name"] for record in found] == ["in/bad.jpg", "nowhere.png"]
    assert all(record["results"] == [] and record["error"] for record in found)


def test_more_than_forty_photos_are_counted(folder, capsys):
    for number in range(41):
        Image.fromarray(PHOTO[:2, :2]).save(f"in/n{number}.png")
    assert run(["channels", "in", "--only", "red"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1 + 40 + 2
    assert "43 photos, the first 40 above. For all of them: --json." in out


def test_what_exists_is_kept(photo, capsys):
    Path("b.png").write_bytes(b"mine")
    assert run(["channels", photo, "-o", "b.png"]) == 1
    assert "b.png exists" in capsys.readouterr().err
    assert Path("b.png").read_bytes() == b"mine"
    assert run(["channels", photo, "-o", "b.png", "--overwrite"]) == 0
    assert run(["channels", photo, "-o", photo, "--overwrite"]) == 2
    assert np.array_equal(read(photo), PHOTO)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--model", "hvs"], "did you mean 'hsv'"),
        (["--only", "satuation"], "did you mean 'saturation'"),
        (["--only", "red", "--model", "lab"], "unknown channel of lab 'red'"),
        (["--add", "gren"], "did you mean 'green'"),
        (["--swap", "r"], "two channels such as r,b, found 'r'"),
        (["--swap", "r,,b"], "separated by commas"),
        (["--mix", "1 0; 0 1"], "found 2 rows of 2"),
        (["--mix", "1 0 0; 0 1; 0 0 1"], "row 2 has 2"),
        (["--mix", "1 0 zero"], "in row 1 of the matrix, found 'zero'"),
        (["--turn", "nan"], "an angle in degrees"),
        (["--at", "99,0"], "found y=99, x=0"),
        (["--at", "3,3", "--size", "40"], "a size from 1 to 24"),
        (["--at", "3,3", "--histogram"], "exclude each other"),
        (["--at", "3,3", "--only", "r", "--only", "g"], "--at takes one --only"),
        (["--add", "r", "--add", "g", "--histogram"], "one operation at a time"),
        (["-o", "b.gif"], "unknown suffix '.gif'"),
        (["--ad", "r"], "Did you mean --add"),
    ],
)
def test_wrong_calls(photo, capsys, options, words):
    assert run(["channels", photo, *options]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["a.png"]


def test_nothing_to_do(photo, capsys):
    Path("empty").mkdir()
    assert run(["channels", "empty"]) == 1
    assert "expected images in empty, found none" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [60, 100])
def test_in_a_terminal_the_result_is_drawn(photo, columns):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pellucid", "channels", photo, "--turn", "90"]
    environment = {
        **os.environ, "TERM": "xterm", "COLORTERM": "truecolor", "COLUMNS": str(columns),
    }  # fmt: skip
    with subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:
            pass
    os.close(ours)
    assert process.returncode == 0
    drawn = [line for line in shown.decode().splitlines() if "▀" in line]
    assert {line.count("▀") for line in drawn} == {60}  # 30 pixels, twice as large
    assert len(drawn) == 24
    assert "turn 90°" in shown.decode()
