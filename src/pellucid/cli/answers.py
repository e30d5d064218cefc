"""The three forms in which ``pellucid predict`` prints its answers, each written as they come."""

import csv
import json
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Protocol

from pellucid.cli.console import stdout, tell
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.inference.predictor import Prediction

#: More answers than this are shown as a summary by class.
MOST_ROWS = 40


class Writer(Protocol):
    """Takes answers one by one."""

    def add(self, prediction: "Prediction") -> None:
        """The next answer."""
        ...

    def close(self) -> None:
        """There are no more."""
        ...


def ranked(prediction: "Prediction", classes: tuple[str, ...], top: int) -> list[tuple[str, float]]:
    """The ``top`` most probable classes with their probabilities, best first; ties in class order.

    None for an image that could not be read.
    """
    if prediction.probabilities is None:
        return []
    pairs = zip(classes, prediction.probabilities, strict=True)
    return sorted(pairs, key=lambda pair: -pair[1])[:top]


class JsonWriter:
    """One JSON array, an object a line, so that it can be read whole or line by line."""

    def __init__(self, classes: tuple[str, ...], top: int) -> None:
        self._classes, self._top = classes, top
        self._before = "[\n"

    def add(self, prediction: "Prediction") -> None:
        record: dict[str, Any] = {
            "name": prediction.name,
            "label": prediction.label,
            "probability": prediction.probability,
            "top": [
                {"label": label, "probability": probability}
                for label, probability in ranked(prediction, self._classes, self._top)
            ],
            "error": prediction.error,
        }
        sys.stdout.write(self._before + json.dumps(record, allow_nan=False))
        self._before = ",\n"

    def close(self) -> None:
        sys.stdout.write("[]\n" if self._before == "[\n" else "\n]\n")


class CsvWriter:
    """A header and a row an image; with ``top`` > 1 the next classes follow as label_2, …"""

    def __init__(self, classes: tuple[str, ...], top: int) -> None:
        self._classes, self._top = classes, min(top, len(classes))
        self._csv = csv.writer(sys.stdout, lineterminator="\n")
        more = [f"{field}_{rank}" for rank in range(2, self._top + 1)
                for field in ("label", "probability")]  # fmt: skip
        self._csv.writerow(["name", "label", "probability", *more, "error"])

    def add(self, prediction: "Prediction") -> None:
        best = ranked(prediction, self._classes, self._top)
        cells = [cell for pair in best for cell in pair] or [""] * (2 * self._top)
        self._csv.writerow([prediction.name, *cells, prediction.error or ""])

    def close(self) -> None:
        pass


class TableWriter:
    """A table for people: a row an image, or, past :data:`MOST_ROWS`, a row a class."""

    def __init__(self, classes: tuple[str, ...], top: int) -> None:
        self._classes, self._top = classes, top
        self._first: list[Prediction] = []
        self._counts: Counter[str] = Counter()
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._failed = 0

    def add(self, prediction: "Prediction") -> None:
        if prediction.label is None or prediction.probability is None:
            self._failed += 1
            return
        self._counts[prediction.label] += 1
        self._sums[prediction.label] += prediction.probability
        if len(self._first) < MOST_ROWS:
            self._first.append(prediction)

    def close(self) -> None:
        total = self._counts.total()
        if total > MOST_ROWS:
            self._print_summary(total)
        elif total:
            self._print_rows()
        if self._failed:
            tell(f"{self._failed:,} of {total + self._failed:,} could not be read, named above.")

    def _print_rows(self) -> None:
        from rich.table import Table

        table = Table("image", box=None, pad_edge=False)
        table.columns[0].overflow = "fold"
        for rank in range(1, min(self._top, len(self._classes)) + 1):
            table.add_column("class" if rank == 1 else f"{rank}.", overflow="fold")
            table.add_column("probability", justify="right")
        for prediction in self._first:
            best = ranked(prediction, self._classes, self._top)
            cells = [cell for label, value in best for cell in (_plain(label), f"{value:.1%}")]
            table.add_row(_plain(prediction.name), *cells)
        stdout().print(table)

    def _print_summary(self, total: int) -> None:
        from rich.table import Table

        table = Table("class", box=None, pad_edge=False)
        for heading in ("images", "share", "mean probability"):
            table.add_column(heading, justify="right")
        for label, count in self._counts.most_common():
            mean = self._sums[label] / count
            table.add_row(_plain(label), f"{count:,}", f"{count / total:.1%}", f"{mean:.1%}")
        stdout().print(table)
        tell(f"{total:,} images. For a row each: --csv or --json.")


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(visible(text))
