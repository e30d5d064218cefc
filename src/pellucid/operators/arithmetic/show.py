"""An :class:`Arithmetic` as text and as HTML: a small table, and the formula with its numbers."""

from collections.abc import Callable
from html import escape

from pellucid.operators.arithmetic.result import Arithmetic, Rule, Term

#: Rows of a table, and terms of a formula, that are written out.
ROWS, SPELLED = 16, 9


def number(value: float) -> str:
    """A number in at most six digits.

    >>> number(3.0), number(-1 / 3), number(1e-9)
    ('3', '-0.333333', '1e-09')
    """
    return f"{value:.6g}"


def formula(arithmetic: Arithmetic) -> str:
    """The total as its terms make it: ``3·2 + 1·(-4) + 0.5 = 2.5``.

    The first nine terms are spelled out; padding, which adds 0, is left out where a rule takes no
    account of it.
    """
    terms = [term for term in arithmetic.terms if arithmetic.rule == "sum" or term.role != "padding"]
    pieces = [_PIECES.get(arithmetic.rule, _value)(term) for term in terms[:SPELLED]]
    if len(terms) > SPELLED:
        pieces.append(f"… {len(terms) - SPELLED:,} more …")
    if arithmetic.bias:
        pieces.append(_operand(arithmetic.bias))
    return f"{_around(arithmetic, pieces)} = {number(arithmetic.total)}"


def text(arithmetic: Arithmetic) -> str:
    """A heading, the terms (the largest first where not all are shown), what they make."""
    rows = [_header(arithmetic), *map(_row, _shown(arithmetic))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    words = len(arithmetic.names) + 1  # these are names and places, the rest are numbers
    lines = [
        "  ".join(
            cell.ljust(width) if place == words - 1 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([_heading(arithmetic), *lines, _summary(arithmetic), formula(arithmetic)])


def html(arithmetic: Arithmetic) -> str:
    """The same as a table for notebooks; text is escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in _header(arithmetic))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _row(term)) + "</tr>"
        for term in _shown(arithmetic)
    )
    return (
        f"<p><b>{escape(_heading(arithmetic))}</b></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{escape(_summary(arithmetic))}<br><code>{escape(formula(arithmetic))}</code></p>"
    )
