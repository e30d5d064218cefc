"""``pellucid shard``: real shards of a few pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pellucid.cli.main import run


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in range(10):
            noise = rng.integers(0, 256, (8, 8), np.uint8)
            cv2.imwrite(str(tmp_path / "photos" / name / f"{index}.png"), noise)
    return tmp_path / "photos"


def test_a_table_by_part(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["shard", str(photos), "-o", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert all(part in printed for part in ("train", "val", "test", "samples"))
    assert run(["shard", str(photos), "-o", str(tmp_path / "out")]) == 2
    assert "--overwrite" in capsys.readouterr().err


def test_the_index_as_json(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["shard", str(photos), "-o", str(tmp_path / "out"), "--size", "0.002", "--json"]
    assert run(line) == 0
    index = json.loads(capsys.readouterr().out)
    assert index == json.loads((tmp_path / "out" / "index.json").read_text())
    assert sum(shard["samples"] for shard in index["shards"]) == 20


@pytest.mark.parametrize("size", ["0", "-1", "nan"])
def test_a_size_that_is_none(photos: Path, size: str) -> None:
    assert run(["shard", str(photos), "-o", "out", f"--size={size}"]) == 2
