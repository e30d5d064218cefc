"""``pellucid audit``: one screen for people, one document for machines, and its exit codes."""

import json
from io import StringIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from pellucid.cli.audit import VERDICTS, audit_view
from pellucid.cli.main import run
from pellucid.data.audit import Audit, ClassCount, Copy, Spread
from pellucid.data.catalogue import LeftOut
from pellucid.data.verdicts import judge


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of eight images of noise."""
    rng = np.random.default_rng(0)
    for index in range(16):
        path = tmp_path / "ab"[index % 2] / f"{index}.png"
        path.parent.mkdir(exist_ok=True)
        noise = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
        path.write_bytes(cv2.imencode(".png", noise)[1].tobytes())
    return tmp_path


def render(audit: Audit, width: int = 80) -> list[str]:
    console = Console(file=StringIO(), width=width)
    console.print(audit_view(audit))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def dreadful() -> Audit:
    """Much wrong, with awkward names."""
    classes = tuple(ClassCount(f"class-{k}", k, max(k - 2, 0), k > 1, k > 0) for k in range(60))
    bad = tuple(LeftOut(f"a/{k}\n[red]🐈.jpg", "truncated", "it ends early.") for k in range(300))
    hidden = tuple(LeftOut(f".{k}", "hidden", "hidden.") for k in range(40))
    copies = tuple(
        Copy(f"a/{k}.jpg", f"b/{k}.jpg", "near", 0.99, ("a", "b"), ("train", "test"), True)
        for k in range(90)
    )
    audit = Audit(
        root="/photos",
        kind="folder",
        images=1770,
        formats={"JPEG": 1000, "PNG": 400, "GIF": 300, "BMP": 60, "TIFF": 10},
        modes={"RGB": 1700, "gray": 70},
        notes={"rotated by EXIF": 12, "alpha over white": 3, "profile to sRGB": 5},
        colored=1700,
        height=Spread(20, 300.5, 4000),
        width=Spread(30, 400, 6000),
        classes=classes,
        imbalance=59.0,
        left_out=hidden,
        faults=bad,
        copies=copies,
        how="The data's own train, val and test.",
        leaks=tuple(f"train/{k}.jpg" for k in range(50)),
        conflicts=("train/x.jpg",),
    )
    return Audit(**{**audit.__dict__, "verdicts": judge(audit)})


def test_the_view_of_ordinary_data_fits_one_screen(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", str(photos)]) == 0
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) < 24
    assert "16: PNG 16" in shown and "40 high, 50 wide" in shown


def test_the_view_counts_what_it_does_not_name() -> None:
    lines = render(dreadful())
    assert len(lines) < 40 and max(map(len, lines)) <= 80
    shown = " ".join(" ".join(lines).split())
    assert "300 entries left out" in shown and "and 297 more" in shown
    assert r"a/0\n[red]🐈.jpg (truncated)" in shown
    assert "others 10" in shown
    assert "90 pairs across parts; 90 pairs across classes" in shown
    assert len(dreadful().verdicts) > VERDICTS and "--json has everything" in shown


def test_json(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(photos), "--json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["images"] == 16
    assert [each["name"] for each in values["classes"]] == ["a", "b"]


def test_strict(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (photos / "a" / ".hidden").touch()
    assert run(["audit", str(photos), "--strict"]) == 0
    (photos / "a" / "bad.png").touch()
    assert run(["audit", str(photos)]) == 0
    assert run(["audit", str(photos), "--strict", "--json"]) == 1
    shown = capsys.readouterr()
    assert "--strict" in shown.err and "a/bad.png" in shown.out


def test_no_such_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err
