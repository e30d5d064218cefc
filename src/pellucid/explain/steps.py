"""Ways down: an account, that of one of its terms, and so on."""

from collections.abc import Sequence
from typing import NamedTuple

from pellucid.explain.account import Account


class Step(NamedTuple):
    """One account on a way down.

    Attributes:
        account: with its largest terms first.
        followed: the place of the term that the way goes on with; None where it ends.
    """

    account: Account
    followed: int | None


def to_pixels(account: Account) -> tuple[Step, ...]:
    """The way down along the largest term, to where it begins: :meth:`Account.path`.

    >>> from torch import nn, ones
    >>> from pellucid.explain import trace_network
    >>> from pellucid.explain.account import account
    >>> trace = trace_network(nn.Sequential(nn.Conv2d(1, 1, 2), nn.ReLU()), ones(1, 1, 2, 2))
    >>> [(step.account.name, step.followed) for step in to_pixels(account(trace, "1", (0, 0, 0)))]
    [('1', 0), ('0', 0), ('input', None)]
    """
    ordered = [each.sorted() for each in account.path()]
    return tuple(Step(each, _largest_computed(each)) for each in ordered)


def down_along(account: Account, terms: Sequence[int]) -> tuple[Step, ...]:
    """The way down along chosen terms, each a place among the largest first.

    Args:
        account: where it begins.
        terms: which to follow, one a step; with none of them the way is the account alone.

    Raises:
        UsageError: there is no such term, or nothing is below it.
    """
    reached = account.sorted()
    steps = []
    for term in terms:
        below = reached.down(term).sorted()
        steps.append(Step(reached, term))
        reached = below
    return (*steps, Step(reached, None))


def _largest_computed(account: Account) -> int | None:
    computed = (k for k, source in enumerate(account.sources) if isinstance(source, int))
    return next(computed, None)
