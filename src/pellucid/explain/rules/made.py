"""What a rule gives: the terms of one number, or all numbers of a node."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from pellucid.explain.rules.case import At, Case, Source, Wide
from pellucid.operators.arithmetic import Arithmetic


class Place(NamedTuple):
    """Where a weight comes from that is itself computed.

    Attributes:
        node: its index.
        at: the position in its result, without N where there is one picture.
    """

    node: int
    at: At


@dataclass(frozen=True, slots=True)
class Made:
    """How one number is made.

    Attributes:
        arithmetic: its terms, in float64. A term's ``at`` is a position in what it comes from.
        sources: for each term the node that it comes from; the name of a stored parameter; or
            None for a constant, such as the zeros of padding.
        partners: for each term where its weight comes from, if that is computed too (as in a
            gate); empty where no weight is.
        steps: roundings on the way to the number, in the network's own arithmetic.
        scale: the magnitude that they are relative to; None: Σ |product| + |bias|.
        written: the operation's own formula with the numbers put in, without the total; empty
            where the arithmetic's says it.

    The network's number may differ by ``steps``·ε·``scale`` (see :func:`roundings`).
    """

    arithmetic: Arithmetic
    sources: tuple[Source, ...]
    partners: tuple[Place | None, ...] = ()
    steps: float | None = None
    scale: float | None = None
    written: str = ""

    def slack(self, epsilon: float) -> float:
        """By how much the network's number may differ, ε being that of its dtype."""
        steps = roundings(len(self.arithmetic.terms)) if self.steps is None else self.steps
        scale = self.arithmetic.magnitude if self.scale is None else self.scale
        return steps * epsilon * scale


@dataclass(frozen=True, slots=True)
class Whole:
    """All numbers of a node.

    Attributes:
        values: in float64, of the node's shape.
        steps: as in :class:`Made`.
        scale: likewise, one for each number (or one for all).
    """

    values: Wide
    steps: float = 0
    scale: Wide | float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """How an operation computes.

    Attributes:
        one: the terms of the output at a position (an index for every axis).
        whole: all outputs; never through torch.

    Both raise :class:`LookupError` with a reason where the operation has a form they do not know.
    """

    one: Callable[[Case, At], Made]
    whole: Callable[[Case], Whole]


def roundings(count: int) -> float:
    """How many roundings a sum of ``count`` products can be off by, in units of ε·Σ |product|.

    The error of such a sum is at most count·ε·Σ |product|, whatever the order it is added in
    (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1). Roundings go up and
    down, so that for many terms it is below λ·√count·ε·Σ |product| but with a probability of
    2·count·exp(−λ²/2) (Higham and Mary 2019, A new approach to probabilistic rounding error
    analysis, theorem 2.4): with λ = 8 below 10⁻⁸ for a million terms. The smaller of the two,
    and 2 for the bias and the result; ε, twice the unit roundoff, leaves room for the products.

    >>> roundings(4), roundings(10_000)
    (6.0, 802.0)
    """
    return min(float(count), 8.0 * sqrt(count)) + 2.0
