"""`pellucid describe`, as a user calls it."""

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from pellucid.cli.figures import short, size
from pellucid.cli.main import run
from pellucid.data.preprocessing import Preprocessing
from pellucid.inference.bundle import WEIGHTS, Card, save_bundle
from pellucid.models import Architecture

SMALL = ["describe", "compact", "--size", "32", "--channels", "1", "--classes", "10"]


@pytest.fixture
def nets(tmp_path: Path) -> Path:
    path = tmp_path / "nets.py"
    path.write_text(
        "import torch\nfrom torch import nn\n"
        "def plain(channels=3, classes=4):\n"
        "    return nn.Sequential(nn.Conv2d(channels, 8, 3), nn.ReLU(), nn.Flatten(),\n"
        "                         nn.Linear(288, classes))\n"
        "def recurrent():\n    return nn.Sequential(nn.Flatten(2), nn.LSTM(64, 3))\n"
        "def values():\n    return Asks()\n"
        "class Asks(nn.Module):\n"
        "    def forward(self, x):\n        return x if x.sum() > 0 else -x\n"
        "class Series(nn.Conv1d):\n    def __init__(self):\n        super().__init__(4, 5, 3)\n"
        "number = 3\ndef nothing():\n    return 7\n"
        "def boom(needed):\n    pass\n"
    )
    return path


def test_the_table_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["describe", "googlenet"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "1,582,671,872" in text and "FLOPs       3,165,343,744" in text
    assert "A MAC is one multiply-add; FLOPs = 2·MACs." in text
    lines = [line.split() for line in text.splitlines()]
    [module] = [line for line in lines if "inception_3a" in " ".join(line)]
    assert module[-7:] == ["256×28×28", "163,696", "128.0", "M", "8.1%", "59", "8"]


def test_depth_folds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--depth", "1"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:5]]
    assert names == ["stem", "stages", "head"]


def test_json_has_every_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    network = Architecture("compact", {"classes": 10, "channels": 1, "widths": [32, 64, 128]})
    expected = sum(p.numel() for p in network.build().parameters())
    assert record["name"] == "compact" and record["totals"]["parameters"] == expected
    assert record["inputs"] == [[1, 1, 32, 32]] and record["outputs"] == [[1, 10]]


def test_csv_has_the_lines_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--csv", "--depth", "1"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["name"] for row in rows][:2] == ["stem", "stages"]
    assert run([*SMALL, "--json"]) == 0
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert sum(int(row["macs"]) for row in rows) == totals["macs"]


def test_all_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL, "--all-columns"]) == 0
    text = capsys.readouterr().out
    assert "32 × (1·4·4) × 16·16" in text and "unshared" in text and "Batch norm" in text


def test_two_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["describe", "googlenet", "googlenet_naive", "--size", "96"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "Where they differ" in text and "ratio" in text
    assert run([*SMALL[:2], *SMALL[1:]]) == 0
    assert "layers agree" in capsys.readouterr().out


def test_a_users_own_file(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["describe", f"{nets}:plain", "--size", "8", "--classes", "2", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["totals"]["macs"] == 8 * 27 * 36 + 288 * 2
    assert run(["describe", f"{nets}:Series", "--shape", "1x4x20", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outputs"] == [[1, 5, 18]]


def test_unknown_operations_are_said(nets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["describe", f"{nets}:recurrent", "--size", "8"]) == 0
    said = capsys.readouterr()
    assert "'lstm' is not known, and not counted" in said.err
    assert "NOT COUNTED (unknown operations): lstm" in said.out


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    architecture = Architecture("compact", {"classes": 2, "channels": 1, "widths": [8, 16]})
    record = Preprocessing("gray", 16, 20, mean=(0.5,), std=(0.2,))
    folder = tmp_path / "run" / "bundle"
    folder.mkdir(parents=True)
    save_bundle(
        folder,
        architecture.build(),
        Card(architecture.name, architecture.arguments, record, ("cat", "dog")),
    )
    return folder


def test_a_run_is_described_by_its_card_alone(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / WEIGHTS).unlink()
    for folder in (bundle, bundle.parent):
        assert run(["describe", str(folder), "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        assert record["inputs"] == [[1, 1, 16, 20]] and record["outputs"] == [[1, 2]]


def test_a_runs_own_weights_are_measured(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["describe", str(bundle), "--size", "40", "--equivariance"]
    assert run([*command, "--layer", "stages", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["on_grid"] < 1e-4 < found["off_grid"]
    assert run(["describe", str(bundle), "--matrix", "stem.0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["weights"] == 8 * 16 and found["input"] == [1, 16, 20]


def test_equivariance_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    assert run([*SMALL, "--equivariance", "--layer", "stem"]) == 0
    text = capsys.readouterr().out
    assert "Shift in, shift out: stem.2" in text and "Shifts by whole strides" in text
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_matrix_as_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "matrix.png"
    command = [*SMALL, "--matrix", "stem.0", "-o", str(path)]
    assert run(command) == 0
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert "Weights      512" in capsys.readouterr().out
    assert run(command) == 1  # it exists
    assert run([*command, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gogglenet"], "did you mean 'googlenet'"),
        (["compact", "nin", "lenet"], "expected one network, or two to compare, found 3"),
        (["compact", "--json", "--csv"], "exclude each other"),
        (["compact", "--shape", "1x3"], "expected --shape NxCxHxW"),
        (["compact", "--shape", "1x3xa"], "expected --shape such as"),
        (["googlenet", "--size", "8"], "at least"),
        (["compact", "--layer", "stem"], "--layer is about --equivariance"),
        (["compact", "-o", "a.png"], "a drawing is an .svg file"),
        (["compact", "nin", "--equivariance"], "expected one network, found 2"),
        (["compact", "--matrix", "stem.1", "--size", "32"], "unknown convolution 'stem.1'"),
        (["missing.py:net"], "there is no such file"),
        (["{nets}:absent"], "has no function or class called 'absent'"),
        (["{nets}:number"], "has no function or class called 'number'"),
        (["{nets}:nothing"], "expected a torch module"),
        (["{nets}:boom"], "cannot be called with no arguments"),
        (["{nets}:values"], "asks for the value of a tensor"),
        (["{nets}:plain", "--size", "9"], "it fails in 3"),
    ],
)
def test_wrong_calls(
    words: list[str], message: str, nets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["describe", *(word.format(nets=nets) for word in words)]) == 2
    assert message in capsys.readouterr().err


def test_folders_that_are_no_run(
    tmp_path: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["describe", str(tmp_path)]) == 1
    assert "neither a run folder nor a bundle" in capsys.readouterr().err
    assert run(["describe", str(bundle), "--classes", "3"]) == 2
    assert "has its own channels and classes" in capsys.readouterr().err


def test_a_file_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.py").write_text("import nowhere_to_be_found\n")
    assert run(["describe", f"{tmp_path / 'bad.py'}:net"]) == 2
    assert "ModuleNotFoundError" in capsys.readouterr().err


def test_words_for_numbers() -> None:
    assert [short(n) for n in (0, 999, 1000, 1.5e12)] == ["0", "999", "1.0 k", "1.50 T"]
    assert [size(n) for n in (12, 2048)] == ["12 B", "2.0 kB"]
