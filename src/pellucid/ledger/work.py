"""The work of one node: how many operations of each kind."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Work:
    """Operations of one call, by kind (see :mod:`pellucid.ledger.conventions`).

    Attributes:
        macs: multiply-adds.
        products: those of them that are no product with padding, or are not cropped.
        additions: of biases and of branches.
        pooling: cells of pooling windows.
        operations: normalisation, activations and other arithmetic.
        formula: the MACs in numbers, ``filters × (C·kh·kw) × H'·W'``; empty where there are none.
    """

    macs: int = 0
    products: int = 0
    additions: int = 0
    pooling: int = 0
    operations: int = 0
    formula: str = ""

    def __add__(self, other: "Work") -> "Work":
        """The work of both; the formula is that of the sum, so there is none."""
        return Work(
            self.macs + other.macs,
            self.products + other.products,
            self.additions + other.additions,
            self.pooling + other.pooling,
            self.operations + other.operations,
        )
