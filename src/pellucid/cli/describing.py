"""What a person sees of a ledger in a terminal of 80 columns."""

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.text import Text

from pellucid.cli import figures
from pellucid.cli.figures import short, size
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.cli.subject import Subject
    from pellucid.ledger import Group, Ledger

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
    title = f"{visible(subject.name)}: input {figures.times(subject.shape[1:])}"
    head = _HEAD + _MORE if all_columns else _HEAD
    table = figures.table(head, left=2)
    for group in shown(ledger, depth):
        cells = _cells(group) + (_more(group) if all_columns else ())
        table.add_row(*map(Text, cells))
    return Lines(
        figures.title(title), table, Text(), *_totals(ledger), Text(), *_notes(ledger, all_columns)
    )


def shown(ledger: "Ledger", depth: int | None) -> "list[Group]":
    """The lines of a table, without those that change nothing."""
    return [group for group in ledger.fold(depth) if group.kind not in _UNSHOWN]


def _cells(group: "Group") -> tuple[str, ...]:
    mark = "*" if group.reused else ""
    macs = "?" if group.unknown else short(group.work.macs)
    return (
        visible(group.name),
        visible(_SHORT_KINDS.get(group.kind, group.kind)),
        figures.times(group.output[1:]),
        f"{group.parameters:,}{mark}" if group.parameters or mark else "",
        macs if group.work.macs or group.unknown else "",
        f"{group.share:.1%}" if group.work.macs else "",
        figures.along(group.fields, "size"),
        figures.along(group.fields, "jump"),
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
        figures.along(group.fields, "offset"),
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
    yield figures.line("Parameters", f"{totals.parameters:,}: {', '.join(parts)}")
    yield figures.line("MACs", f"{totals.macs:,}, without padding {work.products:,}")
    yield figures.line("FLOPs", f"{totals.flops:,}")
    yield figures.line(
        "Other work",
        f"additions {work.additions:,}, pooling {work.pooling:,}, other {work.operations:,}",
    )
    yield figures.line(
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
        yield figures.line(
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
        yield figures.line(
            "1×1 first",
            f"{len(ledger.reductions)} reductions, with the convolutions they feed: {short(now)} "
            f"MACs, without them {short(without)} ({without / now:.1f}×)",
        )
    if ledger.head is not None:
        head = ledger.head
        yield figures.line(
            "Head",
            f"{head.actual:,} parameters from {figures.times(head.trunk)} maps to {head.classes:,} "
            f"scores; flatten + fully connected {head.flatten:,}, global average pooling "
            f"{head.pooled:,} ({head.factor:.0f}× fewer)",
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
        yield Text("\n".join(wrap(sentence, figures.WIDTH)), "dim")
