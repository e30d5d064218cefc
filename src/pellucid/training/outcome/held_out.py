"""Each image's probabilities by a network that had not learnt from it: ``held_out.csv``.

After a cross-validation: of a training image, by the network of its fold; of the others, by the
run's own.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import RunError
from pellucid.storage import write_bytes
from pellucid.training.run import HELD_OUT

_FIXED = ("image", "class", "fold", "answer")


@dataclass(frozen=True)
class HeldOut:
    """A run's answers to images that the answering network had not learnt from.

    Attributes:
        names: of N images.
        classes: names of K classes.
        labels: (N,) class that each image is in.
        folds: (N,) ``1`` to ``K``; ``val`` and ``test`` for what the run's own network answered.
        probabilities: (N, K) float32.
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.intp]
    folds: tuple[str, ...]
    probabilities: NDArray[np.float32]


def write_held_out(folder: Path, found: HeldOut) -> None:
    """Write the table: a row an image, a column a class; numbers are not rounded.

    Raises:
        StorageError: it cannot be written.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*_FIXED, *found.classes])
    answers = found.probabilities.argmax(1)
    for name, label, fold, answer, row in zip(
        found.names, found.labels, found.folds, answers, found.probabilities, strict=True
    ):
        numbers = [str(value) for value in row]  # the shortest that gives the same float32
        rows.writerow([name, found.classes[label], fold, found.classes[answer], *numbers])
    # Names of files may hold bytes that are no UTF-8: they are kept as they are.
    write_bytes(folder / HELD_OUT, text.getvalue().encode("utf-8", "surrogateescape"))


def read_held_out(folder: Path) -> HeldOut:
    """The table of a run.

    Raises:
        RunError: there is none, or it is damaged.
    """
    path = folder / HELD_OUT
    if not path.is_file():
        raise RunError(
            f"{folder} has no {HELD_OUT}: train with a cross-validation, e.g. --folds 5, "
            "and let it finish."
        )
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        head, *rows = csv.reader(io.StringIO(text, newline=""))
        classes = tuple(head[len(_FIXED) :])
        place = {name: label for label, name in enumerate(classes)}
        if tuple(head[: len(_FIXED)]) != _FIXED or len(place) != len(classes) or not rows:
            raise ValueError("its first line is not that of such a table")
        table = np.array([row[len(_FIXED) :] for row in rows], np.float32)
        labels = np.array([place[row[1]] for row in rows], np.intp)
    except (OSError, ValueError, KeyError, IndexError, csv.Error) as error:
        raise RunError(f"{path} is damaged ({error}): train again.") from error
    if table.shape != (len(rows), len(classes)) or not np.isfinite(table).all():
        raise RunError(f"{path} is damaged: a probability is missing.")
    names, folds = (tuple(row[column] for row in rows) for column in (0, 2))
    return HeldOut(names, classes, labels, folds, table)
