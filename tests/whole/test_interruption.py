"""Nothing is lost: Ctrl-C, kill -9, a full disk. Real processes, real signals."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from safetensors.numpy import load_file

TRAIN = [sys.executable, "-m", "pellucid", "train"]
OPTIONS = ["--epochs", "12", "--width", "8", "--size", "32"]


def finish(run: Path) -> None:
    subprocess.run([*TRAIN, "--resume", str(run)], check=True, capture_output=True)


def start(data: Path, run: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*TRAIN, str(data), "-o", str(run), *OPTIONS], stderr=subprocess.PIPE, text=True
    )


def wait_for_epoch(process: subprocess.Popen[str], epoch: int) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(f"epoch {epoch} "):
            return
    raise AssertionError("the training ended before it could be stopped")


@pytest.fixture
def whole(data: Path, tmp_path: Path) -> Path:
    run = tmp_path / "whole"
    subprocess.run([*TRAIN, str(data), "-o", str(run), *OPTIONS], check=True, capture_output=True)
    return run


def same_bits(one: Path, two: Path) -> bool:
    first, second = (load_file(run / "bundle" / "weights.safetensors") for run in (one, two))
    return first.keys() == second.keys() and all((first[k] == second[k]).all() for k in first)


def test_kill_and_ctrl_c_lose_nothing(data: Path, whole: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with start(data, run) as process:
        wait_for_epoch(process, 2)
        process.kill()
    kept = json.loads((run / "run.json").read_text())
    assert len(kept["history"]) >= 2
    command = [*TRAIN, "--resume", str(run)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as second:
        wait_for_epoch(second, 4)
        second.send_signal(signal.SIGINT)
        assert second.stderr is not None
        said = second.stderr.read()
    assert second.returncode == 130
    assert "--resume" in said
    assert "Traceback" not in said
    assert json.loads((run / "run.json").read_text())["status"] == "interrupted"
    finish(run)
    assert same_bits(run, whole)


def test_a_damaged_checkpoint_is_one_sentence(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with start(data, run) as process:
        wait_for_epoch(process, 1)
        process.kill()
    [state] = (run / "checkpoint").glob("[!.]*")
    state.write_bytes(state.read_bytes()[:1000])
    done = subprocess.run(
        [*TRAIN, "--resume", str(run)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert re.search(r"is damaged", done.stderr)
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB: too small for a checkpoint."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    time.sleep(0.1)
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_sentence(data: Path, small_disk: Path) -> None:
    command = [*TRAIN, str(data), "-o", str(small_disk / "run"), *OPTIONS[:2], "--width", "32"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    left = [path.name for path in (small_disk / "run").rglob("*") if path.is_file()]
    assert not any(name.startswith(".") for name in left), "no temporary file stays behind"
    assert (small_disk / "run" / "run.json").exists()
