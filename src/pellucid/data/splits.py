"""Which images train the network, which choose among its states, and which judge it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.data.catalogue import Catalogue, Split
from pellucid.data.duplicates import Duplicates
from pellucid.errors import UsageError

Indices = NDArray[np.intp]

#: Validation never needs more images: the accuracy's 95% interval is then within ±1.4%.
MOST_VAL = 5_000
#: Share of the images to take from that goes to validation.
VAL_FRACTION = 0.1
#: Likewise, to test.
TEST_FRACTION = 0.2
#: The parts, from the one that gives way to the one that is kept as it is.
PARTS: tuple[Split, ...] = ("train", "val", "test")
_TRAIN, _VAL, _TEST = range(3)
_NOWHERE = -1


@dataclass(frozen=True)
class Splits:
    """Sorted indices of images; each good image is in one of the five.

    Attributes:
        train: to fit the weights on.
        val: to choose the best weights by.
        test: to judge them by, in the end.
        leaks: left out, since a copy is in a part that is kept more strictly.
        conflicts: left out, since copies of them are in different classes.
        how: one sentence on where the parts come from.
    """

    train: Indices
    val: Indices
    test: Indices
    leaks: Indices
    conflicts: Indices
    how: str


def split_catalogue(
    catalogue: Catalogue,
    duplicates: Duplicates,
    good: NDArray[np.bool_],
    *,
    seed: int,
    val_fraction: float = VAL_FRACTION,
) -> Splits:
    """Divide the samples of a catalogue as :func:`make_splits` does.

    Where training images are streamed nothing is taken out of those that are among the samples:
    the stream has them too, so they could judge nothing.
    """
    streamed = catalogue.stream is not None
    return make_splits(
        catalogue.labels,
        [sample.split for sample in catalogue.samples],
        duplicates,
        good,
        seed=seed,
        val_fraction=0.0 if streamed else val_fraction,
        test_fraction=0.0 if streamed else TEST_FRACTION,
    )


def make_splits(
    labels: NDArray[np.intp],
    own_splits: Sequence[Split | None],
    duplicates: Duplicates,
    good: NDArray[np.bool_],
    *,
    seed: int,
    val_fraction: float = VAL_FRACTION,
    test_fraction: float = TEST_FRACTION,
) -> Splits:
    """Divide N images so that copies of one picture are never in two parts.

    A part that the data has is kept; one that it lacks is taken out of the training images,
    class by class. Of the data's own parts only copies are left out: training images that are
    in val or test too, and val images that are in test too. Training images whose copies
    are in another class are left out, for their label cannot be trusted; where the data has
    no parts of its own they are in no part at all.

    What is taken out of the training images is a set of whole groups of copies, chosen by the
    seed, as near to the fraction of each class as the groups allow. A class with two groups is
    in train and in the first part taken out (test before val), one with three is in all of
    them; one with a single group is in train only. Classes do not depend on each other: a new
    one leaves the parts of the others as they are (unless val reaches its largest size).

    Args:
        labels: (N,) class of each image.
        own_splits: (N,) the data's own part of each; None among others is train.
        duplicates: the copies among the images.
        good: (N,) images that can be used; the others are in no part.
        seed: 0 or more.
        val_fraction: of the images to take from, at most :data:`MOST_VAL` of them; 0 takes none.
        test_fraction: of the images to take from; 0 takes none.

    Raises:
        UsageError: a fraction is below 0, or they leave nothing to train on.

    Example:
        >>> alone = Duplicates(np.empty((0, 2), np.intp), np.empty(0, np.int8),
        ...                    np.empty(0, np.float32), np.arange(40))
        >>> labels = np.repeat([0, 1], 20)
        >>> splits = make_splits(labels, [None] * 40, alone, np.ones(40, bool), seed=0)
        >>> [np.bincount(labels[part]).tolist() for part in (splits.train, splits.val, splits.test)]
        [[14, 14], [2, 2], [4, 4]]
    """
    if val_fraction < 0 or test_fraction < 0 or val_fraction + test_fraction >= 1:
        raise UsageError(
            "val_fraction and test_fraction are 0 or more, and together less than 1, not "
            f"{val_fraction:g} and {test_fraction:g}."
        )
    own = _own_parts(own_splits, good)
    groups = duplicates.groups
    has_own = any(split is not None for split in own_splits)
    leaks = _leaks(own, groups)
    disputed = _disputed(labels, groups, own)
    conflicts = np.setdiff1d(np.flatnonzero(disputed & (own == _TRAIN)), leaks)
    part = own.copy()
    part[leaks] = part[conflicts] = _NOWHERE
    fractions = {_TEST: test_fraction, _VAL: val_fraction}
    wanted = {p: share for p, share in fractions.items() if share and not np.any(own == p)}
    if _VAL in wanted:
        pool = int(np.count_nonzero(part == _TRAIN))
        wanted[_VAL] = min(val_fraction, MOST_VAL / max(1, pool))
    _take(part, labels, groups, wanted, seed)
    return Splits(
        train=np.flatnonzero(part == _TRAIN),
        val=np.flatnonzero(part == _VAL),
        test=np.flatnonzero(part == _TEST),
        leaks=leaks,
        conflicts=conflicts,
        how=_how(part, has_own, wanted, seed),
    )


def _own_parts(own_splits: Sequence[Split | None], good: NDArray[np.bool_]) -> NDArray[np.int8]:
    """(N,) number of the data's own part; train where it has none, -1 where not good."""
    number = {None: _TRAIN, "train": _TRAIN, "val": _VAL, "test": _TEST}
    parts = np.array([number[split] for split in own_splits], np.int8)
    return np.where(good, parts, np.int8(_NOWHERE))


def _leaks(own: NDArray[np.int8], groups: Indices) -> Indices:
    """Images that have a copy in a part that is kept more strictly."""
    strictest = np.full(len(own), _NOWHERE, np.int8)
    np.maximum.at(strictest, groups, own)
    return np.flatnonzero((own != _NOWHERE) & (own < strictest[groups]))


def _disputed(labels: Indices, groups: Indices, own: NDArray[np.int8]) -> NDArray[np.bool_]:
    """(N,) images in a group of copies of several classes."""
    usable = own != _NOWHERE
    lowest = np.full(len(own), np.iinfo(np.intp).max)
    highest = np.full(len(own), -1)
    np.minimum.at(lowest, groups[usable], labels[usable])
    np.maximum.at(highest, groups[usable], labels[usable])
    disputed: NDArray[np.bool_] = usable & (lowest < highest)[groups]
    return disputed


def _take(
    part: NDArray[np.int8], labels: Indices, groups: Indices, wanted: dict[int, float], seed: int
) -> None:
    """Move whole groups of each class from train to the wanted parts, in place."""
    pool = np.flatnonzero(part == _TRAIN)
    pool = pool[np.lexsort((groups[pool], labels[pool]))]
    starts = np.flatnonzero(np.diff(labels[pool], prepend=-1))
    for members in np.split(pool, starts[1:]) if len(pool) else ():
        _, sizes = np.unique(groups[members], return_counts=True)
        chosen = _choose(sizes, wanted, np.random.default_rng([seed, int(labels[members[0]])]))
        part[members] = np.repeat(chosen, sizes)


def _choose(
    sizes: NDArray[np.int64], wanted: dict[int, float], rng: np.random.Generator
) -> NDArray[np.int8]:
    """The part of each of G groups of one class, (G,), so that each part is near its share."""
    chosen = np.full(len(sizes), _TRAIN, np.int8)
    order = rng.permutation(len(sizes))
    for still, (number, share) in zip(range(len(wanted), 0, -1), wanted.items(), strict=True):
        left = order[chosen[order] == _TRAIN]
        picked = _fill(sizes[left], int(share * sizes.sum() + 0.5), len(left) - still)
        if not picked and len(left) > 1:
            picked = [int(np.argmin(sizes[left]))]
        chosen[left[picked]] = number
    return chosen


def _fill(sizes: NDArray[np.int64], target: int, most: int) -> list[int]:
    """Places of at most so many sizes, taken in turn, whose sum comes near the target."""
    picked: list[int] = []
    count = 0
    for place, size in enumerate(sizes.tolist()):
        if len(picked) < most and abs(count + size - target) < abs(count - target):
            picked.append(place)
            count += size
    return picked


def _how(part: NDArray[np.int8], has_own: bool, wanted: dict[int, float], seed: int) -> str:
    count = {number: f"{np.count_nonzero(part == number):,}" for number in range(len(PARTS))}
    taken = " and ".join(f"{count[number]} for {PARTS[number]}" for number in wanted)
    if not has_own:
        return (
            f"{count[_TRAIN]} images for train, {taken}, by class, with seed {seed}: "
            "the data has no splits of its own."
        )
    kept = " and ".join(
        PARTS[n] for n in range(len(PARTS)) if n not in wanted and np.any(part == n)
    )
    if not wanted:
        return f"The data's own {kept.replace(' and ', ', ', 1)}."
    return f"The data's own {kept}; {taken} taken out of train, by class, with seed {seed}."
