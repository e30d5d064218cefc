"""The forms in which ``pellucid predict`` gives its answers, each written as they come.

An answer is a record as :func:`pellucid.inference.answer.answer` makes it.
"""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Protocol, TextIO

from pellucid.cli.console import stdout, tell
from pellucid.errors import UsageError
from pellucid.text import visible

#: More answers than this are shown as a summary by class.
MOST_ROWS = 40
Record = dict[str, Any]


class Writer(Protocol):
    """Takes answers one by one."""

    def add(self, record: Record) -> None:
        """The next answer."""
        ...

    def close(self) -> None:
        """There are no more."""
        ...


class JsonWriter:
    """One JSON array, an object a line, so that it can be read whole or line by line."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._before = out, "[\n"

    def add(self, record: Record) -> None:
        self._out.write(self._before + json.dumps(record, allow_nan=False))
        self._before = ",\n"

    def close(self) -> None:
        self._out.write("[]\n" if self._before == "[\n" else "\n]\n")


class JsonLinesWriter:
    """An object a line and nothing else."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def add(self, record: Record) -> None:
        self._out.write(json.dumps(record, allow_nan=False) + "\n")

    def close(self) -> None:
        pass


class CsvWriter:
    """A header and a row an image; with ``top`` > 1 the next classes follow as label_2, …"""

    def __init__(self, out: TextIO, top: int) -> None:
        self._top = top
        self._csv = csv.writer(out, lineterminator="\n")
        more = [f"{field}_{rank}" for rank in range(2, top + 1)
                for field in ("label", "probability")]  # fmt: skip
        self._csv.writerow(["name", "label", "probability", *more, "error"])

    def add(self, record: Record) -> None:
        best = [cell for one in record["top"] for cell in (one["label"], one["probability"])]
        self._csv.writerow([record["name"], *(best or [""] * (2 * self._top)), record["error"]])

    def close(self) -> None:
        pass


#: Forms of a file, by its suffix.
SUFFIXES = (".csv", ".json", ".jsonl")


def check_suffix(path: Path) -> None:
    """Refuse a file whose name does not say its form.

    Raises:
        UsageError: its suffix is none of :data:`SUFFIXES`.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"expected a file for the answers that ends in {', '.join(SUFFIXES)}, found '{path}'."
        )


def file_writer(path: Path, out: TextIO, top: int) -> Writer:
    """The writer for a file.

    Args:
        path: the file; its suffix says the form, see :func:`check_suffix`.
        out: where to write.
        top: how many classes each answer lists.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return CsvWriter(out, top)
    return JsonWriter(out) if suffix == ".json" else JsonLinesWriter(out)


class TableWriter:
    """A table for people: a row an image, or, past :data:`MOST_ROWS`, a row a class."""

    def __init__(self, top: int) -> None:
        self._top = top
        self._first: list[Record] = []
        self._counts: Counter[str] = Counter()
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._failed = 0

    def add(self, record: Record) -> None:
        if record["error"] is not None:
            self._failed += 1
            return
        self._counts[record["label"]] += 1
        self._sums[record["label"]] += record["probability"]
        if len(self._first) < MOST_ROWS:
            self._first.append(record)

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
        for rank in range(1, self._top + 1):
            table.add_column("class" if rank == 1 else f"{rank}.", overflow="fold")
            table.add_column("probability", justify="right")
        for record in self._first:
            cells = [
                cell
                for one in record["top"]
                for cell in (_plain(one["label"]), f"{one['probability']:.1%}")
            ]
            table.add_row(_plain(record["name"]), *cells)
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
