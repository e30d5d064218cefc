"""The comparison folder: a run folder for each training, and what they come to.

``comparison.json`` (what was asked, planned and found), ``comparison.csv`` (a row a training),
``comparison.html`` (the page), and a run folder NAME or NAME-sSEED for each training. Files are
written atomically.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pellucid.comparison.results import Pair, Standing
from pellucid.errors import RunError, StorageError
from pellucid.storage import read_json, write_json
from pellucid.training.run import RECORD as RUN_RECORD

SCHEMA = 1
RECORD, TABLE, PAGE, LOCK = "comparison.json", "comparison.csv", "comparison.html", ".lock"
#: Seconds to wait for a process that is on its way out.
PATIENCE = 20.0


@dataclass
class Comparison:
    """A comparison folder and its record.

    Attributes:
        folder: where it is.
        record: the content of ``comparison.json``.
    """

    folder: Path
    record: dict[str, Any]

    @property
    def status(self) -> str:
        """``running``, ``interrupted`` or ``finished``."""
        return str(self.record["status"])

    @property
    def members(self) -> list[dict[str, Any]]:
        """The trainings: ``folder``, ``network``, ``seed``, ``status``, ``error`` and figures."""
        found: list[dict[str, Any]] = self.record["members"]
        return found

    @property
    def standings(self) -> tuple[Standing, ...]:
        """The networks' figures, in the order of the line-up; empty before the end."""
        return tuple(Standing.from_json(one) for one in self._results("networks"))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Each two networks' answers to the same images; empty before the end."""
        return tuple(Pair.from_json(one) for one in self._results("pairs"))

    @property
    def findings(self) -> tuple[str, ...]:
        """What follows from the figures, in sentences."""
        return tuple(self._results("findings"))

    @property
    def failures(self) -> list[dict[str, Any]]:
        """The members that came to nothing, each with its ``error``."""
        return [one for one in self.members if one["status"] in ("failed", "refused")]

    @property
    def page(self) -> Path:
        """The HTML page; it exists once the comparison is finished."""
        return self.folder / PAGE

    def save(self) -> None:
        """Write ``comparison.json``.

        Raises:
            StorageError: it cannot be written.
        """
        write_json(self.folder / RECORD, self.record)

    def _results(self, name: str) -> list[Any]:
        results = self.record["results"]
        return [] if results is None else list(results[name])


def open_comparison(path: str | Path) -> Comparison:
    """The comparison in a folder.

    Raises:
        RunError: there is none, it is damaged, or it has an unknown schema.
    """
    folder = Path(path)
    if not (folder / RECORD).is_file():
        raise RunError(
            f"{folder} is not a comparison folder: it has no {RECORD}; name a folder that "
            "`pellucid compare` made."
        )
    record = read_json(folder / RECORD)
    if record.get("schema") != SCHEMA:
        raise RunError(
            f"{folder / RECORD} has schema {record.get('schema')!r}, this version of Pellucid "
            f"reads {SCHEMA}."
        )
    missing = {"status", "members", "results", "asked", "data", "plan"} - record.keys()
    if missing:
        raise RunError(f"{folder / RECORD} is damaged: it has no {', '.join(sorted(missing))}.")
    return Comparison(folder, record)


def clear_comparison(folder: Path) -> None:
    """Make the folder of a new comparison; what an earlier one left in it is removed.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for inside in folder.iterdir():
            if (inside / RUN_RECORD).is_file():
                shutil.rmtree(inside)
        for name in (RECORD, TABLE, PAGE):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder {folder}: {error.strerror}.") from error


@contextmanager
def at_work(folder: Path) -> Iterator[int]:
    """Claim a folder for this process and those that it hands the lock to.

    The lock goes when the last of them has ended, however it ended.

    Yields:
        The lock's file descriptor, to be inherited.

    Raises:
        RunError: another process is at work there.
        StorageError: the folder cannot be written.
    """
    try:
        lock = (folder / LOCK).open("w")
    except OSError as error:
        raise StorageError(f"cannot write {folder / LOCK}: {error.strerror}.") from error
    with lock:
        limit = time.monotonic() + PATIENCE
        while not _locked(lock.fileno()):
            if time.monotonic() > limit:
                raise RunError(f"another process is at work in {folder}: wait for it, or end it.")
            time.sleep(0.1)
        yield lock.fileno()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
