"""What a person sees of a ledger in a terminal of 80 columns."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.report.words import percent
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.inference.subject import Subject
    from pellucid.ledger import ConvolutionMatrix, Equivariance, Group, Ledger
    from pellucid.ledger.row import Fields

WIDTH = 80
#: Of a comparison, so many differing lines are shown.
MOST_DIFFERENCES = 40
_KIND_WIDTH = 11
_SHORT_KINDS = {
    "local_response_norm": "LRN",
    "adaptive_avg_pool2d": "avg pool to",
    "adaptive_max_pool2d": "max pool to",
}
#: What changes neither values nor shape is no line of the table.
_UNSHOWN = {"to", "float", "contiguous", "detach", "type", "type_as", "rewritten"}
_HEAD = ("layer", "kind", "output", "parameters", "MACs", "share", "sees", "every")
_MORE = (
    "weights", "biases", "FLOPs", "products", "additions", "pooling", "other", "activations",
    "stored", "offset", "unshared", "connected", "saved", "formula",
)  # fmt: skip


def ledger_view(
    subject: "Subject", ledger: "Ledger", depth: int | None, all_columns: bool
) -> Lines:
    """The table of a network, its totals and the conventions.

    Args:
        subject: what was asked for.
        ledger: its account.
        depth: of the modules.
        all_columns: print every column, with whole numbers.
    """
    title = f"{visible(subject.name)}: input {_times(subject.shape[1:])}"
    head = _HEAD + _MORE if all_columns else _HEAD
    table = _table(head, left=2)
    for group in _shown(ledger, depth):
        cells = _cells(group) + (_more(group) if all_columns else ())
        table.add_row(*map(Text, cells))
    return Lines(
        _title(title), table, Text(), *_totals(ledger), Text(), *_notes(ledger, all_columns)
    )


def _shown(ledger: "Ledger", depth: int | None) -> "list[Group]":
    return [group for group in ledger.fold(depth) if group.kind not in _UNSHOWN]


def _cells(group: "Group") -> tuple[str, ...]:
    mark = "*" if group.reused else ""
    macs = "?" if group.unknown else short(group.work.macs)
    return (
        visible(group.name),
        visible(_SHORT_KINDS.get(group.kind, group.kind)),
        _times(group.output[1:]),
        f"{group.parameters:,}{mark}" if group.parameters or mark else "",
        macs if group.work.macs or group.unknown else "",
        percent(group.share) if group.work.macs else "",
        _along(group.fields, "size"),
        _along(group.fields, "jump"),
    )


def _more(group: "Group") -> tuple[str, ...]:
    work = group.work
    compared = [row.sharing for row in group.rows if row.sharing is not None]
    local, connected = (
        sum(getattr(one, name) for one in compared) for name in ("local", "connected")
    )
    shared = sum(one.shared for one in compared)
    numbers = (
        group.weights, group.biases, 2 * work.macs, work.products, work.additions, work.pooling,
        work.operations, group.activation_bytes, group.weight_bytes,
    )  # fmt: skip
    return (
        *(f"{number:,}" for number in numbers),
        _along(group.fields, "offset"),
        *(
            (f"{local:,}", f"{connected:,}", f"{connected / shared:,.0f}×")
            if compared
            else ("",) * 3
        ),
        work.formula,
    )


def _totals(ledger: "Ledger") -> Iterator[RenderableType]:
    totals, work = ledger.totals, ledger.totals.work
    parts = [f"weights {totals.weights:,}", f"biases {totals.biases:,}"]
    if totals.unused:
        parts.append(f"not used in this pass {totals.unused:,}")
    yield _line("Parameters", f"{totals.parameters:,}: {', '.join(parts)}")
    yield _line("MACs", f"{totals.macs:,}, without padding {work.products:,}")
    yield _line("FLOPs", f"{totals.flops:,}")
    yield _line(
        "Other work",
        f"additions {work.additions:,}, pooling {work.pooling:,}, other {work.operations:,}",
    )
    yield _line(
        "Memory",
        f"parameters {size(totals.weight_bytes)}, other stored {size(totals.buffer_bytes)}, "
        f"activations {size(totals.activation_bytes)}; outputs of weighted layers "
        f"{totals.neurons:,}",
    )
    compared = [row.sharing for row in ledger.rows if row.sharing is not None]
    if compared:
        own, local, connected = (
            sum(getattr(one, name) for one in compared) for name in ("shared", "local", "connected")
        )
        yield _line(
            "Sharing",
            f"the convolutions' {own:,} parameters would be {short(local)} unshared but local "
            f"({local / own:,.0f}×), and {short(connected)} fully connected "
            f"({connected / own:,.0f}×)",
        )
    yield from _savings(ledger)


def _savings(ledger: "Ledger") -> Iterator[RenderableType]:
    if ledger.reductions:
        now = sum(one.macs for one in ledger.reductions)
        without = sum(one.macs_without for one in ledger.reductions)
        yield _line(
            "1×1 first",
            f"{len(ledger.reductions)} reductions, with the convolutions they feed: {short(now)} "
            f"MACs, without them {short(without)} ({without / now:.1f}×)",
        )
    if ledger.head is not None:
        head = ledger.head
        yield _line(
            "Head",
            f"{head.actual:,} parameters from {_times(head.trunk)} maps to {head.classes:,} "
            f"scores; flatten + fully connected {head.flatten:,}, global average pooling {head.pooled:,} "
            f"({head.factor:.0f}× fewer)",
        )


def _notes(ledger: "Ledger", details: bool) -> Iterator[RenderableType]:
    from pellucid.ledger import CONVENTIONS

    if ledger.unknown:
        names = ", ".join(dict.fromkeys(row.node.operation for row in ledger.unknown))
        yield Text(f"NOT COUNTED (unknown operations): {visible(names)}", "bold red")
    if any(group.reused for group in ledger.fold()):
        yield Text("* shared: its parameters are counted where they are first used", "dim")
    sees = "Sees: side of the receptive field in pixels; every: pixels from one to the next."
    for sentence in (sees, *(ledger.conventions if details else CONVENTIONS)):
        yield Text("\n".join(wrap(sentence, WIDTH)), "dim")


def comparison_view(
    first: "tuple[Subject, Ledger]", second: "tuple[Subject, Ledger]", depth: int | None
) -> Lines:
    """Two networks side by side: their totals, and the layers in which they differ."""
    names = [visible(one.name) for one, _ in (first, second)]
    title = " and ".join(
        f"{visible(one.name)} on {_times(one.shape[1:])}" for one, _ in (first, second)
    )
    table = _table(("", *names, "ratio"), left=1)
    for label, one, other in _total_pairs(first[1], second[1]):
        ratio = f"{other / one:.3g}×" if one else ""
        table.add_row(*map(Text, (label, f"{one:,}", f"{other:,}", ratio)))
    return Lines(_title(title), table, Text(), *_differences(names, first[1], second[1], depth))


def _total_pairs(first: "Ledger", second: "Ledger") -> Iterator[tuple[str, int, int]]:
    from pellucid.ledger.records import totals_record

    others = totals_record(second.totals)
    for name, value in totals_record(first.totals).items():
        yield (
            name.replace("_", " ").replace("macs", "MACs").replace("flops", "FLOPs"),
            value,
            others[name],
        )


def _differences(
    names: Sequence[str], first: "Ledger", second: "Ledger", depth: int | None
) -> Iterator[RenderableType]:
    lines = [{group.name: group for group in _shown(one, depth)} for one in (first, second)]
    every = list(dict.fromkeys([*lines[0], *lines[1]]))
    different = [name for name in every if _differ(lines[0].get(name), lines[1].get(name))]
    same = len(every) - len(different)
    if not different:
        yield Text(f"All {same} layers agree in kind, output, parameters and MACs.")
        return
    head = ("layer", "output", "parameters", "MACs", "output", "parameters", "MACs")
    yield _title(f"Where they differ ({same} layers do not): {' | '.join(names)}")
    table = _table(head, left=1)
    for name in different[:MOST_DIFFERENCES]:
        cells = [cell for one in lines for cell in _brief(one.get(name))]
        table.add_row(*map(Text, (visible(name), *cells)))
    yield table
    if len(different) > MOST_DIFFERENCES:
        yield Text(f"… and {len(different) - MOST_DIFFERENCES} more: --csv prints all.", "dim")


def _differ(one: "Group | None", other: "Group | None") -> bool:
    return one is None or other is None or _key(one) != _key(other)


def _key(group: "Group") -> tuple[object, ...]:
    return group.kind, group.output, group.parameters, group.work.macs


def _brief(group: "Group | None") -> tuple[str, str, str]:
    if group is None:
        return "–", "–", "–"
    return _times(group.output[1:]), short(group.parameters), short(group.work.macs)


def equivariance_view(found: "Equivariance") -> Lines:
    """The error of shifted features, phase by phase."""
    maps, stride = _times(found.maps), _times(found.stride)
    title = f"Shift in, shift out: {visible(found.layer)}, {maps} maps, one every {stride} pixels"
    head = ("shift", "phase", "largest error", "mean error", "positions")
    table = _table(head, left=0)
    for each in found.phases:
        cells = (
            _pair(each.shift), _pair(each.phase), f"{each.largest:.2g}", f"{each.mean:.2g}",
            f"{each.compared:,}",
        )  # fmt: skip
        table.add_row(*map(Text, cells))
    note = (
        f"Shifts by whole strides: {found.on_grid:.2g} of the largest feature at most; other "
        f"shifts: {found.off_grid:.2g}. Positions whose receptive field lies inside both inputs; "
        "a picture of noise."
    )
    return Lines(_title(title), table, Text(), Text("\n".join(wrap(note, WIDTH))))


def matrix_lines(layer: str, found: "ConvolutionMatrix") -> Iterator[str]:
    """The matrix of a convolution in numbers."""
    rows, columns = found.matrix.shape
    yield f"{layer}: {_times(found.input_shape)} to {_times(found.output_shape)}"
    yield f"Matrix       {rows:,} × {columns:,} = {found.entries:,} entries"
    yield f"Connections  {found.connections:,} ({found.density:.3%} of them)"
    yield f"Weights      {found.weights:,}, each in {found.uses:,.1f} entries on average"


def short(number: float) -> str:
    """A count in four characters and a letter.

    >>> short(950), short(163_696), short(304_267_264), short(1_582_671_872)
    ('950', '163.7 k', '304.3 M', '1.58 G')
    """
    for limit, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.{2 if limit >= 1e9 else 1}f} {letter}"
    return f"{number:.0f}"


def size(count: int) -> str:
    """Bytes in the largest fitting unit.

    >>> size(27_994_208)
    '28.0 MB'
    """
    return f"{short(count)}B" if count >= 1000 else f"{count} B"


def _table(head: Sequence[str], left: int) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for place, name in enumerate(head):
        words = place < left
        table.add_column(
            name,
            justify="left" if words else "right",
            no_wrap=not words,
            overflow="fold",
            header_style="dim",
            max_width=_KIND_WIDTH if name == "kind" else None,
        )
    return table


def _title(text: str) -> Text:
    return Text(text, "bold")


def _line(label: str, text: str) -> Text:
    lines = wrap(text, WIDTH - 12)
    return Text.assemble((f"{label:<12}", "bold"), f"\n{'':12}".join(lines))


def _times(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes)) or "1"


def _pair(pair: tuple[int, int]) -> str:
    return f"{pair[0]}, {pair[1]}"


def _along(fields: "Fields | None", name: str) -> str:
    """One number where it is the same along all axes."""
    if not fields:
        return "" if fields is None else "1"
    numbers = [f"{float(getattr(field, name)):g}" for field in fields]
    return numbers[0] if len(set(numbers)) == 1 else "×".join(numbers)
