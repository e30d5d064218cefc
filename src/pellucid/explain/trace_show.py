"""A :class:`pellucid.explain.Trace` for people: a line, text, a rich table, HTML, a data frame."""

from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING

from pellucid.errors import UsageError
from pellucid.text import visible

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.table import Table

    from pellucid.explain.trace import Score, Trace

_HEAD = ("#", "layer", "operation", "result")
#: Scores that are shown.
_BEST = 5


def line(trace: "Trace") -> str:
    """E.g. ``<Trace of GoogLeNet: 147 nodes from pixels 480×640×3, 112.4 MB; cat 93.1%>``."""
    best = ", ".join(_told(score) for score in best_scores(trace)[:1])
    parts = [f"{len(trace.nodes)} nodes from {_beginning(trace)}, {_megabytes(trace)}", best]
    return f"<Trace of {trace.graph.network}: {'; '.join(filter(None, parts))}>"


def text(trace: "Trace") -> str:
    """A heading, a line a node, what is kept, the best scores."""
    rows = list(_rows(trace))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join([heading(trace), *lines, *_footing(trace)])


def table(trace: "Trace") -> "Table":
    """The same as a rich table."""
    from rich.table import Table
    from rich.text import Text

    found = Table(title=Text(heading(trace)), caption=Text("\n".join(_footing(trace))))
    found.title_justify = found.caption_justify = "left"
    head, *rows = _rows(trace)
    for name in head:
        found.add_column(name, justify="right" if name == "#" else "left")
    for row in rows:
        found.add_row(*map(Text, row))
    return found


def html(trace: "Trace") -> str:
    """The same as a table for notebooks; text is escaped."""
    names, *rows = _rows(trace)
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f"<p><b>{escape(heading(trace))}</b></p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{'<br>'.join(map(escape, _footing(trace)))}</p>"
    )


def frame(trace: "Trace") -> "DataFrame":
    """A row a node."""
    try:
        import pandas
    except ImportError as error:
        raise UsageError(
            "expected pandas for a table of layers, found none: pip install 'pellucid[series]'."
        ) from error
    return pandas.DataFrame([asdict(layer) for layer in trace.layers])


def heading(trace: "Trace") -> str:
    """What was traced."""
    return f"{trace.graph.network}, from {_beginning(trace)} to {_size(trace.output.shape)}"


def best_scores(trace: "Trace") -> list["Score"]:
    """The highest scores, the best first; none where the output is not a row of scores."""
    if not trace.scored:
        return []
    return sorted(trace.scores, key=lambda each: each.score, reverse=True)[:_BEST]


def _beginning(trace: "Trace") -> str:
    first = trace.nodes[0]
    if first.operation != "pixels":
        return f"{first.operation} {_size(first.shape)}"
    channels, height, width = first.shape[1:]
    notes = first.arguments["notes"]
    return f"pixels {height}×{width}×{channels}" + (f" ({', '.join(notes)})" if notes else "")


def _rows(trace: "Trace") -> Iterator[tuple[str, ...]]:
    """The names of the columns, then a row a node; with what is kept where not all is."""
    layers = trace.layers
    every = all(layer.kept for layer in layers)
    yield _HEAD if every else (*_HEAD, "value")
    for layer in layers:
        cells = str(layer.index), visible(layer.name), layer.operation, _size(layer.shape)
        yield cells if every else (*cells, "kept" if layer.kept else "on request")


def _footing(trace: "Trace") -> Iterator[str]:
    """What is in memory, what nobody could look into, what the network says."""
    kept = sum(layer.kept for layer in trace.layers)
    yield f"{kept} of {len(trace.nodes)} results kept, {_megabytes(trace)}"
    closed = [layer.name for layer in trace.layers if layer.operation.startswith("untraced")]
    if closed:
        yield f"not traced inside: {', '.join(map(visible, closed))}"
    if best := best_scores(trace):
        yield ", ".join(map(_told, best))


def _told(score: "Score") -> str:
    return f"{visible(score.name)} {score.score:.4g} ({score.probability:.1%})"


def _megabytes(trace: "Trace") -> str:
    return f"{trace.memory_bytes / 1e6:,.1f} MB"


def _size(shape: tuple[int, ...]) -> str:
    """Without the batch axis of one.

    >>> _size((1, 3, 8, 8)), _size(())
    ('3×8×8', 'a number')
    """
    sizes = shape[1:] if len(shape) > 1 and shape[0] == 1 else shape
    return "×".join(map(str, sizes)) or "a number"
