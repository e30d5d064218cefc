"""Splits: proportions, whole groups, the data's own parts, determinism."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pellucid.data.catalogue import Split
from pellucid.data.duplicates import Duplicates
from pellucid.data.splits import MOST_VAL, Splits, make_splits
from pellucid.errors import UsageError

Indices = NDArray[np.intp]


def copies(groups: Sequence[int] | Indices) -> Duplicates:
    """Exact copies, from each image's group (any numbers)."""
    numbers = np.asarray(groups)
    _, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    lowest = first[which]
    later = np.flatnonzero(lowest != np.arange(len(numbers)))
    pairs = np.stack([lowest[later], later], axis=1)
    count = len(pairs)
    return Duplicates(pairs, np.zeros(count, np.int8), np.ones(count, np.float32), lowest)


def split(
    labels: Sequence[int] | Indices,
    *,
    own: Sequence[Split | None] | None = None,
    groups: Sequence[int] | Indices | None = None,
    good: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> Splits:
    count = len(labels)
    return make_splits(
        np.asarray(labels, np.intp),
        own if own is not None else [None] * count,
        copies(groups if groups is not None else range(count)),
        np.ones(count, np.bool_) if good is None else good,
        seed=seed,
    )


def parts(splits: Splits) -> tuple[Indices, ...]:
    return (splits.train, splits.val, splits.test, splits.leaks, splits.conflicts)


@st.composite
def data_sets(draw: st.DrawFn) -> tuple[Indices, Indices, NDArray[np.bool_]]:
    """Labels, groups (each of one class) and which images are good."""
    sizes = draw(st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=40), min_size=1))
    labels = np.repeat(np.arange(len(sizes)), [sum(each) for each in sizes])
    flat = [size for each in sizes for size in each]
    groups = np.repeat(np.arange(len(flat)), flat)
    order = np.random.default_rng(draw(st.integers(0, 99))).permutation(len(labels))
    good = np.random.default_rng(1).random(len(labels)) < draw(st.sampled_from([0.7, 1.0]))
    return labels[order], groups[order], good


@given(data_sets(), st.integers(0, 2**32))
def test_every_good_image_is_in_one_part_and_groups_are_whole(
    data: tuple[Indices, Indices, NDArray[np.bool_]], seed: int
) -> None:
    labels, groups, good = data
    made = split(labels, groups=groups, good=good, seed=seed)
    together = np.concatenate(parts(made))
    assert sorted(together.tolist()) == np.flatnonzero(good).tolist()
    for one in range(3):
        for other in range(one):
            assert not set(groups[parts(made)[one]]) & set(groups[parts(made)[other]])


@given(data_sets(), st.integers(0, 2**32))
def test_classes_keep_their_proportions(
    data: tuple[Indices, Indices, NDArray[np.bool_]], seed: int
) -> None:
    labels, groups, good = data
    made = split(labels, groups=groups, good=good, seed=seed)
    for label in np.unique(labels[good]):
        mine = np.flatnonzero(good & (labels == label))
        _, sizes = np.unique(groups[mine], return_counts=True)
        counts = [np.count_nonzero(labels[part] == label) for part in parts(made)[:3]]
        assert counts[0] > 0
        assert counts[2] > 0 or len(sizes) < 2
        assert counts[1] > 0 or len(sizes) < 3
        if len(sizes) > 9:  # enough groups for the least of one not to matter
            assert abs(counts[1] - 0.1 * len(mine)) <= sizes.max()
            assert abs(counts[2] - 0.2 * len(mine)) <= sizes.max()


def test_the_seed_alone_decides() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 7])
    np.random.seed(1)
    once = split(labels, seed=5)
    np.random.seed(2)
    again = split(labels, seed=5)
    assert all(np.array_equal(a, b) for a, b in zip(parts(once), parts(again), strict=True))
    assert not np.array_equal(once.test, split(labels, seed=6).test)


def test_a_new_class_leaves_the_others_alone() -> None:
    labels = np.repeat([0, 1], 50)
    more = np.append(labels, [2] * 20)
    assert np.array_equal(split(labels).test, split(more).test[split(more).test < 100])


def test_small_classes() -> None:
    made = split([0, 1, 1, 2, 2, 2])
    labels = np.array([0, 1, 1, 2, 2, 2])
    assert [np.bincount(labels[part], minlength=3).tolist() for part in parts(made)[:3]] == [
        [1, 1, 1],
        [0, 0, 1],
        [0, 1, 1],
    ]


def test_one_picture_copied_stays_in_train() -> None:
    made = split([0] * 9, groups=[0] * 9)
    assert len(made.train) == 9


def test_validation_is_capped() -> None:
    made = split(np.repeat([0, 1], 40_000))
    assert len(made.val) == MOST_VAL
    assert len(made.test) == 16_000


def test_own_train_and_test_get_val_out_of_train() -> None:
    own: list[Split | None] = ["train"] * 60 + ["test"] * 20
    made = split([0, 1] * 40, own=own)
    assert made.test.tolist() == list(range(60, 80))
    assert len(made.val) == 6 and made.val.max() < 60
    assert "own train and test" in made.how and "6 for val" in made.how


def test_own_train_and_val_get_test_out_of_train() -> None:
    own: list[Split | None] = ["train"] * 60 + ["val"] * 20
    made = split([0, 1] * 40, own=own)
    assert made.val.tolist() == list(range(60, 80))
    assert len(made.test) == 12 and made.test.max() < 60


def test_own_parts_are_kept() -> None:
    own: list[Split | None] = ["test", "train", "val", None]
    made = split([0, 0, 0, 0], own=own)
    assert (made.train.tolist(), made.val.tolist(), made.test.tolist()) == ([1, 3], [2], [0])
    assert made.how == "The data's own train, val and test."


def test_copies_give_way_to_the_stricter_part() -> None:
    own: list[Split | None] = ["train", "train", "val", "val", "test", "test"]
    made = split([0] * 6, own=own, groups=[7, 1, 7, 2, 2, 3])
    assert made.leaks.tolist() == [0, 3]
    assert (made.train.tolist(), made.val.tolist(), made.test.tolist()) == ([1], [2], [4, 5])


def test_a_broken_test_image_takes_nothing_out_of_train() -> None:
    made = split(
        [0, 0, 0], own=["train", "test", "test"], groups=[0, 0, 1], good=np.array([1, 0, 1], bool)
    )
    assert made.train.tolist() == [0] and not len(made.leaks)


def test_copies_of_several_classes_are_left_out_of_train_only() -> None:
    own: list[Split | None] = ["train", "train", "train", "test", "test", "val"]
    made = split([0, 1, 0, 0, 1, 0], own=own, groups=[0, 0, 1, 2, 2, 3])
    assert made.conflicts.tolist() == [0, 1]
    assert made.test.tolist() == [3, 4]
    assert split([0, 1, 0], groups=[0, 0, 1]).conflicts.tolist() == [0, 1]


def test_fractions_are_checked() -> None:
    with pytest.raises(UsageError, match="together less than 1"):
        make_splits(
            np.zeros(1, np.intp), [None], copies([0]), np.ones(1, bool), seed=0, test_fraction=0.95
        )
