"""An account as text, as a rich table, as HTML, and as a pandas table."""

from html import escape
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.explain.account import Account
from pellucid.explain.rules import Source, axes_of
from pellucid.operators.arithmetic import Term
from pellucid.operators.arithmetic.show import ROWS, number
from pellucid.text import visible

if TYPE_CHECKING:
    from pandas import DataFrame

#: Columns of the table of terms.
HEAD = ("from", "at", "tap", "value", "weight", "product", "")


def heading(account: Account) -> str:
    """Which number it is: the node, the position, the operation."""
    return f"{visible(account.name)} at {_place(account)}: {account.arithmetic.operation}"


def rows(account: Account) -> list[tuple[str, ...]]:
    """The terms in their order where they are few, else the largest first."""
    shown = account if len(account.terms) <= ROWS else account.sorted()
    names = account.trace.names
    return [
        _row(term, _origin(source, names))
        for term, source in zip(shown.terms[:ROWS], shown.sources[:ROWS], strict=True)
    ]


def notes(account: Account) -> list[str]:
    """What stands below the terms: their number, the formula, the comparison."""
    count = len(account.terms)
    lines = []
    if count > ROWS:
        lines.append(f"{count:,} terms, the {ROWS} largest shown")
    if account.sentence:
        lines.append(account.sentence)
    lines.append(account.formula)
    verdict = "within" if account.agrees else "NOT within"
    lines.append(
        f"the network has {number(account.found)}: a difference of {account.difference:.2g}, "
        f"{verdict} the {account.tolerance:.2g} that rounding allows"
    )
    return lines


def text(account: Account) -> str:
    """Plain text."""
    table = [HEAD, *rows(account)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([heading(account), *(lines if account.terms else ()), *notes(account)])


def rich_view(account: Account) -> Any:
    """A table for a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(HEAD):
        table.add_column(column, justify="left" if place == 0 else "right")
    for row in rows(account):
        table.add_row(*map(Text, row))
    *before, verdict = notes(account)
    style = "" if account.agrees else "bold red"
    parts = [Text(heading(account), "bold"), *((table,) if account.terms else ())]
    return Group(*parts, *map(Text, before), Text(verdict, style))


def html(account: Account) -> str:
    """A table for notebooks; text is escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in HEAD)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows(account)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    below = "<br>".join(map(escape, notes(account)))
    return f"<p><b>{escape(heading(account))}</b></p>{table if account.terms else ''}<p>{below}</p>"


def frame(account: Account) -> "DataFrame":
    """A pandas table: source, the cell's position by the names of its axes, tap, value, weight,
    product, role.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise UsageError(
            "expected pandas for a table of terms, found none: pip install 'pellucid[series]'."
        ) from error
    names = account.trace.names
    columns: dict[str, Any] = {"source": [_origin(source, names) for source in account.sources]}
    for place, axis in enumerate(_axes(account)):
        cells = [term.at[place] if term.at else None for term in account.terms]
        columns[axis] = pandas.array(cells, dtype="Int64")
    for name in ("tap", "value", "weight", "product", "role"):
        columns[name] = [getattr(term, name) for term in account.terms]
    return pandas.DataFrame(columns)


def _axes(account: Account) -> tuple[str, ...]:
    """Names of the axes of the terms' positions: those of what most of them come from."""
    first = next((source for source in account.sources if isinstance(source, int)), None)
    if first is not None:
        found = axes_of(account.trace.nodes[first].shape)
        if all(len(term.at) == len(found) for term in account.terms if term.at is not None):
            return found
    most = max((len(term.at) for term in account.terms if term.at), default=0)
    return tuple(f"axis {place}" for place in range(most))


def _place(account: Account) -> str:
    found = account.arithmetic
    return ", ".join(f"{name} {at}" for name, at in zip(found.names, found.at, strict=True))


def _origin(source: Source, names: tuple[str, ...]) -> str:
    if source is None:
        return "·"
    return visible(names[source] if isinstance(source, int) else source)


def _row(term: Term, origin: str) -> tuple[str, ...]:
    place = "·" if term.at is None else " ".join(map(str, term.at))
    numbers = map(number, (term.value, term.weight, term.product))
    note = "" if term.role == "cell" else term.role
    return (origin, place, " ".join(map(str, term.tap)), *numbers, note)
