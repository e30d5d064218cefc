"""Folds and nested subsets: shares of classes are kept, copies stay together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from pellucid.data.folds import make_folds, nested_subsets
from pellucid.errors import UsageError


@st.composite
def labelled_groups(draw: st.DrawFn) -> tuple[NDArray, NDArray]:
    """Labels of up to 4 classes and groups of copies, each in one class, in any order."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=4, max_size=40))
    classes = draw(st.lists(st.integers(0, 3), min_size=len(sizes), max_size=len(sizes)))
    labels = np.repeat(classes, sizes)
    groups = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)
    order = np.random.default_rng(draw(st.integers(0, 99))).permutation(len(labels))
    return labels[order].astype(np.intp), groups[order].astype(np.intp)


@settings(max_examples=60, deadline=None)
@given(labelled_groups(), st.integers(2, 4), st.integers(0, 5))
def test_copies_share_a_fold_and_classes_are_even(
    case: tuple[NDArray, NDArray], count: int, seed: int
) -> None:
    labels, groups = case
    folds = make_folds(labels, groups, count, seed=seed)
    assert set(folds.tolist()) == set(range(count))
    for group in np.unique(groups):
        assert len(set(folds[groups == group].tolist())) == 1
    for label in np.unique(labels):
        sizes = np.bincount(folds[labels == label], minlength=count)
        _, copies = np.unique(groups[labels == label], return_counts=True)
        assert np.ptp(sizes) <= copies.max()
    assert np.array_equal(folds, make_folds(labels, groups, count, seed=seed))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(5, 30), min_size=2, max_size=4), st.integers(2, 5))
def test_without_copies_classes_are_as_even_as_scikit_learn_makes_them(
    sizes: list[int], count: int
) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    folds = make_folds(labels, np.arange(len(labels)), count, seed=1)
    theirs = [test for _, test in StratifiedKFold(count).split(labels, labels)]
    for label in range(len(sizes)):
        ours = sorted(np.bincount(folds[labels == label], minlength=count).tolist())
        assert ours == sorted(int((labels[test] == label).sum()) for test in theirs)
    totals = np.bincount(folds, minlength=count)
    assert np.ptp(totals) <= 1


def test_the_seed_decides() -> None:
    labels = np.repeat([0, 1], 30)
    first, second = (make_folds(labels, np.arange(60), 3, seed=seed) for seed in (0, 1))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("count", [1, 4])
def test_more_folds_than_different_images_are_refused(count: int) -> None:
    with pytest.raises(UsageError, match=f"folds is 2 to 3, .* not {count}"):
        make_folds(np.zeros(6, np.intp), np.repeat([0, 2, 4], 2), count, seed=0)


@settings(max_examples=60, deadline=None)
@given(labelled_groups(), st.integers(0, 5))
def test_subsets_lie_in_each_other_and_keep_every_class(
    case: tuple[NDArray, NDArray], seed: int
) -> None:
    labels, groups = case
    shares = [1 / 8, 1 / 4, 1 / 2, 1.0]
    subsets = nested_subsets(labels, groups, shares, seed=seed)
    for share, smaller, larger in zip(shares, subsets, subsets[1:], strict=False):
        assert set(smaller.tolist()) <= set(larger.tolist())
        for label in np.unique(labels):
            of_class = labels == label
            taken = of_class[smaller].sum()
            _, copies = np.unique(groups[of_class], return_counts=True)
            assert taken >= 1
            assert abs(taken - share * of_class.sum()) <= copies.max()
        # Whole groups: none is taken in part.
        assert set(groups[smaller]).isdisjoint(
            groups[np.setdiff1d(np.arange(len(labels)), smaller)]
        )
    assert np.array_equal(subsets[-1], np.arange(len(labels)))
