"""Processes are watched rightly, and a finished run is not made again."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pellucid.errors import PellucidError, UsageError
from training.command import parse, run_all
from training.dataset import Dataset
from training.environments import refuse_cuda
from training.peers import PEERS, Trial, surroundings
from training.process import Finished, run
from training.records import Record, Row, load, save
from training.runs import Bench, epochs_that_fit

HEAD = "import json, os, sys, time\n"


def run_script(folder: Path, text: str, limit: float = 60) -> Finished:
    script = folder / "script.py"
    script.write_text(HEAD + text)
    log = folder / "log.txt"
    command = [sys.executable, "-u", str(script)]
    return run(command, limit=limit, folder=folder, environment=os.environ, log=log)


def test_rows_are_stamped_and_the_rest_is_logged(tmp_path: Path) -> None:
    text = "print('{\"epoch\": 1}')\nprint('{broken')\nprint([1])\n"
    text += "time.sleep(1)\nprint('{\"epoch\": 2}')\n"
    done = run_script(tmp_path, text)
    assert done.ended == "finished"
    assert [row["epoch"] for row in done.rows] == [1, 2]
    assert done.rows[1]["seconds"] - done.rows[0]["seconds"] >= 0.9
    assert done.rows[1]["seconds"] <= done.seconds
    assert (tmp_path / "log.txt").read_text() == "{broken\n[1]\n"


def test_the_time_and_memory_of_children_count(tmp_path: Path) -> None:
    burn = (
        "import subprocess\n"
        "child = 'import time; x = bytearray(120 << 20); x[::4096] = b\"1\" * len(x[::4096])\\n'\n"
        "child += 'while time.process_time() < 1.5: pass'\n"
        "subprocess.run([sys.executable, '-c', child], check=True)\n"
    )
    done = run_script(tmp_path, burn)
    assert done.ended == "finished"
    assert 1.5 <= done.use.core_seconds < 10
    assert 120 < done.use.peak < 300


def test_the_limit_ends_the_children_too(tmp_path: Path) -> None:
    text = (
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(json.dumps({'child': child.pid}))\n"
        "time.sleep(600)\n"
    )
    done = run_script(tmp_path, text, limit=3)
    assert done.ended == "limit"
    assert 3 <= done.seconds < 60
    child = Path(f"/proc/{done.rows[0]['child']}/stat")
    deadline = time.monotonic() + 30
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_failure_is_told(tmp_path: Path) -> None:
    assert run_script(tmp_path, "sys.exit(3)").ended == "failed with 3"


def some_record() -> Record:
    return Record(
        tool="keras",
        budget=60,
        seed=0,
        side=32,
        rows=(Row(10.0, 20.0, 0.5, 100.0), Row(20.0, 40.0, 0.625, None)),
        ended="limit",
        seconds=60.0,
        core_seconds=110.0,
        peak=900.0,
        versions={"keras": "3"},
        load=0.1,
        others=0.02,
        date="2026-11-23",
        command="python with_keras.py",
    )


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    save(tmp_path / "one.json", some_record())
    assert load(tmp_path / "one.json") == some_record()


def test_what_is_done_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Dataset(tmp_path / "set-0-ab", "set", 2, 8, 2, 28, False, "")
    runs = []

    def pretend(bench: Bench, trial: Trial, kept: Path) -> Record:
        runs.append(trial)
        return some_record()

    monkeypatch.setattr(Bench, "_run_peer", pretend)
    bench = Bench(data, tmp_path)
    for _ in range(2):
        bench.peer("keras", 60, 0, None)
    assert runs == [Trial("keras", 28, 60, 0)]
    bench.peer("keras", 60, 1, None)
    bench.peer("keras", 60, 0, 16)
    assert [(trial.seed, trial.side) for trial in runs[1:]] == [(1, 28), (0, 16)]
    Bench(data, tmp_path, again=True).peer("keras", 60, 0, None)
    assert len(runs) == 4
    bench.peer("fastai", 60, 0, None)
    assert [trial.epochs for trial in runs[4:]] == [2, 5]  # a pilot of two, then what fits


def test_epochs_that_fit() -> None:
    rows = [Row(20, 0, 0.0, None), Row(30, 0, 0.0, None)]
    assert epochs_that_fit(rows, 100) == 8  # 20 + 7 · 10 = 90 is within 93, 100 is not
    assert epochs_that_fit(rows, 10) == 1
    assert epochs_that_fit(rows[:1], 1000) == 1


def test_every_peer_has_its_files() -> None:
    folder = Path(sys.modules[Trial.__module__].__file__ or "").parent
    for name, peer in PEERS.items():
        assert (folder / "requirements" / f"{peer.environment}.txt").is_file()
        words = Trial(name, 64, 30, 1).command(Path("python"), Path("data"), colored=False)
        assert Path(words[1]).is_file()
        assert words[-1] == "--gray"


def test_unknown_peers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'keras'"):
        run_all(parse([str(tmp_path), "--peers", "kears"]))


def test_cuda_is_refused() -> None:
    for name, version in (("nvidia-cublas", "13"), ("triton", "3.6"), ("torch", "2.13.0+cu130")):
        with pytest.raises(PellucidError, match=f"{name}.*CUDA"):
            refuse_cuda([("numpy", "2.4.6"), (name, version)])
    refuse_cuda([("torch", "2.13.0+cpu"), ("nvidia-ml-py", "13.0")])


def test_a_peer_gets_a_home_of_its_own(tmp_path: Path) -> None:
    found = surroundings({"PYTHONPATH": "src", "PATH": "/bin", "HOME": "/root"}, tmp_path, tmp_path)
    assert "PYTHONPATH" not in found
    assert (found["HOME"], found["PATH"]) == (str(tmp_path), "/bin")


def test_the_work_of_others_is_told_apart(tmp_path: Path) -> None:
    busy = "while time.process_time() < 1.5: pass\n"
    done = run_script(tmp_path, busy)
    assert done.others <= os.cpu_count() - 1.5 / done.seconds + 0.1  # type: ignore[operator]
    command = [sys.executable, "-c", "import time\n" + busy]
    with subprocess.Popen(command):
        done = run_script(tmp_path, "time.sleep(4)\n")
    assert done.others * done.seconds > 1
