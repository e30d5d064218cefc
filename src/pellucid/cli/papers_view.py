"""Published figures beside a recount, as tables that fit 80 columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pellucid.papers import Figure, Paper

#: Heads of GoogLeNet's table 1, params and ops apart.
_HEADS = ("output", "depth", "1×1", "3×3 red.", "3×3", "5×5 red.", "5×5", "pool")


def papers_view(papers: "Sequence[Paper]") -> Group:
    """All papers: tables, what agrees, and why the rest does not."""
    from pellucid.papers import RULE

    parts: list[RenderableType] = []
    for paper in papers:
        parts += [*_paper(paper), Text()]
    parts.append(Text(RULE, "dim"))
    return Group(*parts)


def _paper(paper: "Paper") -> list[RenderableType]:
    from pellucid.papers.table import TABLE

    agree, of = paper.agreeing
    parts: list[RenderableType] = [Text(f"{paper.name}: {paper.title}", "bold")]
    tabled = {row.name for row in TABLE}
    listed = [each for each in paper.figures if each.row not in tabled]
    if len(listed) < len(paper.figures):
        parts += [_shapes(paper), Text(), _costs(paper), Text()]
    parts.append(_list(listed))
    parts.append(Text(f"{agree} of {of} printed figures agree.", "bold"))
    parts += [_reason(each) for each in paper.disagreements]
    parts += [Text(note, "dim") for note in paper.notes]
    return parts


def _shapes(paper: "Paper") -> Table:
    """Table 1 without params and ops; a recount is shown where it differs."""
    from pellucid.papers.table import COLUMNS, TABLE

    table = _table(("table 1", *_HEADS), left=1)
    found = {(each.row, each.column): each for each in paper.figures}
    for row in TABLE:
        cells = [
            _cell(found.get((row.name, column))) for column in ("output size", "depth", *COLUMNS)
        ]
        table.add_row(Text(row.name), *cells)
    return table


def _cell(figure: "Figure | None") -> Text:
    if figure is None or figure.printed is None:
        return Text()
    if figure.agrees:
        return Text(figure.printed.text)
    return Text(f"{figure.printed.text}≠{figure.recounted}", "yellow")


def _costs(paper: "Paper") -> Table:
    """Params and ops of table 1."""
    from pellucid.papers.table import TABLE

    heads = ("table 1", "params", "weights", "/1,000", "/1,024", "", "ops", "MACs", "")
    table = _table(heads, left=1)
    found = {(each.row, each.column): each for each in paper.figures}
    for row in TABLE:
        params, ops = found.get((row.name, "params")), found.get((row.name, "ops"))
        if params is None or ops is None or params.printed is None or ops.printed is None:
            continue
        weights, macs = params.recount, ops.recount
        assert isinstance(weights, int) and isinstance(macs, int)
        table.add_row(
            Text(row.name),
            Text(params.printed.text),
            Text(f"{weights:,}"),
            Text(f"{weights / 1000:.1f}K"),
            Text(f"{weights / 1024:.1f}K"),
            _mark(params),
            Text(ops.printed.text),
            Text(f"{macs / 1e6:.1f}M"),
            _mark(ops),
        )
    return table


def _list(figures: "Sequence[Figure]") -> Table:
    table = _table(("", "", "printed in", "printed", "recount", ""), left=3)
    last = ""
    for each in figures:
        table.add_row(
            Text("" if each.row == last else each.row),
            Text(each.column),
            Text(each.where, "dim"),
            Text("–" if each.printed is None else each.printed.text),
            Text(each.recounted),
            _mark(each),
        )
        last = each.row
    return table


def _table(heads: Sequence[str], left: int) -> Table:
    """A plain table whose first ``left`` columns are words and the others numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for place, head in enumerate(heads):
        right = place >= left
        table.add_column(head, justify="right" if right else "left", header_style="dim")
    return table


def _mark(figure: "Figure") -> Text:
    if figure.agrees is None:
        return Text()
    return Text("=", "green") if figure.agrees else Text("≠", "yellow")


def _reason(figure: "Figure") -> Padding:
    return Padding(
        Text.assemble((f"≠ {figure.row}, {figure.column}: ", "yellow"), figure.why), (0, 0, 0, 2)
    )
