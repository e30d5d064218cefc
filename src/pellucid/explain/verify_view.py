"""A verification as text, as a rich table for a terminal, and as HTML."""

from html import escape
from typing import Any

from pellucid.explain.verification import Check, Verification
from pellucid.text import visible

#: Columns of the table.
HEAD = ("layer", "operation", "checked", "difference", "relative", "of allowed", "")
_RED = ' style="color:#b00"'
#: What the columns mean.
LEGEND = (
    "difference: the largest |network − recomputed|; relative: to the recomputed number; "
    "of allowed: to what rounding allows, right up to 1."
)


def row(check: Check, *, narrow: bool = False) -> tuple[str, ...]:
    """A layer's cells; narrow ones do not say of how many numbers those checked are."""
    counted = f"{check.checked:,}"
    if check.checked != check.count and not narrow:
        counted += f" of {check.count:,}"
    numbers = (
        ("", "", "")
        if check.reason
        else (f"{check.difference:.1e}", f"{check.relative:.1e}", f"{check.of_allowed:.2g}")
    )
    return visible(check.name), visible(check.operation), counted, *numbers, _verdict(check)


def summary(found: Verification) -> list[str]:
    """What follows from the rows, in sentences."""
    count = len(found.checks) - len(found.unchecked)
    every = "every number" if found.checked == found.count else "samples"
    lines = [
        f"{found.checked:,} of {found.count:,} numbers recomputed in float64 without torch "
        f"({every} of {count} layers)."
    ]
    for check in found.wrong:
        lines.append(
            f"WRONG: {visible(check.name)} ({visible(check.operation)}) at "
            f"{', '.join(map(str, check.at))}: the network has {check.found:.9g}, its inputs make "
            f"{check.recomputed:.9g}: {check.of_allowed:.3g} times what rounding allows."
        )
    for check in found.unchecked:
        lines.append(f"NOT CHECKED: {visible(check.name)}: {visible(check.reason)}.")
    worst = found.worst
    if not found.wrong and worst is not None:
        lines.append(
            f"No layer differs by more than rounding allows; the most is {worst.of_allowed:.2g} of "
            f"it, in {visible(worst.name)}."
        )
    return lines


def text(found: Verification) -> str:
    """Plain text."""
    table = [HEAD, *map(row, found.checks)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()
        for cells in table
    ]
    return "\n".join([*lines, *summary(found)])


def rich_view(found: Verification) -> Any:
    """A table for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1, 0, 0))
    for place, name in enumerate(HEAD):
        table.add_column(
            name,
            justify="left" if place < 2 else "right",
            overflow="fold",
            no_wrap=place >= 2,
            header_style="dim",
        )
    for check in found.checks:
        table.add_row(*map(Text, row(check, narrow=True)), style="" if check.agrees else "bold red")
    lines = [
        Text(line, "bold red" if line.startswith(("WRONG", "NOT CHECKED")) else "")
        for line in summary(found)
    ]
    return Group(table, Text(), *lines, Text(LEGEND, "dim"))


def html(found: Verification) -> str:
    """A table for notebooks; text is escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in HEAD)
    body = "".join(
        f"<tr{'' if check.agrees else _RED}>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row(check))
        + "</tr>"
        for check in found.checks
    )
    below = "<br>".join(map(escape, [*summary(found), LEGEND]))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{below}</p>"


def _verdict(check: Check) -> str:
    if check.reason:
        return "not checked"
    return "" if check.agrees else "WRONG"
