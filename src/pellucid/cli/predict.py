"""``pellucid predict``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from pellucid.cli.console import complain, progress, say, stdout
from pellucid.errors import DataError, PellucidError, UsageError
from pellucid.text import counted

if TYPE_CHECKING:
    from pellucid.cli.answers import Record
    from pellucid.cli.journal import Journal
    from pellucid.inference.predictor import Predictor


def command(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder or a bundle (folder or .zip).")
    ],
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
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write a .csv, .json or .jsonl file."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted -o.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file, or begin it anew.")
    ] = False,
    reduced: Annotated[
        bool,
        typer.Option(
            "--reduced",
            help="Decode large JPEGs at a part of their size: quicker, slightly other answers.",
        ),
    ] = False,
    runtime: Annotated[
        Literal["auto", "torch", "onnxruntime"],
        typer.Option(
            help="What computes; auto takes onnxruntime where the bundle has an exported graph."
        ),
    ] = "auto",
) -> None:
    """Classify images.

    A file that cannot be read is named on stderr and passed over; the exit code is 1 only if
    none could be read. More than 40 images are summed up by class: --csv or --json print a
    row each, as they come; -o writes them into a file, and an interrupted call goes on with
    --resume.

    \b
    Examples:
      pellucid predict runs/photos-1 cat.jpg dog.jpg --top 3
      pellucid predict runs/photos-1 new-photos/ -o answers.csv
      pellucid predict runs/photos-1 new-photos/ --csv > answers.csv
      find / -name '*.jpg' -print0 | pellucid predict runs/photos-1 -0 - --json
    """
    from pellucid.cli.inputs import STDIN, named_paths, with_list

    if null and STDIN not in inputs:
        raise UsageError("--null is about the list on stdin: add '-' to the inputs.")
    _check_forms(output, as_json=as_json, as_csv=as_csv, resume=resume, overwrite=overwrite)
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher

    predictor = api.load(run, runtime=runtime, watch=TerminalWatcher())
    paths = named_paths(inputs, complain)
    names = with_list(paths, cast(BufferedReader, sys.stdin.buffer), b"\0" if null else b"\n")
    total = None if STDIN in paths else len(paths)
    work = _Work(predictor, min(top, len(predictor.classes)), reduced)
    if output is None:
        asked, failed = _print(work, names, total, as_json=as_json, as_csv=as_csv)
    else:
        with work.journal(run, output, resume=resume, overwrite=overwrite) as journal:
            asked, failed = _save(work, names, total, journal)
    if asked == 0:
        raise DataError(f"expected images in {', '.join(inputs)}, found none.")
    if failed == asked:
        raise typer.Exit(1)


def _check_forms(
    output: Path | None, *, as_json: bool, as_csv: bool, resume: bool, overwrite: bool
) -> None:
    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other: give one of them.")
    if output is None:
        if resume or overwrite:
            raise UsageError(
                "--resume and --overwrite are about a file: name it with --output (-o)."
            )
        return
    if as_json or as_csv:
        raise UsageError("--json and --csv print; the form of a file follows from its suffix.")
    if resume and overwrite:
        raise UsageError("--resume and --overwrite exclude each other: give one of them.")
    from pellucid.cli.answers import check_suffix

    check_suffix(output)


@dataclass(frozen=True)
class _Work:
    """How images are classified.

    Attributes:
        predictor: by what.
        top: how many classes an answer lists.
        reduced: whether JPEGs are decoded at a part of their size.
    """

    predictor: "Predictor"
    top: int
    reduced: bool

    def records(self, names: Iterable[str], advance: Callable[[int], None]) -> "Iterator[Record]":
        """The answers as they come; what cannot be read is named on stderr."""
        from pellucid.inference.answer import answer

        classes = self.predictor.classes
        for one in self.predictor.stream(names, reduced=self.reduced):
            if one.error is not None:
                complain(one.error)
            yield answer(one.name, classes, self.top, row=one.probabilities, error=one.error)
            advance(1)

    def journal(self, run: Path, output: Path, *, resume: bool, overwrite: bool) -> "Journal":
        """The journal of a file."""
        from pellucid.cli.journal import Journal
        from pellucid.inference.bundle import open_bundle
        from pellucid.inference.fingerprint import fingerprint

        made_by = {
            "bundle": fingerprint(open_bundle(run)),
            "runtime": self.predictor.runtime.name,
            "--top": self.top,
            "--reduced": self.reduced,
        }
        return Journal(output, made_by, resume=resume, overwrite=overwrite)


def _print(
    work: _Work, names: Iterable[str], total: int | None, *, as_json: bool, as_csv: bool
) -> tuple[int, int]:
    """Print the answers as they come; how many there are, and how many failed."""
    from pellucid.cli.answers import CsvWriter, JsonWriter, TableWriter, Writer

    writer: Writer
    if as_json:
        writer = JsonWriter(sys.stdout)
    else:
        writer = CsvWriter(sys.stdout, work.top) if as_csv else TableWriter(work.top)
    asked = failed = 0
    scrolls = (as_json or as_csv) and stdout().is_terminal
    # No bar where the answers themselves scroll over the screen.
    with nullcontext(_ignore) if scrolls else progress(total, "classifying") as advance:
        for record in work.records(names, advance):
            asked += 1
            failed += record["error"] is not None
            writer.add(record)
    writer.close()
    return asked, failed


def _save(
    work: _Work, names: Iterator[str], total: int | None, journal: "Journal"
) -> tuple[int, int]:
    """Write the answers into a file; how many are in it, and how many of them failed."""
    rest = journal.rest(names)
    if journal.done:
        say(f"Going on after {counted(journal.done, 'answer')}.")
    left = None if total is None else total - journal.done
    try:
        with progress(left, "classifying") as advance:
            for record in work.records(rest, advance):
                journal.add(record)
    except (KeyboardInterrupt, PellucidError):
        kept = counted(journal.done, "answer")
        say(f"{kept} kept in {journal.path}: the same call with --resume goes on.")
        raise
    failed = journal.finish(work.top)
    unread = f", {failed:,} could not be read" if failed else ""
    say(f"Wrote {journal.target}: {counted(journal.done, 'image')}{unread}.")
    return journal.done, failed


def _ignore(count: int) -> None:
    """There is no progress bar."""
