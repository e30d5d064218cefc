"""``pellucid predict``."""

import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from pellucid.cli.console import complain, progress, stdout
from pellucid.errors import DataError, UsageError

if TYPE_CHECKING:
    from pellucid.cli.answers import Writer
    from pellucid.inference.predictor import Prediction


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Image files; folders, searched with all below them; - for a list on stdin.",
        ),
    ],
    null: Annotated[
        bool, typer.Option("--null", "-0", help="The list on stdin is separated by NUL.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array, an object a line.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
    top: Annotated[
        int, typer.Option(metavar="K", min=1, help="Show the K most probable classes.")
    ] = 1,
) -> None:
    """Classify images.

    A file that cannot be read is named on stderr and passed over; the exit code is 1 only if
    none could be read. More than 40 images are summed up by class: --csv or --json print a
    row each, as they come.

    \b
    Examples:
      pellucid predict runs/photos-1 cat.jpg dog.jpg --top 3
      pellucid predict runs/photos-1 new-photos/ --csv > answers.csv
      find / -name '*.jpg' -print0 | pellucid predict runs/photos-1 -0 - --json
    """
    from pellucid.cli.inputs import STDIN, named_paths, with_list

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other: give one of them.")
    if null and STDIN not in inputs:
        raise UsageError("--null is about the list on stdin: add '-' to the inputs.")
    from pellucid import api

    predictor = api.load(run)
    writer = _writer(as_json, as_csv, predictor.classes, top)
    paths = named_paths(inputs, complain)
    total = None if STDIN in paths else len(paths)
    scrolls = (as_json or as_csv) and stdout().is_terminal
    # No bar where the answers themselves scroll over the screen.
    meter = nullcontext(_ignore) if scrolls else progress(total, "classifying")
    stdin = cast(BufferedReader, sys.stdin.buffer)
    with meter as advance:
        stream = predictor.stream(with_list(paths, stdin, b"\0" if null else b"\n"))
        asked, failed = _write(stream, writer, advance)
    writer.close()
    if asked == 0:
        raise DataError(f"expected images in {', '.join(inputs)}, found none.")
    if failed == asked:
        raise typer.Exit(1)


def _writer(as_json: bool, as_csv: bool, classes: tuple[str, ...], top: int) -> "Writer":
    from pellucid.cli.answers import CsvWriter, JsonWriter, TableWriter

    if as_json:
        return JsonWriter(classes, top)
    return CsvWriter(classes, top) if as_csv else TableWriter(classes, top)


def _write(
    stream: "Iterable[Prediction]", writer: "Writer", advance: Callable[[int], None]
) -> tuple[int, int]:
    """Write the answers as they come; how many there are, and how many failed."""
    asked = failed = 0
    for prediction in stream:
        asked += 1
        if prediction.error is not None:
            failed += 1
            complain(prediction.error)
        writer.add(prediction)
        advance(1)
    return asked, failed


def _ignore(count: int) -> None:
    """There is no progress bar."""
