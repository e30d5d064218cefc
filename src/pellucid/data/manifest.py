"""A table of paths and labels: CSV, TSV or Parquet."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pellucid.data.assemble import Record, assemble, no_images
from pellucid.data.catalogue import Catalogue, LeftOut, Split
from pellucid.data.files import FileSource
from pellucid.data.naming import SPLIT_WORDS, natural_key, split_named
from pellucid.errors import DataError, unknown_name

PARQUET_SUFFIXES = (".parquet", ".pq")
TEXT_SUFFIXES = (".csv", ".tsv")

#: What a column may be called, in any case.
_COLUMNS = {
    "path": ("path", "file", "filename", "file_name", "filepath", "image", "image_path"),
    "label": ("label", "class", "target", "category", "class_name"),
    "split": ("split", "subset", "set", "partition"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table; ``where`` names it in messages."""

    where: str
    path: str
    label: str
    split: str


def read_manifest(path: str | Path) -> Catalogue:
    """The images that a table lists.

    Columns, in any order and case: ``path`` (or file, filename, image), ``label`` (or class,
    target, category) and optionally ``split`` (or subset, set), which holds train, val or test
    or another word for these, in every row. Paths are relative to the table's folder, or
    absolute; one that starts with a space is to be quoted. Samples are in natural order of path.

    Left out and reported: files that do not exist (``missing``), rows without a label
    (``no-class``), rows that repeat another (``repeated``), labels none of whose files exists
    (``empty-class``).

    Raises:
        DataError: no such columns, an unknown split, one file with two labels or two splits,
            only one class, or Parquet without pyarrow.

    Example::

        # photos.csv:  path,label,split
        #              a/1.jpg,cat,train
        read_manifest("photos.csv").samples[0]  # Sample(name='a/1.jpg', label=0, split='train')
    """
    path = Path(path)
    rows: dict[str, _Row] = {}
    left_out: list[LeftOut] = []
    for row in _rows(path):
        name = os.path.normpath(row.path).replace(os.sep, "/") if row.path else ""
        if not name or not row.label:
            what = "label" if name else "path"
            left_out.append(LeftOut(name or row.where, "no-class", f"{row.where}: no {what}"))
        elif name not in rows:
            rows[name] = row
        else:
            _refuse_contradiction(path, rows[name], row)
            left_out.append(LeftOut(name, "repeated", f"{row.where} repeats {rows[name].where}"))
    splits = _splits(path, rows)
    names = sorted(rows, key=natural_key)
    folder = os.fspath(path.parent)
    there = [name for name in names if _exists(folder, name, left_out)]
    if rows and not there:
        raise DataError(
            f"none of the {len(rows)} files in {str(path)!r} exists: paths are relative to "
            f"{folder!r}; the first is {names[0]!r}."
        )
    records = [Record(name, rows[name].label, splits[name]) for name in there]
    lost = {row.label for row in rows.values()} - {record.label for record in records}
    left_out.extend(no_images(label) for label in sorted(lost, key=natural_key))
    source = FileSource(there, [os.path.join(folder, name) for name in there])  # noqa: PTH118
    return assemble(path, "manifest", records, source, left_out=left_out)


def _exists(folder: str, name: str, left_out: list[LeftOut]) -> bool:
    """Whether there is such a file; if not, it is reported."""
    path = Path(folder, name)
    try:
        path.stat()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        detail = "listed, but there is no such file" if missing else str(error.strerror)
        left_out.append(LeftOut(name, "missing" if missing else "unreadable", detail))
        return False
    except ValueError:
        left_out.append(LeftOut(name, "missing", "its name holds a null character"))
        return False
    return True


def _splits(path: Path, rows: dict[str, _Row]) -> dict[str, Split | None]:
    """The split of every row: of all of them, or of none."""
    splits: dict[str, Split | None] = {}
    has_splits = any(row.split for row in rows.values())
    for name, row in rows.items():
        splits[name] = split_named(row.split)
        if has_splits and splits[name] is None:
            if not row.split:
                raise DataError(
                    f"{str(path)!r}, {row.where}: no split, but other rows have one; fill it in."
                )
            problem = unknown_name("split", row.split, SPLIT_WORDS)
            raise DataError(f"{str(path)!r}, {row.where}: {problem}")
    return splits


def _refuse_contradiction(path: Path, first: _Row, second: _Row) -> None:
    for what, one, other in [
        ("label", first.label, second.label),
        ("split", split_named(first.split), split_named(second.split)),
    ]:
        if one != other:
            raise DataError(
                f"{str(path)!r} gives {first.path!r} two {what}s, {one!r} in {first.where} and "
                f"{other!r} in {second.where}: keep one."
            )


def _rows(path: Path) -> Iterator[_Row]:
    """The table's rows, as text."""
    parquet = path.suffix.lower() in PARQUET_SUFFIXES
    for where, values in _parquet(path) if parquet else _text(path):
        image, label, split = values
        yield _Row(where, image, label.strip(), split.strip())  # a file's name may end in a space


def _columns(path: Path, header: list[str]) -> list[int | None]:
    """Where path, label and split are in the header."""
    lower = [name.strip().lower() for name in header]
    found: list[int | None] = []
    for column, names in _COLUMNS.items():
        place = next((lower.index(name) for name in names if name in lower), None)
        if place is None and column != "split":
            raise DataError(
                f"{str(path)!r} has no column {column!r} (or {', '.join(names[1:])}); found "
                f"{', '.join(map(repr, header)) or 'nothing'}."
            )
        found.append(place)
    return found


def _text(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Rows of a CSV or TSV file in UTF-8; names that are not come through unchanged."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max("\t;,", key=first.count) if path.suffix.lower() == ".csv" else "\t"
            reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
            places = _columns(path, next(reader, []))
            for cells in reader:
                if cells:
                    values = [_cell(cells, place) for place in places]
                    yield f"line {reader.line_num}", values
    except (OSError, csv.Error) as error:
        raise DataError(f"cannot read the table {str(path)!r}: {error}.") from error


def _cell(cells: list[str], place: int | None) -> str:
    """A cell; empty where the row is too short."""
    return cells[place] if place is not None and place < len(cells) else ""


def _parquet(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Rows of a Parquet file."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise DataError(
            f"reading {str(path)!r} needs pyarrow: install it with 'pip install pellucid[parquet]'."
        ) from error
    try:
        header = parquet.read_schema(path).names
        places = _columns(path, header)
        wanted = [header[place] for place in places if place is not None]
        table = parquet.read_table(path, columns=wanted)
    except (OSError, arrow.ArrowException) as error:
        raise DataError(f"cannot read the table {str(path)!r}: {error}.") from error
    columns = [None if place is None else table[header[place]].to_pylist() for place in places]
    for row in range(table.num_rows):
        cells = [None if column is None else column[row] for column in columns]
        yield f"row {row + 1}", ["" if cell is None else str(cell) for cell in cells]
