"""``pellucid labels``."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import stdout, tell_json
from pellucid.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pellucid.training.outcome.suspects import Suspects


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, trained with --folds.")],
    limit: Annotated[
        int, typer.Option(metavar="N", help="Rows of the table; --csv and --json give all.")
    ] = 20,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all as CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print all as JSON.")] = False,
) -> None:
    """List the images whose labels are most likely wrong, the most suspect first.

    Each image was judged by a network that had not learnt from it (confident learning on the
    cross-validation). Look at each before you move it: a doubt is no proof.

    \b
    Examples:
      pellucid train photos/ --folds 5 -o runs/photos
      pellucid labels runs/photos
      pellucid labels runs/photos --csv > suspects.csv
    """
    if as_csv and as_json:
        raise UsageError("--json and --csv exclude each other: give one of them.")
    if limit < 1:
        raise UsageError(f"--limit is at least 1, not {limit}.")
    from pellucid import api

    suspects = api.labels(run)
    if as_json:
        tell_json(suspects.to_json())
    elif as_csv:
        _write_csv(suspects)
    else:
        stdout().print(suspects_view(suspects, limit))


def suspects_view(suspects: "Suspects", limit: int) -> "RenderableType":
    """The suspect labels as a table.

    Args:
        suspects: what was found.
        limit: so many rows at most.

    Returns:
        Something that a rich console prints.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from pellucid.report.words import percent
    from pellucid.text import visible

    head = Text(suspects.sentence)
    if not suspects.found:
        return head
    table = Table(box=None, pad_edge=False)
    for name in ("image", "label", "looks like"):
        table.add_column(name, overflow="fold", header_style="dim")
    for name in ("label's", "other's"):
        table.add_column(name, justify="right", no_wrap=True, header_style="dim")
    for one in suspects.found[:limit]:
        chances = percent(one.probability_of_label), percent(one.probability)
        words = visible(one.name), visible(one.label), visible(one.suggested)
        table.add_row(*map(Text, (*words, *chances)))
    parts: list[RenderableType] = [head, Text(), table]
    more = len(suspects.found) - limit
    if more > 0:
        parts.append(Text(f"and {more:,} more: --csv or --json gives all.", "dim"))
    return Group(*parts)


def _write_csv(suspects: "Suspects") -> None:
    import csv
    import sys

    from pellucid.training.outcome.suspects import Suspect

    names = [field.name for field in fields(Suspect)]
    rows = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    rows.writeheader()
    for one in suspects.found:
        rows.writerow(asdict(one))
