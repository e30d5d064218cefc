"""Several processes are one: real workers over gloo, compared with one process."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

WORKER = Path(__file__).with_name("worker.py")
#: Trainings that are compared. Dropout, auxiliary heads, AdamW, fine-tuning are not in the default.
CASES: dict[str, dict[str, Any]] = {
    "default": {"epochs": 4},
    "dropout": {"epochs": 2, "arguments": {"dropout": 0.3}},
    "auxiliary": {"epochs": 1, "model": "googlenet_small"},
    "adamw": {"epochs": 2, "model": "alexnet_small"},
    "tuned": {"epochs": 4, "tuned": True},
    "stopped": {"epochs": 4, "stop": 6},
    "float32": {"epochs": 4, "stop": 4, "dtype": "float32"},
}


def load_worker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("worker", WORKER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(size: int, folder: Path, cases: dict[str, Any]) -> None:
    """Run so many workers to their end."""
    port, workers = free_port(), []
    for rank in range(size):
        place = {
            "RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": size, "LOCAL_WORLD_SIZE": size,
            "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": 1,
        }  # fmt: skip
        env = {**os.environ, **{name: str(value) for name, value in place.items()}}
        command = [sys.executable, str(WORKER), str(folder), json.dumps(cases)]
        workers.append(subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True))
    said = [worker.communicate()[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * size, said


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folders = {size: tmp_path_factory.mktemp(f"workers{size}") for size in (2, 3)}
    start(2, folders[2], CASES)
    start(3, folders[3], {"default": CASES["default"]})
    return folders


def of(folder: Path, name: str, rank: int) -> dict[str, Tensor]:
    return load_file(folder / f"{name}-{rank}.safetensors")


def far(one: dict[str, Tensor], two: dict[str, Tensor]) -> dict[str, float]:
    """Largest difference of each tensor, relative to its largest value."""
    assert one.keys() == two.keys()
    return {
        name: float((one[name] - two[name]).abs().max() / one[name].abs().max().clamp_min(1e-2))
        for name in one
        if one[name].is_floating_point()
    }


@pytest.mark.parametrize(("size", "name"), [*((2, name) for name in CASES), (3, "default")])
def test_several_processes_give_the_weights_of_one(
    several: dict[int, Path], size: int, name: str
) -> None:
    worker = load_worker()
    alone = worker.state(*worker.train(dict(CASES[name])))
    first = of(several[size], name, 0)
    del alone["given"], first["given"]
    assert first["step"] == alone["step"]
    loose = name == "float32"
    history = far({"history": alone.pop("history")}, {"history": first.pop("history")})
    assert history["history"] < (1e-4 if loose else 1e-6)  # scores are judged in float32
    bound = 1e-4 if loose else 1e-9
    worst = sorted(far(alone, first).items(), key=lambda pair: -pair[1])[:5]
    assert worst[0][1] < bound, worst


@pytest.mark.parametrize("size", [2, 3])
def test_all_workers_have_the_same_bits(several: dict[int, Path], size: int) -> None:
    first, last = (of(several[size], "default", rank) for rank in (0, size - 1))
    del first["given"], last["given"]
    assert all(torch.equal(value, last[name]) for name, value in first.items())


@pytest.mark.parametrize("size", [2, 3])
def test_together_they_see_every_image_once_an_epoch(several: dict[int, Path], size: int) -> None:
    worker = load_worker()
    parts = [of(several[size], "default", rank)["given"] for rank in range(size)]
    assert {len(part) // 4 for part in parts} <= {70 // size - 2 + k for k in range(5)}
    seen = torch.cat([part[:, 0] for part in parts])
    wanted = torch.from_numpy(worker.images().train)
    assert torch.equal(seen.long().bincount(minlength=90), wanted.bincount(minlength=90) * 4)


def test_one_worker_asks_and_all_stop_after_the_same_step(several: dict[int, Path]) -> None:
    assert [int(of(several[2], "stopped", rank)["step"]) for rank in (0, 1)] == [6, 6]
