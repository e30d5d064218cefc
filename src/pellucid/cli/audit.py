"""``pellucid audit``."""

from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.calls import named_data
from pellucid.cli.console import complain, progress, stdout, tell_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pellucid.data.audit import Audit, Spread

#: Rich styles by the severity of a verdict.
STYLES = {"error": "red", "warning": "yellow", "info": "dim"}
#: Rows of the table for one kind of count, and verdicts; the rest are counted.
KINDS, VERDICTS = 4, 9


def command(
    data: Annotated[
        str,
        typer.Argument(metavar="DATA", help="Labelled images, in any form that train takes."),
    ],
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 1 if anything but hidden and system files was left out."
        ),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything found as JSON on stdout.")
    ] = False,
) -> None:
    """Look at a data set before training: broken files, copies, classes, splits.

    \b
    Examples:
      pellucid audit photos/
      pellucid audit labels.csv --strict
      pellucid audit photos/ --json > audit.json
    """
    from pellucid import api

    with progress(None, "reading images") as advance:
        audit = api.audit(named_data(data), advance=advance)
    if as_json:
        tell_json(audit.to_json())
    else:
        stdout().print(audit_view(audit))
    if strict and not audit.complete:
        complain("--strict: some files were left out, see above.")
        raise typer.Exit(1)


def audit_view(audit: "Audit") -> "RenderableType":
    """An audit on one screen: a few facts, then what they mean.

    Args:
        audit: what was found.

    Returns:
        Something that a rich console prints.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from pellucid.text import visible

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, words in _facts(audit):
        table.add_row(name, Text(visible(words)))
    verdicts = [
        Text.assemble(
            (f"{verdict.severity:8}", STYLES[verdict.severity]), visible(verdict.sentence)
        )
        for verdict in audit.verdicts[:VERDICTS]
    ]
    more = len(audit.verdicts) - len(verdicts)
    if more > 0:
        verdicts.append(Text(f"and {more} more: --json has everything.", "dim"))
    return Group(table, Text(), *verdicts) if verdicts else table


def _facts(audit: "Audit") -> list[tuple[str, str]]:
    from pellucid.data.verdicts import number

    facts = [
        ("data", f"{audit.root} ({audit.kind})"),
        ("images", f"{audit.images:,}: {_counts(audit.formats)}; {_counts(audit.modes)}"),
        ("classes", _class_sizes(audit)),
        ("parts", audit.how),
    ]
    if audit.height and audit.width:
        size = f"{_spread(audit.height)} high, {_spread(audit.width)} wide"
        facts.insert(2, ("size", f"{size} (pixels)"))
    reasons: dict[str, int] = {}
    for entry in (*audit.left_out, *audit.faults):
        reasons[entry.why] = reasons.get(entry.why, 0) + 1
    if reasons:
        facts.append(("left out", _counts(reasons)))
    if audit.copies:
        counts = audit.count_copies()
        crossing = [
            f"{number(counts[what]['across'], 'pair')} across {what}"
            for what in ("parts", "classes")
            if "across" in counts[what]
        ]
        facts.append(("copies", "; ".join([_counts(counts["kind"]), *crossing])))
    return facts


def _class_sizes(audit: "Audit") -> str:
    ordered = sorted(audit.classes, key=lambda each: each.images)
    if not ordered:
        return "none"
    least, most = ordered[0], ordered[-1]
    return f"{len(ordered)}: {least.images:,} ({least.name}) to {most.images:,} ({most.name})"


def _spread(spread: "Spread") -> str:
    if spread.least == spread.most:
        return f"{spread.least:,}"
    return f"{spread.least:,} to {spread.most:,} (median {spread.median:,.0f})"


def _counts(counts: dict[str, int]) -> str:
    """The most frequent few: ``JPEG 90, PNG 3``."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    shown = [f"{name} {count:,}" for name, count in ordered[:KINDS]]
    rest = sum(count for _, count in ordered[KINDS:])
    return ", ".join([*shown, f"others {rest:,}"] if rest else shown)
