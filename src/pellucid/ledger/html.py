"""The ledger as a table in a notebook."""

from html import escape
from typing import TYPE_CHECKING

from pellucid.ledger.conventions import CONVENTIONS

if TYPE_CHECKING:
    from pellucid.ledger.book import Ledger
    from pellucid.ledger.row import Group

_HEAD = ("layer", "kind", "output", "parameters", "MACs", "formula", "share")


def ledger_html(ledger: "Ledger") -> str:
    """A table with a line a module, the totals below, and the conventions."""
    totals = ledger.totals
    head = "".join(f"<th>{name}</th>" for name in _HEAD)
    body = "".join(_line(group) for group in ledger.fold())
    last = ("total", "", "", f"{totals.parameters:,}", f"{totals.macs:,}", "", "")
    foot = "".join(f"<th>{cell}</th>" for cell in last)
    unknown = ", ".join(dict.fromkeys(row.node.operation for row in ledger.unknown))
    warning = (
        f"<p><b>Not counted (unknown operations): {escape(unknown)}</b></p>" if unknown else ""
    )
    notes = " ".join(map(escape, CONVENTIONS))
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        f"<tfoot><tr>{foot}</tr></tfoot></table>{warning}<p><small>{notes}</small></p>"
    )


def _line(group: "Group") -> str:
    cells = (
        group.name,
        group.kind,
        "×".join(map(str, group.output[1:])),
        f"{group.parameters:,}",
        "unknown" if group.unknown else f"{group.work.macs:,}",
        group.work.formula,
        f"{group.share:.1%}",
    )
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
