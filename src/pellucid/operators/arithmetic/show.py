"""An :class:`Arithmetic` as text and as HTML: a small table, and the formula with its numbers."""

from html import escape

from pellucid.operators.arithmetic.result import Arithmetic, Rule, Term
from pellucid.text import counted

#: Rows of a table, and terms of a formula, that are written out.
ROWS, SPELLED = 16, 9
#: Rules by which all terms count.
ADDING: tuple[Rule, ...] = ("sum", "average", "l2")


def number(value: float) -> str:
    """A number in at most six digits.

    >>> number(3.0), number(-1 / 3), number(1e-9)
    ('3', '-0.333333', '1e-09')
    """
    return f"{value:.6g}"


def formula(arithmetic: Arithmetic) -> str:
    """The total as its terms make it, e.g. ``3·2 + 1·(-4) + 0.5 = 2.5``.

    Of more than nine terms it spells out the largest nine.
    """
    terms = arithmetic.terms
    spelled = terms if len(terms) <= SPELLED else arithmetic.sorted().terms[:SPELLED]
    bare = all(term.weight == 1 for term in terms)
    pieces = [_piece(term, arithmetic.rule, bare) for term in spelled]
    if len(terms) > SPELLED:
        pieces.append(f"… {len(terms) - SPELLED:,} more …")
    if arithmetic.bias:
        pieces.append(operand(arithmetic.bias))
    return f"{_around(arithmetic, pieces)} = {number(arithmetic.total)}"


def text(arithmetic: Arithmetic) -> str:
    """A heading, the terms (the largest first where not all are shown), what they make."""
    rows = [_header(arithmetic), *_rows(arithmetic)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([_heading(arithmetic), *lines, _summary(arithmetic), formula(arithmetic)])


def html(arithmetic: Arithmetic) -> str:
    """The same as a table for notebooks; text is escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in _header(arithmetic))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(arithmetic)
    )
    return (
        f"<p><b>{escape(_heading(arithmetic))}</b></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{escape(_summary(arithmetic))}<br><code>{escape(formula(arithmetic))}</code></p>"
    )


def _piece(term: Term, rule: Rule, bare: bool) -> str:
    """A term as it is written; ``bare`` where no weight says anything."""
    match rule:
        case "sum":
            if bare:
                return operand(term.value)
            return f"{operand(term.value)}·{operand(term.weight)}"
        case "average":
            return operand(term.value)
        case "l2":
            return f"{operand(term.value)}²"
    return number(term.value)


def operand(value: float) -> str:
    """A number that may follow a sign: negative ones in brackets."""
    shown = number(value)
    return f"({shown})" if shown.startswith("-") else shown


def _around(arithmetic: Arithmetic, pieces: list[str]) -> str:
    """What stands around the terms."""
    added = " + ".join(pieces) or "0"
    if arithmetic.finish is not None:
        return arithmetic.finish.written(added)
    match arithmetic.rule:
        case "sum":
            return added
        case "average":
            return f"({added}) / {number(1 / arithmetic.terms[0].weight)}"
        case "l2":
            return f"√({added})"
    return f"{arithmetic.rule}({', '.join(pieces)})"


def _heading(arithmetic: Arithmetic) -> str:
    place = ", ".join(
        f"{name} {index}" for name, index in zip(arithmetic.names, arithmetic.at, strict=True)
    )
    return f"{arithmetic.operation} at {place}"


def _header(arithmetic: Arithmetic) -> tuple[str, ...]:
    return (*arithmetic.names, "tap", "value", "weight", "product", "")


def _rows(arithmetic: Arithmetic) -> list[tuple[str, ...]]:
    """All terms where they are few, in their order; else the largest."""
    many = len(arithmetic.terms) > ROWS
    terms = arithmetic.sorted().terms[:ROWS] if many else arithmetic.terms
    return [_row(term, len(arithmetic.names)) for term in terms]


def _row(term: Term, width: int) -> tuple[str, ...]:
    place = ("·",) * width if term.at is None else tuple(map(str, term.at))
    numbers = map(number, (term.value, term.weight, term.product))
    note = "" if term.role == "cell" else term.role
    return (*place, " ".join(map(str, term.tap)), *numbers, note)


def _summary(arithmetic: Arithmetic) -> str:
    count = len(arithmetic.terms)
    shown = "all shown" if count <= ROWS else f"the {ROWS} largest shown"
    words = f"{counted(count, 'term')}, {shown}"
    most = arithmetic.share(0.9)
    if most == 0 or arithmetic.rule not in ADDING:
        return words
    return f"{words}; {most:,} make{'s' if most == 1 else ''} 90% of what they add"
