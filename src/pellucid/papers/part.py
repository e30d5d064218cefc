"""A part of a network's ledger: the rows of some modules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pellucid.capture import Stored
from pellucid.errors import UsageError
from pellucid.ledger import Ledger, Row

_POOLING = ("max_pool", "avg_pool", "adaptive_", "mean")


@dataclass(frozen=True, slots=True)
class Part:
    """The calls that some modules of a network make.

    Attributes:
        rows: of the ledger, in the order of the calls.
    """

    rows: tuple[Row, ...]

    @property
    def weights(self) -> int:
        """Numbers in the weights; biases are not in it."""
        return sum(row.weights for row in self.rows)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + sum(row.biases for row in self.rows)

    @property
    def macs(self) -> int:
        """Multiply-adds."""
        return sum(row.work.macs for row in self.rows)

    @property
    def output(self) -> tuple[int, ...]:
        """Shape of the last result."""
        return self.rows[-1].node.shape

    @property
    def weighted(self) -> tuple[Row, ...]:
        """The rows of layers with weights."""
        return tuple(row for row in self.rows if row.weights)

    @property
    def depth(self) -> int:
        """Layers with weights along the longest way through."""
        return _longest(self.rows, lambda row: row.weights > 0)

    @property
    def depth_with_pooling(self) -> int:
        """Layers with weights, and pooling layers, along the longest way through."""
        return _longest(
            self.rows, lambda row: row.weights > 0 or row.node.operation.startswith(_POOLING)
        )


def part(account: Ledger, paths: Sequence[str]) -> Part:
    """The rows of the modules with these paths, or below them.

    Raises:
        UsageError: there are none.
    """
    rows = [row for row in account.rows if any(_within(row.node.module, path) for path in paths)]
    if not rows:
        raise UsageError(f"{account.graph.network} has no layer {' or '.join(paths)} to recount.")
    return Part(tuple(rows))


def filters(row: Row) -> tuple[int, ...]:
    """Shape of a layer's weight, as stored: (F, C/groups, kh, kw) or (units, inputs)."""
    weights = [stored for stored in row.node.stored if isinstance(stored, Stored)]
    return weights[0].shape


def _within(module: str, path: str) -> bool:
    return module == path or module.startswith(f"{path}.")


def _longest(rows: Sequence[Row], counts: Callable[[Row], bool]) -> int:
    longest: dict[int, int] = {}
    for row in rows:
        before = (longest.get(node, 0) for node in row.node.inputs)
        longest[row.node.index] = max(before, default=0) + counts(row)
    return max(longest.values(), default=0)
