"""Accuracy within a time, as users get it: `pellucid train` as a process of its own.

    python benchmarks/targets.py DATA_FOLDER [--only NAME …] [--runs 3]

DATA_FOLDER holds `fashion-mnist/` and `mnist/` (idx files), `cifar10-jpg.tar.xz`,
`caltech10_original.tar` and `caltech101_128.tar` (folders of images). Rows with `-pretrained` begin
with the weights of the extra `pretrained`, trained on ImageNet, whose classes overlap with
Caltech-101's. Every row is a whole process, from its start to the written report, on the test part
of the data (Caltech: 20% drawn by the seed), with a seed of its own per run. Medians over the runs;
the load is the machine's one-minute average before each.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from training.dataset import unpacked

WORK = Path(__file__).parent / ".work"
PACKAGES = ("pellucid", "torch", "numpy", "opencv-python-headless", "scipy")


@dataclass(frozen=True)
class Target:
    """What is to be reached.

    Attributes:
        data: below the data folder; an archive is unpacked first.
        minutes: given to ``--minutes``: less than the limit, since starting Python is not planned.
        limit: seconds of the whole process.
        accuracy: on the test images.
        pretrained: begin with weights that know photographs (the extra ``pretrained``).
    """

    data: str
    minutes: float
    limit: float
    accuracy: float
    pretrained: bool = False


TARGETS = {
    "fashion-mnist": Target("fashion-mnist", 3.9, 240, 0.925),
    "fashion-mnist-15": Target("fashion-mnist", 14.8, 900, 0.94),
    "mnist": Target("mnist", 4.9, 300, 0.995),
    "mnist-15": Target("mnist", 14.8, 900, 0.9965),
    "cifar10": Target("cifar10-jpg.tar.xz", 5.9, 360, 0.85),
    "cifar10-20": Target("cifar10-jpg.tar.xz", 19.8, 1200, 0.90),
    "caltech10": Target("caltech10_original.tar", 2.9, 180, 0.85),
    "caltech10-pretrained": Target("caltech10_original.tar", 0.85, 60, 0.985, True),
    "caltech101-pretrained": Target("caltech101_128.tar", 1.9, 480, 0.90, True),
}


def run(target: Target, data: Path, seed: int) -> tuple[float, float]:
    """Accuracy and whole-process seconds of one training."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pellucid", "train", str(data), "-o", f"{folder}/run"]
        command += ["--minutes", str(target.minutes), "--seed", str(seed), "--json"]
        command += [] if target.pretrained else ["--from-scratch"]
        begin = time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True)
        seconds = time.monotonic() - begin
        return json.loads(done.stdout)["evaluation"]["accuracy"], seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="*", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES), f"{os.cpu_count()} cores")
    for name in arguments.only:
        target = TARGETS[name]
        data = unpacked(arguments.data / target.data, WORK)
        found = []
        for seed in range(arguments.runs):
            load = os.getloadavg()[0]
            accuracy, seconds = run(target, data, seed)
            found.append((accuracy, seconds))
            print(
                f"  {name} seed {seed}: {accuracy:.2%} in {seconds:.0f} s (load {load:.1f})",
                flush=True,
            )
        accuracy, seconds = (median(values) for values in zip(*found, strict=True))
        met = accuracy >= target.accuracy and seconds <= target.limit
        print(
            f"{name}: {accuracy:.2%} in {seconds:.0f} s; wanted {target.accuracy:.1%} in "
            f"{target.limit:.0f} s: {'met' if met else 'NOT met'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
