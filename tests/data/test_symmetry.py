"""The mirror test on data whose answer is known."""

import numpy as np
from scipy.stats import binomtest

from pellucid.data.symmetry import _sign_test, mirror_test


def test_faces_that_look_both_ways_may_be_mirrored() -> None:
    rng = np.random.default_rng(0)
    blobs = rng.integers(0, 40, (300, 8, 8), dtype=np.uint8)
    labels = np.arange(300) % 2
    blobs[labels == 0, :4] += 150
    blobs[labels == 1, 4:] += 150
    assert not mirror_test(blobs, labels, rng).harmful


def test_left_and_right_may_not() -> None:
    rng = np.random.default_rng(0)
    blobs = rng.integers(0, 40, (300, 8, 8), dtype=np.uint8)
    labels = np.arange(300) % 2
    blobs[labels == 0, :, :4] += 150
    blobs[labels == 1, :, 4:] += 150
    assert mirror_test(blobs, labels, rng).harmful


def test_too_few_images_tell_nothing() -> None:
    found = mirror_test(np.zeros((2, 8, 8), np.uint8), np.arange(2), np.random.default_rng(0))
    assert not found.harmful


def test_the_sign_test_is_scipys() -> None:
    for lost, won in [(0, 0), (3, 1), (22, 5), (17, 24)]:
        if lost + won:
            expected = binomtest(lost, lost + won, alternative="greater").pvalue
            assert np.isclose(_sign_test(lost, won), expected)
