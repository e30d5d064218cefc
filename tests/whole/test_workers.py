"""Workers under torchrun: one kills the job, it goes on with another number, one alone writes."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pellucid

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
OPTIONS = ["--epochs", "60", "--width", "8", "--size", "32"]
QUIET = {**os.environ, "OMP_NUM_THREADS": "1"}


def train(workers: int, *arguments: str) -> subprocess.Popen[str]:
    by = [*TORCHRUN, "--nproc-per-node", str(workers), "-m", "pellucid"]
    command = [*by, "train", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env=QUIET)  # fmt: skip


def workers_of(launcher: int) -> list[int]:
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    return sorted(int(child) for child in children)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_a_killed_worker_ends_the_job_and_any_number_goes_on(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with train(2, str(data), "-o", str(run), *OPTIONS) as job:
        assert job.stderr is not None
        for line in job.stderr:
            if line.startswith("epoch 2 "):
                break
        os.kill(workers_of(job.pid)[-1], 9)
        said = job.stderr.read()
    sentences = [line for line in said.splitlines() if "a worker has ended" in line]
    assert len(sentences) == 1 and f"--resume {run}" in sentences[0]
    before = json.loads((run / "run.json").read_text())
    assert len(before["history"]) >= 2 and before["machine"]["workers"] == 2
    again = train(3, "--resume", str(run))
    out, said = again.communicate()
    assert again.returncode == 0, said
    assert out.count("Report") == 1
    after = json.loads((run / "run.json").read_text())
    assert after["status"] == "finished" and len(after["history"]) == 60
    assert after["history"][: len(before["history"])] == before["history"]
    assert (run / "report.html").exists()


def test_a_wrong_call_is_said_once(tmp_path: Path) -> None:
    begin = time.monotonic()
    job = train(2, str(tmp_path / "nothing"))
    _, said = job.communicate()
    assert job.returncode == 1
    assert sum("there is no file or folder" in line for line in said.splitlines()) == 1
    assert "a worker has ended" not in said
    assert time.monotonic() - begin < 250


def test_weights_are_tuned_by_all_workers(data: Path, tmp_path: Path) -> None:
    first = pellucid.train(data, tmp_path / "first", epochs=2, width=8, size=16)
    run = tmp_path / "run"
    job = train(2, str(data), "-o", str(run), "--weights", str(first.folder), "--epochs", "2")
    out, said = job.communicate()
    assert job.returncode == 0, said
    assert out.count("Report") == 1 and said.count("new head (λ") == 1
    record = json.loads((run / "run.json").read_text())
    assert [row["epoch"] for row in record["history"]] == [0, 1, 2]
    assert record["status"] == "finished" and record["machine"]["workers"] == 2


def test_what_several_workers_cannot_do_is_said_once(data: Path, tmp_path: Path) -> None:
    job = train(2, str(data), "-o", str(tmp_path / "run"), "--folds", "3")
    _, said = job.communicate()
    assert sum("start it without torchrun" in line for line in said.splitlines()) == 1
    assert job.returncode != 0 and not (tmp_path / "run").exists()
