"""What ``pellucid series`` shows and writes: rows, a table with small pictures, JSON."""

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from pellucid.cli.console import stdout, tell
from pellucid.cli.sparkline import ASCII, BLOCKS, sparkline
from pellucid.cli.transforms import Column
from pellucid.data.columns import Table, write_rows
from pellucid.storage import atomic
from pellucid.text import visible

#: Bars of a picture, and rows that a terminal is shown.
WIDTH, ROWS = 24, 20

Floats = NDArray[np.float64]
Kept = NDArray[np.bool_] | None


def view(table: Table, columns: Sequence[Column], *, plain: bool = False) -> RenderableType:
    """A line for the series and one for each new column.

    Args:
        table: the series.
        columns: what was made of it.
        plain: draw with ASCII only.
    """
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    grid.add_column("column", overflow="fold")
    grid.add_column("what", overflow="fold")
    for heading in ("weights", "least", "most"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("picture", no_wrap=True)
    levels = ASCII if plain else BLOCKS

    def add(name: str, what: str, weights: str, values: Floats) -> None:
        picture = sparkline(values, WIDTH, levels)
        cells = (visible(name), what, weights, *_range(values), picture)
        grid.add_row(*[Text(cell) for cell in cells])

    add(table.name, _counts(table.values), "", table.values)
    for column in columns:
        count = f"{len(column.kernel.weights):,}" if column.kernel else ""
        add(column.name, column.what, count, column.values)
    left_out = max((each.kernel.left_out for each in columns if each.kernel), default=0.0)
    if not left_out:
        return grid
    note = f"An EMA is computed whole; so many weights alone would leave out {left_out:.1e}."
    return Group(grid, Text(note, "dim"))


def record(table: Table, columns: Sequence[Column], *, values: bool) -> dict[str, Any]:
    """The same for machines: the kernels and, if wanted, all values; null where there is none."""
    return {
        "file": table.source,
        "column": table.name,
        "rows": len(table.values),
        "missing": int(np.isnan(table.values).sum()),
        "columns": [
            {
                "name": column.name,
                "what": column.what,
                "weights": column.kernel.weights.tolist() if column.kernel else None,
                "ahead": column.kernel.ahead if column.kernel else None,
                "left_out": column.kernel.left_out if column.kernel else None,
                **({"values": _plain(column.values)} if values else {}),
            }
            for column in columns
        ],
    }


def save(output: Path, table: Table, kept: Kept, columns: Sequence[Column]) -> None:
    """Write the rows to a file, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    with (
        atomic(output) as path,
        path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        write_rows(file, table, kept, _values(columns))


def print_rows(table: Table, kept: Kept, columns: Sequence[Column]) -> None:
    """The rows on stdout; a terminal gets the first few."""
    if not stdout().is_terminal:
        sys.stdout.flush()
        write_rows(sys.stdout, table, kept, _values(columns))
        return
    text = StringIO()
    count = len(columns[0].values)
    write_rows(text, table, kept, _values(columns), most=ROWS)
    tell(text.getvalue().rstrip("\n"))
    if count > ROWS:
        tell(f"… {ROWS} of {count:,} rows: -o OUT writes all of them.")
    tell()


def _values(columns: Sequence[Column]) -> dict[str, Floats]:
    return {column.name: column.values for column in columns}


def _counts(values: Floats) -> str:
    missing = int(np.isnan(values).sum())
    return f"{len(values):,} values" + (f", {missing:,} missing" if missing else "")


def _range(values: Floats) -> tuple[str, str]:
    """The least and the largest value; empty where there is none."""
    known = values[np.isfinite(values)]
    return (f"{known.min():.6g}", f"{known.max():.6g}") if known.size else ("", "")


def _plain(values: Floats) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]
