"""The run folder: everything that one training made.

``run.json`` (what was done and found), ``checkpoint/`` (the state to go on from), ``bundle/`` (the
trained network), ``mistakes/`` (pictures) and ``report.html``; after a cross-validation
``held_out.csv`` and ``labels/`` (pictures of suspect labels). Files are written atomically.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.data.shards import is_shards
from pellucid.errors import RunError, StorageError, UsageError
from pellucid.evaluation.result import Evaluation
from pellucid.storage import read_json, write_json

if TYPE_CHECKING:
    from pellucid.data.catalogue import Catalogue

SCHEMA = 1
RECORD, REPORT, BUNDLE, CHECKPOINT, MISTAKES, TRIALS, LABELS = (
    "run.json",
    "report.html",
    "bundle",
    "checkpoint",
    "mistakes",
    "trials",
    "labels",
)
#: Each image's probabilities by a network that had not learnt from it.
HELD_OUT = "held_out.csv"
#: Of the mistakes' pictures, what the maps beside them add up to.
MAPS = "maps.json"


@dataclass
class Run:
    """A run folder and its record.

    Attributes:
        folder: where it is.
        record: the content of ``run.json``.
    """

    folder: Path
    record: dict[str, Any]

    @property
    def status(self) -> str:
        """``running``, ``interrupted`` or ``finished``."""
        return str(self.record["status"])

    @property
    def evaluation(self) -> Evaluation | None:
        """Figures on the test images (validation images where there are none); None before."""
        found = self.record["evaluation"]
        return None if found is None else Evaluation.from_json(found)

    @property
    def report(self) -> Path:
        """The report's page; it exists once the run is finished."""
        return self.folder / REPORT

    @property
    def streamed(self) -> bool:
        """The training images are read from their shards anew each epoch."""
        return self.record["data"].get("lanes") is not None

    def open_data(self) -> "Catalogue":
        """The data set as the training reads it; close its ``source`` when done.

        Raises:
            DataError: it is not where it was, or cannot be used any more.
            RunError: the record is damaged.
        """
        try:
            place, streamed = str(self.record["data"]["path"]), self.streamed
        except (KeyError, TypeError, AttributeError) as error:
            raise RunError(f"{self.folder / RECORD} is damaged: {error!r}.") from error
        from pellucid.data.open import open_catalogue

        return open_catalogue(place, stream=streamed)

    def save(self) -> None:
        """Write ``run.json``.

        Raises:
            StorageError: it cannot be written.
        """
        write_json(self.folder / RECORD, self.record)


def open_run(path: str | Path) -> Run:
    """The run in a folder.

    Raises:
        RunError: there is none, it is damaged, or it has an unknown schema.
    """
    folder = Path(path)
    if not (folder / RECORD).is_file():
        raise RunError(
            f"{folder} is not a run folder: it has no {RECORD}; name a folder that "
            "`pellucid train` made."
        )
    record = read_json(folder / RECORD)
    if record.get("schema") != SCHEMA:
        raise RunError(
            f"{folder / RECORD} has schema {record.get('schema')!r}, this version of Pellucid "
            f"reads {SCHEMA}."
        )
    if "status" not in record or "evaluation" not in record:
        raise RunError(f"{folder / RECORD} is damaged: it has no status or no evaluation.")
    return Run(folder, record)


def free_folder(
    output: str | Path | None,
    data: Path,
    *,
    overwrite: bool,
    record: str = RECORD,
    kind: str = "run",
) -> Path:
    """The folder for a new run: the one named, or ``runs/NAME-N`` with the next free N.

    Nothing is made or removed yet.

    Args:
        output: the folder, or None.
        data: what the run is on.
        overwrite: a folder with such a record may be taken.
        record: the file by which a folder is known.
        kind: what the folder is called; it gives the ``runs`` above.

    Raises:
        UsageError: it exists and may not be replaced.
    """
    folder = _next_free(data, Path(f"{kind}s")) if output is None else Path(output)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return folder
    if not (folder / record).is_file():
        raise UsageError(
            f"{folder} exists and is not a {kind} folder: name another with --output (-o)."
        )
    if not overwrite:
        raise UsageError(
            f"the {kind} folder {folder} exists: name another with --output (-o), go on with it by "
            "--resume, or replace it with --overwrite."
        )
    return folder


def clear_folder(folder: Path) -> None:
    """Make the folder of a new run; what an earlier run left in it is removed.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (RECORD, REPORT, HELD_OUT):
            (folder / name).unlink(missing_ok=True)
        for name in (BUNDLE, CHECKPOINT, MISTAKES, TRIALS, LABELS):
            if (folder / name).exists():
                shutil.rmtree(folder / name)
    except OSError as error:
        raise StorageError(f"cannot make the run folder {folder}: {error.strerror}.") from error


def _next_free(data: Path, above: Path) -> Path:
    name = "shards" if is_shards(data) else data.resolve().stem or "data"
    number = 1
    while (folder := above / f"{name}-{number}").exists():
        number += 1
    return folder
