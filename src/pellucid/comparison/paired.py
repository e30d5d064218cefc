"""Do two networks differ, when both have answered for the same images?

Images that both get right, or both wrong, say nothing. Of the others, each should be as likely to
go to one network as to the other if both were equally good: a fair coin (McNemar 1947, "Note on
the sampling error of the difference between correlated proportions"; for classifiers see
Dietterich 1998, "Approximate statistical tests for comparing supervised classification learning
algorithms", section 3.1).
"""

import math
from collections.abc import Sequence


def mcnemar(only_one: int, only_two: int) -> float:
    """Exact two-sided p-value.

    With n = only_one + only_two and m the smaller of the two::

        p = min(1, 2 · Σ over k from 0 to m of C(n, k) / 2ⁿ)

    Args:
        only_one: images that only the first network gets right.
        only_two: images that only the second gets right.

    Returns:
        The chance of so uneven a division, or a more uneven one, between equally good networks.

    >>> round(mcnemar(9, 1), 5), mcnemar(0, 0)
    (0.02148, 1.0)
    """
    count, least = only_one + only_two, min(only_one, only_two)
    logs = (_log_choose(count, k) - count * math.log(2) for k in range(least + 1))
    return min(1.0, 2 * math.fsum(map(math.exp, logs)))


def holm(chances: Sequence[float]) -> list[float]:
    """P-values adjusted for being several: the chance of any false finding stays below the level.

    Sorted p₁ ≤ … ≤ pₙ become max over j ≤ i of min(1, (n - j + 1)·pⱼ) (Holm 1979, "A simple
    sequentially rejective multiple test procedure").

    Args:
        chances: in any order, each in [0, 1].

    Returns:
        Adjusted ones in the same order.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, highest = [0.0] * len(chances), 0.0
    for rank, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[index]))
        adjusted[index] = highest
    return adjusted


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
