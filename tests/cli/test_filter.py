"""``pellucid filter``: files, folders, sheets, and what it refuses."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from pellucid.cli.main import run

CAT = data.chelsea()[::4, ::4]


def loaded(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos, one of them deeper, and one that is none."""
    photos = tmp_path / "photos"
    (photos / "deep").mkdir(parents=True)
    Image.fromarray(CAT).save(photos / "cat.png")
    Image.fromarray(data.camera()[::8, ::8]).save(photos / "deep" / "camera.gif")
    (photos / "broken.jpg").write_bytes(b"no image")
    return photos


def test_one_photo(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "sharp.png"
    assert run(["filter", str(folder / "cat.png"), "--kernel", "sharpen", "-o", str(target)]) == 0
    weights = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    wanted = cv2.filter2D(CAT, -1, weights, borderType=cv2.BORDER_REFLECT_101)
    assert np.array_equal(loaded(target), wanted)
    out = capsys.readouterr().out
    assert str(target) in out and "sharpen" in out and "cut off at 0 or 255" in out
    assert run(["filter", str(folder / "cat.png"), "-k", "box", "-o", str(target)]) == 1
    assert "--overwrite" in capsys.readouterr().err
    again = ["-k", "0 0 0; 0 1 0; 0 0 0", "--overwrite", "-o", str(target)]
    assert run(["filter", str(folder / "cat.png"), *again]) == 0
    assert np.array_equal(loaded(target), CAT)


def test_options_reach_the_operator(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "small.png"
    options = ["--padding", "valid", "--stride", "2", "--dilation", "3", "--flip"]
    typed = ["-k", "0 0 1; 0 0 0; 0 0 0", "-o", str(target)]
    assert run(["filter", str(folder / "cat.png"), *typed, *options]) == 0
    # Turned, the one is at the lower left, 6 pixels below the first.
    wanted = CAT[6::2, : CAT.shape[1] - 6 : 2]
    assert np.array_equal(loaded(target), wanted)


def test_zero_sums_are_shown_signed_and_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = str(folder / "cat.png")
    assert run(["filter", photo, "-k", "sobel_x", "-o", str(tmp_path / "a.png")]) == 0
    out, err = capsys.readouterr()
    assert "gray is 0" in out and "--saturate" in err
    options = ["-k", "sobel_x", "--saturate", "-o", str(tmp_path / "b.png")]
    assert run(["filter", photo, *options]) == 0
    out, err = capsys.readouterr()
    assert "cut off" in out and err == ""
    signed, cut = (loaded(tmp_path / name) for name in ("a.png", "b.png"))
    assert abs(signed.mean() - 128) < 8 and (cut == 0).mean() > 0.3


def test_luminance(folder: Path, tmp_path: Path) -> None:
    options = ["-k", "sobel_x", "--luminance", "-o", str(tmp_path / "y.png")]
    assert run(["filter", str(folder / "cat.png"), *options]) == 0
    assert loaded(tmp_path / "y.png").ndim == 2


def test_several_kernels_make_a_sheet(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "sheet.png"
    kernels = ["-k", "box:5", "-k", "emboss", "-k", "gabor_bank:2"]
    assert run(["filter", str(folder / "cat.png"), *kernels, "-o", str(target)]) == 0
    assert loaded(target).shape[1] == 1200


def test_a_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    assert run(["filter", str(folder), "-k", "box", "-o", str(target), "--json"]) == 0
    out, err = capsys.readouterr()
    records = {Path(record["name"]).name: record for record in json.loads(out)}
    assert "broken.jpg" in err and "error" in records["broken.jpg"]
    written = sorted(path.name for path in target.rglob("*") if path.is_file())
    assert written == ["camera.gif.png", "cat.png"]
    assert records["cat.png"]["output"] == str(target / "cat.png")
    [done] = records["cat.png"]["kernels"]
    assert done["size"] == list(CAT.shape) and done["kernel"] == "box:size=3" and done["way"]


def test_nothing_filtered(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "out.png")
    assert run(["filter", str(folder / "broken.jpg"), "-k", "box", "-o", target]) == 1
    assert "broken.jpg" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(["filter", str(tmp_path / "empty"), "-k", "box", "-o", target]) == 1
    assert "found none" in capsys.readouterr().err


def test_too_small_for_the_kernel_is_passed_over(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.jpg").unlink()
    options = ["-k", "box:70", "--padding", "valid", "-o", str(tmp_path / "out")]
    assert run(["filter", str(folder), *options]) == 0
    out, err = capsys.readouterr()
    assert "camera.gif: expected a kernel that fits" in err and "cat.png" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-k", "shapen", "-o", "x.png"], "did you mean 'sharpen'"),
        (["-k", "1 2; 3", "-o", "x.png"], "row 2 has 1"),
        (["-k", "box", "-o", "x.png", "--mode", "refect"], "did you mean 'reflect'"),
        (["-k", "box", "-o", "x.png", "--padding", "sme"], "did you mean 'same'"),
        (["-k", "box", "-o", "x.png", "--padding", "-3"], "expected padding as"),
        (["-k", "box", "-o", "x.xyz"], "unknown suffix"),
        (["-k", "box:999", "-o", "x.png", "--padding", "valid"], "kernel that fits"),
        (["-o", "x.png"], "--kernel"),
        (["-k", "box"], "--output"),
    ],
)
def test_wrong_calls(
    folder: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["filter", str(folder / "cat.png"), *arguments]) == 2
    out, err = capsys.readouterr()
    assert words in err and out == "" and "Traceback" not in err
