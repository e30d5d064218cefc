"""A line of the ledger, and sums of lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

from pellucid.capture import Node
from pellucid.capture.graph import Shape
from pellucid.geometry import ReceptiveField
from pellucid.ledger.sharing import Sharing
from pellucid.ledger.work import Work

Fields = tuple[ReceptiveField, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the forward pass.

    Attributes:
        node: the call in the graph.
        work: what it computes; nothing of an operation that is not known.
        known: whether the operation is.
        weights: numbers in its weights that no earlier row has counted.
        biases: likewise, in its biases.
        weight_bytes: memory of both.
        counted: names of the parameters that no earlier row has counted.
        reused: names of those that it reads, but an earlier row has counted.
        fields: receptive field along each axis of the input, or None where no window slides.
        sharing: of a convolution, its fully connected equivalents.
    """

    node: Node
    work: Work
    known: bool
    weights: int
    biases: int
    weight_bytes: int
    counted: tuple[str, ...]
    reused: tuple[str, ...]
    fields: Fields | None
    sharing: Sharing | None

    @property
    def name(self) -> str:
        """Module path, with the call from the second on: ``stages.0.relu (call 2)``."""
        again = f" (call {self.node.call + 1})" if self.node.call else ""
        return f"{self.node.module or self.node.operation}{again}"


@dataclass(frozen=True, slots=True)
class Group:
    """Several rows as one: a module with all that it calls.

    Attributes:
        name: path of the module; of a call outside any, the operation.
        kind: class of the module, or the operation.
        rows: in the order of the calls.
        share: of the whole network's MACs, in [0, 1]; 0 where there are none.
    """

    name: str
    kind: str
    rows: tuple[Row, ...]
    share: float

    @property
    def output(self) -> Shape:
        """Shape of the last result."""
        return self.rows[-1].node.shape

    @property
    def fields(self) -> Fields | None:
        """Receptive fields of the last result."""
        return self.rows[-1].fields

    @property
    def work(self) -> Work:
        """The sum of the rows' work; of one row with MACs, with its formula."""
        return total_work(self.rows)

    @property
    def weights(self) -> int:
        """Numbers in weights, first read here."""
        return sum(row.weights for row in self.rows)

    @property
    def biases(self) -> int:
        """Numbers in biases, first read here."""
        return sum(row.biases for row in self.rows)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def activation_bytes(self) -> int:
        """Memory of the results."""
        return sum(row.node.fresh for row in self.rows)

    @property
    def weight_bytes(self) -> int:
        """Memory of weights and biases."""
        return sum(row.weight_bytes for row in self.rows)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Operations that are not counted."""
        return tuple(dict.fromkeys(row.node.operation for row in self.rows if not row.known))

    @property
    def reused(self) -> bool:
        """Whether some of the parameters were counted in an earlier row."""
        counted = {name for row in self.rows for name in row.counted}
        return any(name not in counted for row in self.rows for name in row.reused)


def total_work(rows: Sequence[Row]) -> Work:
    """The sum of the rows' work."""
    counted = [row.work for row in rows if row.work.macs]
    total = reduce(add, (row.work for row in rows), Work())
    return replace(total, formula=counted[0].formula) if len(counted) == 1 else total
