"""``pellucid kernel``: names, cards, learning, and what it refuses."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from scipy.ndimage import correlate
from skimage import data

from pellucid.cli.kernel_card import card, names_table
from pellucid.cli.main import run
from pellucid.operators.kernels import kernel, names, read_kernel


def printed(view: object, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(view)
    return out.getvalue()


def loaded(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    """A photo, and the same sharpened by 0.5, rounded."""
    before = data.camera()[::4, ::4]
    weights = np.array([[0, -0.5, 0], [-0.5, 3, -0.5], [0, -0.5, 0]])
    after = np.clip(np.rint(correlate(before.astype(float), weights, mode="mirror")), 0, 255)
    paths = tmp_path / "before.png", tmp_path / "after.png"
    for path, pixels in zip(paths, (before, after), strict=True):
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    return paths


@pytest.mark.parametrize("width", [60, 80, 120])
def test_names_fit_the_terminal(width: int) -> None:
    text = printed(names_table(), width)
    assert max(map(len, text.splitlines())) <= width and "…" not in text
    for name in (*names(), "gabor_bank"):
        assert any(line.startswith(name) for line in text.splitlines())


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("text", ["sobel_x", "gaussian:1", "gabor", "1/9 1/9 1/9", "log:9"])
def test_cards_fit_the_terminal(text: str, width: int) -> None:
    shown = printed(card(read_kernel(text), width), width)
    assert max(map(len, shown.splitlines())) <= width and "…" not in shown
    assert "frequency response" in shown


def test_a_card_says_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["kernel", "box"]) == 0
    out = capsys.readouterr().out
    assert "1 1 1\n1 1 1\n1 1 1\neach times 1/9\n" in out
    assert "separable: column 1/3 · (1 1 1), row 1/3 · (1 1 1)" in " ".join(out.split())
    assert "brightness is kept" in out


def test_weights_may_begin_below_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["kernel", "-1 0 1; -2 0 2; -1 0 1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == kernel("sobel_x").weights.tolist()
    assert run(["kernel", "-1"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_json_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["kernel", "gaussian:2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["weights"] == kernel("gaussian", 2).weights.tolist()
    assert record["parameters"] == {"sigma": 2, "size": 17}
    assert run(["kernel", "--json"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == list(names())
    assert run(["kernel", "gabor_bank:orientations=2", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 6


def test_the_card_as_a_picture(
    tmp_path: Path, pictures: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "card.png"
    assert run(["kernel", "emboss", "-o", str(target), "--on", str(pictures[0])]) == 0
    assert loaded(target).shape[1] == 820
    assert str(target) in capsys.readouterr().err
    assert run(["kernel", "emboss", "-o", str(target)]) == 1
    assert "exists" in capsys.readouterr().err
    assert run(["kernel", "gabor_bank", "-o", str(target), "--overwrite"]) == 0


def test_learning(pictures: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    before, after = map(str, pictures)
    assert run(["kernel", "--learn", before, after, "--size", "3"]) == 0
    out, err = capsys.readouterr()
    weights = [[float(word) for word in line.split()] for line in out.splitlines()[:3]]
    assert np.allclose(weights, [[0, -0.5, 0], [-0.5, 3, -0.5], [0, -0.5, 0]], atol=0.02)
    assert "% of the after picture's variance" in out
    assert "border rule is not known" in err and "cut off" in err
    assert run(["kernel", "--learn", before, after, "--mode", "reflect", "--bias", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["method"] == "least squares" and len(record["bias"]) == 1
    assert not any("border" in note for note in record["notes"])


def test_teaching_draws_its_convergence(
    tmp_path: Path, pictures: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "convergence.png"
    options = ["--steps", "300", "-o", str(target), "--json"]
    assert run(["kernel", "--learn", *map(str, pictures), *options]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["method"] == "gradient descent"
    assert record["losses"][0] > 10 * record["losses"][-1] > 0
    assert loaded(target).shape[1] == 900


def test_a_gray_result_of_a_colour_photo_is_a_filter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    colour = data.chelsea()[::4, ::4]
    gray = np.rint(colour @ np.array([0.5, 0.25, 0.25])).astype(np.uint8)
    Image.fromarray(colour).save(tmp_path / "a.png")
    Image.fromarray(gray).save(tmp_path / "b.png")
    pair = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert run(["kernel", "--learn", *pair, "--size", "1", "--json"]) == 0
    weights = np.array(json.loads(capsys.readouterr().out)["weights"])
    assert weights.shape == (1, 3, 1, 1)
    assert np.allclose(weights.ravel(), [0.5, 0.25, 0.25], atol=0.01)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["gausian"], 2, "did you mean 'gaussian'"),
        (["gaussian:sigma=-1"], 2, "sigma of gaussian"),
        (["1 2; 3"], 2, "row 2 has 1"),
        (["box", "--size", "5"], 2, "are about --learn"),
        (["-o", "card.png"], 2, "give its name"),
        (["box", "--on", "photo.png"], 2, "add -o FILE"),
        (["box", "-o", "card.xyz"], 2, "unknown suffix"),
        (["box", "--learn", "a.png", "b.png"], 2, "leave out its name"),
        (["--learn", "missing.png", "b.png"], 1, "does not exist"),
    ],
)
def test_refusals(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["kernel", *arguments]) == code
    out, err = capsys.readouterr()
    assert words in err and out == "" and "Traceback" not in err
