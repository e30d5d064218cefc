"""Parts of the training images for repeated trainings: folds, and subsets within each other.

Both keep the shares of the classes, and never separate copies of one picture: a network that has
learnt a copy has seen the answer.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError

Indices = NDArray[np.intp]


def make_folds(labels: Indices, groups: Indices, count: int, *, seed: int) -> Indices:
    """The fold of each of n images, for k-fold cross-validation.

    Class by class, groups of copies go, the largest first and equals in an order fixed by the
    seed, to the fold that has the fewest images of the class so far (of equals, the fewest
    images). Without copies the folds' numbers of images of a class differ by one at most.

    Args:
        labels: (n,) class of each image.
        groups: (n,) the group of copies that it is in.
        count: K, at least 2.
        seed: 0 or more.

    Returns:
        (n,) numbers from 0 to K - 1; none of them is missing.

    Raises:
        UsageError: there are fewer than K groups, or K is below 2.

    Example:
        >>> labels = np.repeat([0, 1], 6)
        >>> folds = make_folds(labels, np.arange(12), 3, seed=0)
        >>> [np.bincount(labels[folds == fold]).tolist() for fold in range(3)]
        [[2, 2], [2, 2], [2, 2]]
    """
    different = len(np.unique(groups))
    if not 2 <= count <= different:
        raise UsageError(
            f"folds is 2 to {different:,}, the number of different training images, not {count:,}."
        )
    folds = np.empty(len(labels), np.intp)
    sizes = np.zeros(count, np.intp)
    for members in _shuffled_groups(labels, groups, seed):
        of_class = np.zeros(count, np.intp)
        for group in sorted(members, key=len, reverse=True):
            fold = np.lexsort((sizes, of_class))[0]
            folds[group] = fold
            of_class[fold] += len(group)
            sizes[fold] += len(group)
    return folds


def nested_subsets(
    labels: Indices, groups: Indices, shares: Sequence[float], *, seed: int
) -> list[Indices]:
    """Subsets of n images, each within every larger one.

    Of each class, groups of copies in an order fixed by the seed, as many as come nearest to the
    share, at least one.

    Args:
        labels: (n,) class of each image.
        groups: (n,) the group of copies that it is in.
        shares: of the images, more than 0 and at most 1.
        seed: 0 or more.

    Returns:
        Sorted places (m,) in 0 to n - 1 for each share.

    Example:
        >>> labels = np.repeat([0, 1], 8)
        >>> quarter, half = nested_subsets(labels, np.arange(16), [0.25, 0.5], seed=0)
        >>> len(quarter), len(half), set(quarter.tolist()) < set(half.tolist())
        (4, 8, True)
    """
    chosen: list[list[Indices]] = [[] for _ in shares]
    for members in _shuffled_groups(labels, groups, seed):
        ends = np.cumsum([len(group) for group in members])
        for subset, share in zip(chosen, shares, strict=True):
            nearest = int(np.argmin(np.abs(ends - share * ends[-1])))
            subset.extend(members[: nearest + 1])
    return [np.sort(np.concatenate(subset)) for subset in chosen]


def _shuffled_groups(labels: Indices, groups: Indices, seed: int) -> Iterator[list[Indices]]:
    """For each class, the places of each of its groups; a group is in the class of its first."""
    _, first, which = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(which, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(which))[:-1])
    of_group = labels[first]
    for label in np.unique(of_group):
        own = np.flatnonzero(of_group == label)
        shuffled = np.random.default_rng([seed, int(label)]).permutation(own)
        yield [members[place] for place in shuffled]
