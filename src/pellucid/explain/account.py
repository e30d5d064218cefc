"""The account of one number: how it came about, term by term, and from there down to the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isnan
from typing import TYPE_CHECKING, Any

from pellucid.capture import Node
from pellucid.errors import UsageError
from pellucid.explain.rules import At, Case, Made, Place, Source, rule_of, told
from pellucid.geometry.whole import as_whole, entries
from pellucid.operators.arithmetic import Arithmetic, Term

if TYPE_CHECKING:
    from pandas import DataFrame

    from pellucid.explain.trace import Trace


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """How one number of a network came about, in float64, beside what the network had.

    Attributes:
        trace: that it is a number of.
        node: whose result it is in.
        at: its position there, an index for every axis.
        made: its terms and where they come from, by the operation's rule.
        found: the network's own number.
    """

    trace: "Trace"
    node: Node
    at: At
    made: Made
    found: float

    @property
    def arithmetic(self) -> Arithmetic:
        """The terms, the bias and what is made of them."""
        return self.made.arithmetic

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms; ``at`` of each is a position in the result of its source."""
        return self.arithmetic.terms

    @property
    def sources(self) -> tuple[Source, ...]:
        """Of each term: the node, the name of a stored parameter, or None of a constant."""
        return self.made.sources

    @property
    def total(self) -> float:
        """The number as recomputed."""
        return self.arithmetic.total

    @property
    def formula(self) -> str:
        """The operation's formula with the numbers put in."""
        from pellucid.operators.arithmetic.show import number

        written = self.made.written
        return f"{written} = {number(self.total)}" if written else self.arithmetic.formula

    @property
    def difference(self) -> float:
        """The network's number − the recomputed one."""
        return 0.0 if _same(self.found, self.total) else self.found - self.total

    @property
    def tolerance(self) -> float:
        """By how much rounding lets the two differ (:meth:`pellucid.explain.rules.Made.slack`)."""
        return self.made.slack(Case.of(self.trace, self.node).epsilon)

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance; NaN agrees with NaN."""
        return abs(self.difference) <= self.tolerance

    @property
    def name(self) -> str:
        """The node's name."""
        return self.trace.names[self.node.index]

    def sorted(self) -> "Account":
        """The same with the terms by |product|, the largest first."""
        before = self.terms
        order = sorted(range(len(before)), key=lambda k: _weight(before[k]), reverse=True)
        made = replace(
            self.made,
            arithmetic=replace(self.arithmetic, terms=tuple(before[k] for k in order)),
            sources=tuple(self.sources[k] for k in order),
            partners=tuple(self.made.partners[k] for k in order) if self.made.partners else (),
        )
        return replace(self, made=made)

    def share(self, part: float = 0.9) -> int:
        """How many terms, the largest first, make up a part of Σ |product|."""
        return self.arithmetic.share(part)

    @property
    def sentence(self) -> str:
        """E.g. ``these 9 of 1,728 terms make 90% of it``; empty where the terms do not add up."""
        count, most = len(self.terms), self.share(0.9)
        if not most or self.arithmetic.rule not in ("sum", "average", "l2") or count < 2:
            return ""
        these, make = ("this 1", "makes") if most == 1 else (f"these {most:,}", "make")
        return f"{these} of {count:,} terms {make} 90% of it"

    def down(self, term: int = 0, *, weight: bool = False) -> "Account":
        """The account of a term's own value.

        Args:
            term: its place in :attr:`terms`; that of the largest is 0 after :meth:`sorted`.
            weight: of the term's weight instead, where that is computed too, as in a gate.

        Raises:
            UsageError: there is no such term, or it is stored or constant: nothing is below it.
        """
        if not -len(self.terms) <= term < len(self.terms):
            raise UsageError(
                f"expected a term from 0 to {len(self.terms) - 1}, found {term}: "
                f"{self.name} has {len(self.terms)} here."
            )
        place = self._below(term % len(self.terms), weight)
        if place is None:
            what = "weight" if weight else "value"
            raise UsageError(
                f"expected a term whose {what} is computed, found term {term} of {self.name}, "
                f"whose {what} {self._origin(term, weight)}: nothing is below it."
            )
        return account(self.trace, place.node, place.at)

    def path(self) -> tuple["Account", ...]:
        """This account and those below it, following the largest term, down to where it begins."""
        steps = [self]
        while (below := steps[-1]._largest()) is not None:
            steps.append(below)
        return tuple(steps)

    def to_frame(self) -> "DataFrame":
        """A pandas table of the terms, a row each, with the name of what each comes from.

        Raises:
            UsageError: pandas is not installed.
        """
        from pellucid.explain.account_view import frame

        return frame(self)

    def __str__(self) -> str:
        from pellucid.explain.account_view import text

        return text(self)

    def __rich__(self) -> Any:
        from pellucid.explain.account_view import rich_view

        return rich_view(self)

    def _repr_html_(self) -> str:
        from pellucid.explain.account_view import html

        return html(self)

    def _largest(self) -> "Account | None":
        computed = [k for k, source in enumerate(self.sources) if isinstance(source, int)]
        if not computed:
            return None
        return self.down(max(computed, key=lambda k: _weight(self.terms[k])))

    def _below(self, term: int, weight: bool) -> Place | None:
        if weight:
            return self.made.partners[term] if self.made.partners else None
        source, at = self.sources[term], self.terms[term].at
        return Place(source, at) if isinstance(source, int) and at is not None else None

    def _origin(self, term: int, weight: bool) -> str:
        source = None if weight else self.sources[term]
        return f"is stored ({source})" if isinstance(source, str) else "is given"


def account(trace: "Trace", where: int | str | Node, at: int | Sequence[int]) -> Account:
    """The account of one number.

    Args:
        trace: a forward pass.
        where: a node, its index or its name.
        at: the position in its result: (c, y, x) of maps, (c,) of scores, with n before them
            where the trace has several pictures.

    Raises:
        UsageError: no such node or position, or an operation without a rule.

    >>> from torch import nn, ones
    >>> from pellucid.explain import trace_network
    >>> layer = nn.Conv2d(1, 1, 2)
    >>> _ = layer.weight.data.fill_(0.5), layer.bias.data.fill_(1.0)
    >>> account(trace_network(nn.Sequential(layer), ones(1, 1, 2, 2)), "0", (0, 0, 0)).formula
    '1·0.5 + 1·0.5 + 1·0.5 + 1·0.5 + 1 = 3'
    """
    node = where if isinstance(where, Node) else trace.node(where)
    case = Case.of(trace, node)
    name = trace.names[node.index]
    if any(node.index in other.inputs and other.operation == "item" for other in trace.nodes):
        raise UsageError(f"{name} has several results: ask for one of them, an item after it.")
    place = _position(at, node.shape, name)
    try:
        made = rule_of(case).one(case, place)
    except LookupError as error:
        raise UsageError(f"{name} cannot be accounted for: {error.args[0]}.") from error
    return Account(trace, node, place, made, float(trace.value(node)[place]))


def _position(at: int | Sequence[int], shape: tuple[int, ...], name: str) -> At:
    """An index for every axis."""
    given = entries(at, 1)
    numbers = [as_whole(each) for each in given]
    whole = [number for number in numbers if number is not None]
    if len(whole) == len(told(shape, shape)) < len(shape):
        whole = [0, *whole]
    sizes = " × ".join(map(str, told(shape, shape)))
    if len(whole) < len(numbers) or len(whole) != len(shape):
        raise UsageError(f"expected a position in {name}, which is {sizes}, found {at!r}.")
    for index, size in zip(whole, shape, strict=True):
        if not 0 <= index < size:
            raise UsageError(
                f"expected a position in {name}, which is {sizes} (from 0 on), found {at!r}."
            )
    return tuple(whole)


def _weight(term: Term) -> float:
    """By what terms are ranked: NaN before all."""
    return inf if isnan(term.product) else abs(term.product)


def _same(first: float, second: float) -> bool:
    return first == second or (isnan(first) and isnan(second))
