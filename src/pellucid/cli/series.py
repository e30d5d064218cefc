"""``pellucid series``."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from pellucid.cli.console import progress, stderr, stdout, tell_json
from pellucid.errors import StorageError


def command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A CSV file; - for stdin.")],
    column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The column, by name or number; else the one of numbers."
        ),
    ] = None,
    ema: Annotated[
        list[float] | None,
        typer.Option(
            metavar="ALPHA",
            help="Exponential moving average. May be repeated, as --ma, --diff, --midas.",
        ),
    ] = None,
    initial: Annotated[
        Literal["zero", "first"],
        typer.Option(help="The EMA before the start: 0, or as the first value."),
    ] = "zero",
    ma: Annotated[
        list[int] | None, typer.Option(metavar="N", help="Average of the last N values.")
    ] = None,
    centred: Annotated[
        bool, typer.Option("--centred", help="--ma over the values around, not the last ones.")
    ] = False,
    diff: Annotated[
        list[str] | None,
        typer.Option(metavar="ORDER[:LAG]", help="Difference: 1, 2, or 1:12 for a season of 12."),
    ] = None,
    har: Annotated[
        bool, typer.Option("--har", help="Averages of 1, 5 and 22 values: daily, weekly, monthly.")
    ] = False,
    midas: Annotated[
        list[str] | None,
        typer.Option(metavar="CURVE:T1,T2", help="MIDAS weights: beta:1,5 or almon:0.1,-0.05."),
    ] = None,
    lags: Annotated[int, typer.Option(metavar="K", min=1, help="Number of MIDAS weights.")] = 22,
    aggregate: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Keep one row of every N, the last. All but --midas "
            "is then computed from the aggregated series.",
        ),
    ] = None,
    how: Annotated[
        Literal["last", "first", "mean", "sum", "max", "min"],
        typer.Option(help="What stands for N values."),
    ] = "last",
    partial: Annotated[
        Literal["keep", "drop"], typer.Option(help="A last group of less than N values.")
    ] = "keep",
    start: Annotated[
        Literal["nan", "zero", "first"],
        typer.Option(help="Before the start: no values (empty cells), 0, or the first value."),
    ] = "nan",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="The file to write; else stdout."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the output if it exists.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: kernels and, without -o, all values.")
    ] = False,
) -> None:
    """Filter a series in a CSV file: averages, differences, aggregation, MIDAS weights.

    The rows come back with new columns at their right, all other cells as they were. A missing
    value is an empty cell, NA, NaN or null: an EMA passes over it, any other result that needs
    one is empty too. What was done is told on stderr, or on stdout where the rows go to a file.

    \b
    Examples:
      pellucid series prices.csv --ema 0.2 --ma 20 -o smoothed.csv
      pellucid series prices.csv --column close --diff 1 --har > features.csv
      pellucid series quotes.csv --aggregate 60 --how last --ema 0.1 -o minutes.csv
      pellucid series daily.csv --aggregate 22 --how mean --midas beta:1,5 --json
    """
    from pellucid.cli.series_view import print_rows, record, save, view
    from pellucid.cli.transforms import Wishes, kept_rows, steps, transform
    from pellucid.data.columns import open_table

    wishes = Wishes(
        tuple(ema or ()), initial, tuple(ma or ()), centred, tuple(diff or ()), har,
        tuple(midas or ()), lags, aggregate, how, partial, start,
    )  # fmt: skip
    todo = steps(wishes)
    if output is not None and output.exists() and not overwrite:
        raise StorageError(f"{output} exists: choose another -o, or replace it with --overwrite.")
    with ExitStack() as stack:
        with progress(None, "reading rows") as advance:
            table = stack.enter_context(open_table(file, column, advance))
        columns = transform(table.values, table.name, wishes, todo)
        kept = kept_rows(len(table.values), wishes)
        if output is not None:
            save(output, table, kept, columns)
        elif not as_json:
            print_rows(table, kept, columns)
    if as_json:
        tell_json(record(table, columns, values=output is None))
        return
    target = stdout() if output is not None or stdout().is_terminal else stderr()
    target.print(view(table, columns, plain=target.options.ascii_only))
