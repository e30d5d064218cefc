"""One column of numbers in a CSV file, and the file again with more columns.

The file is read twice: for the numbers, and when it is written again. So of a file of any length
only the numbers are in memory, and all other cells come out as they went in.
"""

import csv
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import compress, islice
from math import isnan, nan
from operator import add, itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TextIO

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DataError, UsageError, unknown_name
from pellucid.text import visible

#: Stands for the file on stdin.
STDIN = "-"
DELIMITERS = ",;\t|"
#: Cells that mean a missing value, in lower case.
MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "-", "."))
#: Rows handled at once (of many more at once the garbage collector takes as long as the reading),
#: and rows looked at to find delimiter, header and column.
CHUNK, SAMPLE = 2048, 100

Row = list[str]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A CSV file with one column of numbers.

    Attributes:
        source: the file's name, for messages.
        stream: the file, open, from which it is read again.
        delimiter: what separates cells.
        header: names of the columns, or None if the file has none.
        width: cells of a row.
        place: which of them holds the number, from 0.
        values: the numbers, (T,); NaN where missing.
    """

    source: str
    stream: TextIO
    delimiter: str
    header: Row | None
    width: int
    place: int
    values: Floats

    @property
    def name(self) -> str:
        """The column's name; ``value`` if it has none."""
        return self.header[self.place].strip() if self.header else "value"

    def rows(self) -> Iterator[list[Row]]:
        """All rows below the header, in chunks.

        An empty line is passed over; in a file of one column it is a missing value.
        """
        rows = self.lines(_reader(self.stream, self.delimiter))
        while chunk := list(islice(rows, CHUNK)):
            yield chunk

    def lines(self, reader: Iterator[Row]) -> Iterator[Row]:
        """The same from a reader, one by one."""
        single = (row or [""] for row in reader)
        rows = single if self.width == 1 else filter(None, reader)
        return islice(rows, 1 if self.header else 0, None)


@contextmanager
def open_table(source: str, column: str | None, advance: Callable[[int], None]) -> Iterator[Table]:
    """Read a column of a CSV file, which stays open for its rows until the block ends.

    The delimiter is a comma, semicolon, tab or bar, whichever cuts the first rows into the most
    cells. The first row is a header if its cell in the column is no number.

    Args:
        source: a path, or ``-`` for stdin.
        column: its name, or its number from 1; None: the only column of numbers.
        advance: told how many rows were just read.

    Yields:
        The table.

    Raises:
        DataError: the file cannot be read or has no such column of numbers; a cell is no number or
            a row has too many or too few cells, named by line.
        UsageError: several columns hold numbers and none was chosen, or the name is unknown.
    """
    with _open(source) as stream:
        try:
            table = read_table(source, stream, column, advance)
        except csv.Error as error:
            raise DataError(f"{source!r} is no CSV file: {error}.") from error
        yield table


def write_rows(
    file: IO[str],
    table: Table,
    kept: NDArray[np.bool_] | None,
    columns: dict[str, Floats],
    *,
    most: int | None = None,
) -> None:
    """The table's rows, with new columns at the right; missing values are empty cells.

    Args:
        file: where to.
        table: the rows.
        kept: which of them, (T,); None: all.
        columns: name → numbers, one a row kept. The names are written if the table has a header.
        most: only so many rows.
    """
    writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\n")
    if table.header is not None:
        writer.writerow([*table.header, *columns])
    at = done = 0
    for chunk in table.rows():
        rows = chunk if kept is None else list(compress(chunk, kept[at : at + len(chunk)].tolist()))
        at += len(chunk)
        rows = rows if most is None else rows[: most - done]
        cells = [_cells(values[done : done + len(rows)]) for values in columns.values()]
        done += len(rows)
        writer.writerows(map(add, rows, map(list, zip(*cells, strict=True))))
        if done == most:
            return


def number(cell: str) -> float | None:
    """A cell as a number, NaN for a missing one, None for anything else.

    >>> number(" 1.5 "), number("NA"), number("1,5"), number("1_000")
    (1.5, nan, None, None)
    """
    if cell.strip().lower() in MISSING:
        return nan
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


@contextmanager
def _open(source: str) -> Iterator[TextIO]:
    """The file as text that can be read from its start again."""
    file: IO[bytes]
    try:
        if source == STDIN:
            file = _spooled(sys.stdin.buffer)
        else:
            file = Path(source).open("rb")  # noqa: SIM115  (closed with the text stream)
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                with file as pipe:
                    file = _spooled(pipe)
    except FileNotFoundError:
        raise DataError(f"expected a CSV file, but {source!r} does not exist.") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"cannot read {source!r}: {reason}.") from error
    # Bytes that are no UTF-8 go through unchanged.
    with TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="") as stream:
        yield stream


def _spooled(pipe: IO[bytes]) -> IO[bytes]:
    """A pipe's content in a temporary file."""
    copy = TemporaryFile()  # noqa: SIM115  (removed when it is closed)
    shutil.copyfileobj(pipe, copy)
    copy.seek(0)
    return copy


def _reader(stream: TextIO, delimiter: str) -> Iterator[Row]:
    stream.seek(0)
    return csv.reader(stream, delimiter=delimiter)


def read_table(
    source: str,
    stream: TextIO,
    column: str | None,
    advance: Callable[[int], None] = lambda rows: None,
) -> Table:
    r"""A column of CSV text, as :func:`open_table` reads it from a file.

    Args:
        source: what the text is called, for messages.
        stream: that can be read from its start again.
        column: as for :func:`open_table`, like ``advance``.

    Raises:
        DataError: as :func:`open_table`, like UsageError.
        csv.Error: the text is no CSV.

    >>> from io import StringIO
    >>> read_table("pasted text", StringIO("day;price\n1;2.5\n2;NA"), "price").values
    array([2.5, nan])
    """
    delimiter, sample = _layout(stream)
    if not sample:
        raise DataError(f"expected rows of cells, found none in {source!r}.")
    place = _place(source, sample, column)
    header = sample[0] if number(sample[0][place]) is None else None
    width = len(sample[0])
    table = Table(source, stream, delimiter, header, width, place, np.empty(0))
    parts = []
    for rows in table.rows():
        part = _numbers(rows, place, width)
        if part is None:
            raise _fault(table)
        parts.append(part)
        advance(len(rows))
    if not parts:
        raise DataError(f"expected numbers below the header, found no row in {source!r}.")
    return replace(table, values=np.concatenate(parts))


def _layout(stream: TextIO) -> tuple[str, list[Row]]:
    """The delimiter and the first rows."""
    best: tuple[str, list[Row]] = (DELIMITERS[0], [])
    for delimiter in DELIMITERS:
        rows = list(islice((row for row in _reader(stream, delimiter) if row), SAMPLE + 1))
        even = len({len(row) for row in rows}) == 1
        if not best[1] or (even and len(rows[0]) > len(best[1][0])):
            best = delimiter, rows
    return best


def _place(source: str, sample: Sequence[Row], column: str | None) -> int:
    names = [cell.strip() for cell in sample[0]]
    if column is not None:
        if column in names:
            return names.index(column)
        if column.isdecimal() and 1 <= int(column) <= len(names):
            return int(column) - 1
        raise unknown_name("column", column, [visible(name) for name in names])
    width = len(names)
    numeric = [place for place in range(width) if _is_numeric(sample, place)]
    if not numeric:
        raise DataError(
            f"expected a column of numbers in {source!r}, found none: name the column "
            "(in a command: --column)."
        )
    if len(numeric) > 1:
        known = ", ".join(names[place] for place in numeric)
        raise UsageError(
            f"several columns of {source!r} hold numbers ({known}): name the column "
            "(in a command: --column)."
        )
    return numeric[0]


def _is_numeric(sample: Sequence[Row], place: int) -> bool:
    """Whether the rows below the first (it may be a header) hold numbers and missing values."""
    below = sample[1:] or sample
    cells = [number(row[place]) if place < len(row) else None for row in below]
    return None not in cells and any(not isnan(cell) for cell in cells if cell is not None)


def _numbers(rows: list[Row], place: int, width: int) -> Floats | None:
    """A column of some rows; None if one of them is at fault."""
    if set(map(len, rows)) != {width}:
        return None
    cells = list(map(itemgetter(place), rows))
    try:
        if "_" not in "".join(cells):  # float() would take it
            return np.array(list(map(float, cells)))
    except ValueError:
        pass
    found = [number(cell) for cell in cells]
    return None if None in found else np.array(found, np.float64)


def _fault(table: Table) -> DataError:
    """The first row at fault, by its line in the file."""
    table.stream.seek(0)
    reader = csv.reader(table.stream, delimiter=table.delimiter)
    for row in table.lines(reader):
        where = f"{table.source!r}, line {reader.line_num}"
        if len(row) != table.width:
            return DataError(
                f"{where}: expected {table.width} cells as in the first row, found {len(row)}."
            )
        if number(row[table.place]) is None:
            column = f"column {table.name!r}" if table.header else f"column {table.place + 1}"
            return DataError(
                f"{where}, {column}: expected a number or an empty cell, found "
                f"{row[table.place]!r}."
            )
    raise AssertionError("a row was at fault a moment ago")


def _cells(values: Floats) -> list[float | None]:
    """As the csv module writes them: a float so that it reads back the same, None as nothing."""
    cells: list[float | None] = values.tolist()
    for place in np.flatnonzero(np.isnan(values)).tolist():
        cells[place] = None
    return cells
