"""What one output is made of: the terms, the bias and the total."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum, inf, isnan, nan, sqrt
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pellucid.errors import UsageError
from pellucid.operators.arithmetic.finishing import Finish

if TYPE_CHECKING:
    from pandas import DataFrame

#: What a term is to its output (see :class:`Term`).
Role = Literal["cell", "copy", "padding", "kept", "left"]
#: How an output comes from its terms (see :class:`Arithmetic`).
Rule = Literal["sum", "average", "l2", "max", "min", "last", "first"]


class Term(NamedTuple):
    """One value of the input on its way into an output.

    Attributes:
        at: the input cell that is read, by the names of :attr:`Arithmetic.names`, e.g. (c, y, x);
            None for the zeros of padding.
        tap: the place of the weight in its filter or window, e.g. (c, y, x) or (y, x).
        value: of the cell.
        weight: that it is multiplied by.
        product: value × weight; 0 for a cell that is left (also where it is infinite).
        role: ``cell``; ``copy``, a cell that stands in the padding; ``padding``, a zero there;
            ``kept``, the one that a maximum, minimum, last or first takes; ``left``, the others.
    """

    at: tuple[int, ...] | None
    tap: tuple[int, ...]
    value: float
    weight: float
    product: float
    role: Role


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The arithmetic of one output, in float64.

    sum = Σ product + bias, without error but that of each product and of one rounding at the end
    (``math.fsum``); total = g(sum), where g is ``finish``; without one √sum for the rule ``l2`` and
    the sum itself for all others.

    Attributes:
        operation: what computes the output, in words.
        at: the output's position.
        names: of the axes of positions: (c, y, x), (c, t), or these after n in a batch.
        terms: one for each tap that reads a cell or padding, row by row, channel by channel.
        bias: 0 where there is none.
        rule: how the total comes from the terms.
        finish: what is done with the sum, such as an activation.

    >>> term = Term((0, 4, 4), (0, 0, 0), value=3.0, weight=2.0, product=6.0, role="cell")
    >>> print(Arithmetic("cross-correlation", (0, 4, 4), ("c", "y", "x"), (term,), bias=0.5))
    cross-correlation at c 0, y 4, x 4
    c  y  x    tap  value  weight  product
    0  4  4  0 0 0      3       2        6
    1 term, all shown; 1 makes 90% of what they add
    3·2 + 0.5 = 6.5
    """

    operation: str
    at: tuple[int, ...]
    names: tuple[str, ...]
    terms: tuple[Term, ...]
    bias: float = 0.0
    rule: Rule = "sum"
    finish: Finish | None = None

    @property
    def sum(self) -> float:
        """Σ product + bias."""
        return exact_sum([*(term.product for term in self.terms), self.bias])

    @property
    def total(self) -> float:
        """The output."""
        if self.finish is not None:
            return self.finish(self.sum)
        return sqrt(self.sum) if self.rule == "l2" else self.sum

    @property
    def magnitude(self) -> float:
        """Σ |product| + |bias|: what the rounding of the sum is relative to."""
        return exact_sum([*(abs(term.product) for term in self.terms), abs(self.bias)])

    @property
    def formula(self) -> str:
        """The total as its terms make it, with the numbers put in (the first of them, if many)."""
        from pellucid.operators.arithmetic.show import formula

        return formula(self)

    def sorted(self) -> "Arithmetic":
        """The same with the terms by |product|, the largest first (NaN before all)."""
        terms = sorted(self.terms, key=_size, reverse=True)
        return replace(self, terms=tuple(terms))

    def share(self, part: float = 0.9) -> int:
        """How many terms, the largest first, make up a part of Σ |product|.

        0 where all products are 0, and where one is infinite or NaN, so that there is no part.

        Args:
            part: from 0 to 1.

        Raises:
            UsageError: the part is not from 0 to 1.
        """
        if not 0 <= part <= 1:
            raise UsageError(f"expected a part from 0 to 1, found {part!r}.")
        sizes = sorted((abs(term.product) for term in self.terms), reverse=True)
        whole = exact_sum(sizes)
        if not 0 < whole < inf:
            return 0
        reached, count = 0.0, 0
        # Products of 0 add nothing: however the sum is rounded, none of them is counted.
        while reached < part * whole and count < len(sizes) and sizes[count] > 0:
            reached += sizes[count]
            count += 1
        return count

    def to_frame(self) -> "DataFrame":
        """A pandas table of the terms, a row each.

        Columns: the input cell by its names (missing for zeros of padding), the tap by the same
        names after ``tap_``, value, weight, product and role.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError(
                "expected pandas for a table of terms, found none: pip install 'pellucid[series]'."
            ) from error
        columns: dict[str, Any] = {
            name: pandas.array([term.at and term.at[i] for term in self.terms], dtype="Int64")
            for i, name in enumerate(self.names)
        }
        taps = len(self.terms[0].tap) if self.terms else 0
        for i, name in enumerate(self.names[len(self.names) - taps :]):
            columns[f"tap_{name}"] = [term.tap[i] for term in self.terms]
        for name in ("value", "weight", "product", "role"):
            columns[name] = [getattr(term, name) for term in self.terms]
        return pandas.DataFrame(columns)

    def __str__(self) -> str:
        from pellucid.operators.arithmetic.show import text

        return text(self)

    def _repr_html_(self) -> str:
        from pellucid.operators.arithmetic.show import html

        return html(self)


def exact_sum(numbers: Sequence[float]) -> float:
    """The sum, rounded once; infinite or NaN as floating-point addition would have it.

    >>> exact_sum([1e16, 1.0, -1e16]), exact_sum([float("inf"), -float("inf")])
    (1.0, nan)
    """
    try:
        return fsum(numbers)
    except ValueError:  # inf - inf
        return nan
    except OverflowError:  # of a sum on the way, where the numbers are huge
        return float(sum(numbers))


def _size(term: Term) -> float:
    return inf if isnan(term.product) else abs(term.product)
