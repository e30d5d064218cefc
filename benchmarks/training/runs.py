"""Run one tool once on a prepared data set, or find that run done."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pellucid
from pellucid.errors import PellucidError
from pellucid.storage import read_json
from training.dataset import Dataset
from training.environments import environment
from training.peers import Trial, peer_named, surroundings
from training.process import Finished, run
from training.records import Record, Row, load, save

#: Of a counted schedule's time this much is planned: a run that is cut off ends far from its best.
_PLANNED = 0.93
#: A process that Pellucid's clock should have ended is stopped after so many times its budget.
_PATIENCE = 3.0
_PATIENCE_MORE = 600.0


@dataclass(frozen=True)
class Bench:
    """Where runs are made and kept.

    Attributes:
        data: the images.
        work: folder of everything written.
        again: finished runs are repeated.
    """

    data: Dataset
    work: Path
    again: bool = False

    def peer(self, name: str, seconds: float, seed: int, size: int | None) -> Record:
        """A peer's run with this limit, and with input of this side or that of its guide."""
        trial = Trial(name, min(size or peer_named(name).side, self.data.side), seconds, seed)
        kept = self._file(f"{name}-{trial.side}px-{seconds:g}s-seed{seed}")
        if kept.exists() and not self.again:
            return load(kept)
        if trial.peer.scheduled:
            trial = replace(trial, epochs=self._epochs(trial))
        record = self._run_peer(trial, kept)
        save(kept, record)
        return record

    def pellucid(self, budget: float, seed: int) -> Record:
        """``pellucid train`` with a budget in seconds; its version is that of its source files."""
        kept = self._file(f"pellucid-{source_digest()}-{budget:g}s-seed{seed}")
        if kept.exists() and not self.again:
            return load(kept)
        folder = _empty(kept.with_suffix(""))
        output = folder / "run"
        command = [sys.executable, "-m", "pellucid", "train", str(self.data.folder)]
        command += ["--from-scratch", "-o", str(output)]
        command += ["--minutes", f"{budget / 60:.5g}", "--seed", str(seed)]
        environment = dict(os.environ) | {"XDG_CACHE_HOME": str(folder / "cache")}
        started = _started()
        limit = _PATIENCE * budget + _PATIENCE_MORE
        log = folder / "log.txt"
        done = run(command, limit=limit, folder=folder, environment=environment, log=log)
        _refuse_failed("pellucid", done, log)
        found = read_json(output / "run.json")
        record = Record(
            tool="pellucid",
            budget=budget,
            seed=seed,
            side=found["preprocessing"]["height"],
            rows=(_last_row(found, done),),
            versions=found["versions"] | {"source": source_digest()},
            command=_shown(command),
            **_outcome(done),
            **started,
        )
        save(kept, record)
        shutil.rmtree(folder)
        return record

    def _epochs(self, trial: Trial) -> int:
        """How many fit, by a short run that does not count."""
        kept = self._file(f"{trial.name}-{trial.side}px-{trial.seconds:g}s-pilot")
        if not kept.exists():
            save(kept, self._run_peer(replace(trial, epochs=2), kept))
        return epochs_that_fit(load(kept).rows, trial.seconds)

    def _run_peer(self, trial: Trial, kept: Path) -> Record:
        venv = environment(trial.peer.environment, self.work)
        folder = _empty(kept.with_suffix(""))
        python = venv / "bin" / "python"
        command = trial.command(python, self.data.folder, colored=self.data.colored)
        variables = surroundings(os.environ, folder, venv)
        started, log = _started(), folder / "log.txt"
        done = run(command, limit=trial.seconds, folder=folder, environment=variables, log=log)
        _refuse_failed(trial.name, done, log)
        record = Record(
            tool=trial.name,
            budget=trial.seconds,
            seed=trial.seed,
            side=trial.side,
            rows=tuple(_row(row) for row in done.rows if "accuracy" in row),
            versions=next((row["versions"] for row in done.rows if "versions" in row), {}),
            command=_shown(command),
            **_outcome(done),
            **started,
        )
        shutil.rmtree(folder)
        return record

    def _file(self, name: str) -> Path:
        folder = self.work / "training" / self.data.folder.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.json"


def epochs_that_fit(rows: Sequence[Row], seconds: float) -> int:
    """How many epochs a run of so many seconds has time for, by the first two of another.

    >>> epochs_that_fit([Row(30, 0, 0, None), Row(50, 0, 0, None)], 100)
    4
    """
    if len(rows) < 2:
        return 1
    first, second = rows[0].seconds, rows[1].seconds
    return max(1, 1 + int((_PLANNED * seconds - first) / (second - first)))


def source_digest() -> str:
    """8 hexadecimal digits of Pellucid's own source: another one, other runs."""
    root = Path(pellucid.__file__).parent
    digest = blake2b(digest_size=4)
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _last_row(found: dict[str, Any], done: Finished) -> Row:
    """The end of a run of Pellucid, by its record."""
    evaluation = found["evaluation"]
    if evaluation is None or evaluation["split"] != "test":
        raise PellucidError("pellucid did not judge the test images: see its run.json.")
    speeds = [row["images_per_second"] for row in found["history"]]
    speed = sorted(speeds)[len(speeds) // 2] if speeds else None
    return Row(done.seconds, done.use.core_seconds, evaluation["accuracy"], speed)


def _row(found: dict[str, Any]) -> Row:
    names = ("seconds", "core_seconds", "accuracy", "images_per_second")
    return Row(*(found[name] for name in names))


def _outcome(done: Finished) -> dict[str, Any]:
    return {
        "ended": done.ended,
        "seconds": done.seconds,
        "core_seconds": done.use.core_seconds,
        "peak": done.use.peak,
        "others": round(done.others, 3),
    }


def _started() -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"load": round(os.getloadavg()[0], 2), "date": now}


def _refuse_failed(name: str, done: Finished, log: Path) -> None:
    if done.ended.startswith("failed") or (name == "pellucid" and done.ended == "limit"):
        lines = log.read_text(errors="replace").strip().splitlines() or ["no message"]
        raise PellucidError(f"{name} {done.ended}: {lines[-1]} (see {log})")


def _shown(command: Sequence[str]) -> str:
    return " ".join(Path(word).name if "/" in word else word for word in command)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
