"""The ledger of a network: every call of one forward pass, and the totals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from torch import nn

from pellucid.capture import Graph, Node, Stored, capture
from pellucid.capture.call import Call
from pellucid.errors import UsageError
from pellucid.ledger.conventions import CONVENTIONS, DETAILS
from pellucid.ledger.fields import receptive_fields
from pellucid.ledger.folding import fold
from pellucid.ledger.moves import Seen
from pellucid.ledger.row import Group, Row, total_work
from pellucid.ledger.rules import work_of
from pellucid.ledger.savings import HeadComparison, Reduction, compare_heads, reductions
from pellucid.ledger.sharing import sharing
from pellucid.ledger.work import Work

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a network, for the input as it was given.

    Attributes:
        weights: numbers in the weights that are read, each shared one once.
        biases: likewise.
        unused: numbers in parameters that this forward pass does not read.
        work: operations by kind; without a formula.
        activation_bytes: of all results, the input included.
        weight_bytes: of all parameters.
        buffer_bytes: of what else is stored, such as running means.
        neurons: outputs of the layers that have weights and sum products.
    """

    weights: int
    biases: int
    unused: int
    work: Work
    activation_bytes: int
    weight_bytes: int
    buffer_bytes: int
    neurons: int

    @property
    def parameters(self) -> int:
        """All of the network: read or not."""
        return self.weights + self.biases + self.unused

    @property
    def macs(self) -> int:
        """Multiply-adds."""
        return self.work.macs

    @property
    def flops(self) -> int:
        """2·MACs."""
        return 2 * self.work.macs


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of one forward pass.

    Attributes:
        graph: what was captured.
        rows: one a node of the graph, in its order.
        totals: the sums.
        reductions: the 1×1 convolutions that save work.
        head: flatten head against global average pooling, where the network has a head.
    """

    graph: Graph
    rows: tuple[Row, ...]
    totals: Totals
    reductions: tuple[Reduction, ...]
    head: HeadComparison | None

    @property
    def conventions(self) -> tuple[str, ...]:
        """What is counted, and how."""
        return CONVENTIONS + DETAILS

    @property
    def unknown(self) -> tuple[Row, ...]:
        """The calls whose operation has no rule: they are not in the totals of the work."""
        return tuple(row for row in self.rows if not row.known)

    @property
    def unused(self) -> tuple[Stored, ...]:
        """The parameters that this forward pass does not read."""
        used = {stored.name for row in self.rows for stored in row.node.stored}
        return tuple(one for one in self.graph.stored if one.learned and one.name not in used)

    def fold(self, depth: int | None = None) -> tuple[Group, ...]:
        """The rows as one line a module.

        Args:
            depth: of the module paths, at least 1; None for as deep as 30 lines allow.
        """
        rows = [row for row in self.rows if row.node.index not in self.graph.inputs]
        return fold(rows, self.graph.modules, depth)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        from pellucid.ledger.records import ledger_record

        return ledger_record(self)

    def to_frame(self) -> "DataFrame":
        """A table with a row a call (pandas).

        Raises:
            UsageError: pandas is not installed.
        """
        from pellucid.ledger.records import ledger_frame

        return ledger_frame(self)

    def _repr_html_(self) -> str:
        from pellucid.ledger.html import ledger_html

        return ledger_html(self)


def ledger(network: nn.Module | Graph, shape: Sequence[int] | None = None) -> Ledger:
    """Count what one forward pass of a network computes and stores, without running it.

    Args:
        network: any torch module, or a graph that :func:`pellucid.capture.capture` made.
        shape: of the input with its batch, such as (1, C, H, W); of a graph it is known.

    Raises:
        UsageError: the network does not take such an input.

    >>> account = ledger(nn.Conv2d(3, 2, 3, bias=False), (1, 3, 32, 32))
    >>> account.totals.parameters, account.totals.macs, account.rows[1].work.formula
    (54, 48600, '2 × (3·3·3) × 30·30')
    >>> account.rows[1].sharing  # every position on its own; everything connected
    Sharing(shared=54, local=48600, connected=5529600)
    """
    graph = network if isinstance(network, Graph) else capture(network, _given(shape))
    seen = receptive_fields(graph)
    used: set[str] = set()
    rows = tuple(
        _row(Call(graph, node), known, used) for node, known in zip(graph.nodes, seen, strict=True)
    )
    totals = _totals(graph, rows)
    return Ledger(graph, rows, totals, reductions(graph, rows), compare_heads(graph, rows))


def _given(shape: Sequence[int] | None) -> tuple[int, ...]:
    if shape is None or not all(isinstance(size, int) and size > 0 for size in shape):
        raise UsageError(
            f"expected the shape of the network's input, such as (1, 3, 224, 224), found {shape!r}."
        )
    return tuple(shape)


def _row(call: Call, seen: Seen | None, used: set[str]) -> Row:
    """The row of a node; what it reads first is added to ``used``."""
    node, work = call.node, work_of(call)
    learned = [stored for stored in dict.fromkeys(node.stored) if stored.learned]
    new = [stored for stored in learned if stored.name not in used]
    used.update(stored.name for stored in new)
    biases = [stored for stored in new if _is_bias(stored, node)]
    return Row(
        node=node,
        work=work or Work(),
        known=work is not None,
        weights=sum(stored.count for stored in new if stored not in biases),
        biases=sum(stored.count for stored in biases),
        weight_bytes=sum(map(_bytes, new)),
        counted=tuple(stored.name for stored in new),
        reused=tuple(stored.name for stored in learned if stored not in new),
        fields=None if seen is None else seen.fields,
        sharing=sharing(call),
    )


def _is_bias(stored: Stored, node: Node) -> bool:
    named = stored.name.rpartition(".")[2].startswith("bias")
    return named or node.arguments.get("bias") == stored


def _bytes(stored: Stored) -> int:
    return stored.count * stored.dtype.itemsize


def _totals(graph: Graph, rows: Sequence[Row]) -> Totals:
    used = {stored.name for node in graph.nodes for stored in node.stored}
    learned = [stored for stored in graph.stored if stored.learned]
    buffers = [stored for stored in graph.stored if not stored.learned]
    return Totals(
        weights=sum(row.weights for row in rows),
        biases=sum(row.biases for row in rows),
        unused=sum(stored.count for stored in learned if stored.name not in used),
        work=replace(total_work(rows), formula=""),
        activation_bytes=sum(row.node.fresh for row in rows),
        weight_bytes=sum(map(_bytes, learned)),
        buffer_bytes=sum(map(_bytes, buffers)),
        neurons=sum(row.node.count for row in rows if row.work.macs and row.node.stored),
    )
