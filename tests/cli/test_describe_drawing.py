"""``pellucid describe NETWORK -o network.svg``."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from pellucid.cli.main import run

SVG = "{http://www.w3.org/2000/svg}"


def boxes(path: Path) -> list[str]:
    """The first line of each box."""
    root = ElementTree.fromstring(path.read_text("utf-8"))
    groups = [each for each in root.iter(f"{SVG}g") if (each.get("id") or "").startswith("box-")]
    return [next(group.iter(f"{SVG}text")).text or "" for group in groups]


def test_a_drawing_beside_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "pictures" / "nin.svg"
    words = ["describe", "nin", "--size", "32", "--classes", "10", "-o", str(target)]
    assert run(words) == 0
    captured = capsys.readouterr()
    assert "966,986" in captured.out and f"Wrote {target}" in captured.err
    assert boxes(target)[:3] == ["input", "conv 5×5", "conv 1×1"]
    before = target.read_bytes()
    assert run(words) == 1 and "exists" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert run([*words, "--overwrite", "--color", "receptive", "--json"]) == 0
    assert target.read_bytes() != before and "receptive field" in target.read_text("utf-8")


def test_depth_folds_the_drawing(tmp_path: Path) -> None:
    target = tmp_path / "googlenet.svg"
    assert run(["describe", "googlenet", "--depth", "2", "-o", str(target), "--json"]) == 0
    assert boxes(target).count("Inception") == 9


def test_the_name_of_a_users_file_is_short(tmp_path: Path) -> None:
    nets = tmp_path / "nets.py"
    nets.write_text("from torch import nn\ndef one():\n    return nn.Conv2d(3, 2, 3)\n")
    target = tmp_path / "one.svg"
    assert run(["describe", f"{nets}:one", "--size", "8", "-o", str(target)]) == 0
    root = ElementTree.fromstring(target.read_text("utf-8"))
    assert root.findtext(f"{SVG}title") == "nets.py:one"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nin", "-o", "a.png"], "a drawing is an .svg file"),
        (["nin", "-o", "a.svg", "--color", "mac"], "did you mean 'macs'"),
        (["nin", "--color", "macs"], "add -o FILE.svg"),
        (["nin", "lenet", "-o", "a.svg"], "the drawing of one network"),
        (["nin", "--equivariance", "-o", "a.svg"], "the drawing of one network"),
    ],
)
def test_wrong_calls(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["describe", *words]) == 2
    assert message in capsys.readouterr().err
    assert not Path("a.svg").exists()
