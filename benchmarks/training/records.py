"""What one run was and gave: a JSON file each, so that what is finished is not run again."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pellucid.storage import read_json, write_json


@dataclass(frozen=True)
class Row:
    """Where a run stood at one moment.

    Attributes:
        seconds: since the process began.
        core_seconds: of processor time by then, children included.
        accuracy: on the test images.
        images_per_second: in the epoch that ended then, scoring included; None if not known.
    """

    seconds: float
    core_seconds: float
    accuracy: float
    images_per_second: float | None


@dataclass(frozen=True)
class Record:
    """One run of one tool.

    Attributes:
        tool: ``pellucid``, or a peer's name.
        budget: seconds that it had; for Pellucid what it was told, for a peer when it was stopped.
        seed: of the run.
        side: of the input in pixels.
        rows: after each epoch; for Pellucid one, at the end of the process.
        ended: ``finished``, ``limit`` or ``failed with STATUS``.
        seconds: of the whole process.
        core_seconds: of it and its children.
        peak: MiB of memory at once.
        versions: of what matters.
        load: 1-minute average before it, the run before included.
        others: cores that everything else kept busy meanwhile; None if not known.
        date: UTC, when it began.
        command: what was run.
    """

    tool: str
    budget: float
    seed: int
    side: int
    rows: tuple[Row, ...]
    ended: str
    seconds: float
    core_seconds: float
    peak: float
    versions: dict[str, str]
    load: float
    others: float | None
    date: str
    command: str

    @property
    def best(self) -> float:
        """The highest accuracy reached; 0 where there is none."""
        return max((row.accuracy for row in self.rows), default=0.0)

    def reached(self, accuracy: float) -> Row | None:
        """The first row of at least that accuracy."""
        return next((row for row in self.rows if row.accuracy >= accuracy), None)


def save(path: Path, record: Record) -> None:
    """Write a record atomically."""
    write_json(path, asdict(record))


def load(path: Path) -> Record:
    """Read a record.

    Raises:
        RunError: the file is missing or damaged.
    """
    found: dict[str, Any] = {"others": None} | read_json(path)
    return Record(**found | {"rows": tuple(Row(**row) for row in found["rows"])})
