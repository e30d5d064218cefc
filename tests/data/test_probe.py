"""The quick look before planning."""

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.data.probe import probe, spread
from pellucid.errors import DataError, ImageError


def test_a_probe_of_everything(make_catalogue, mixed_images):
    found = probe(make_catalogue(mixed_images))
    good = [image for image in mixed_images if not isinstance(image, ImageError)]
    assert (found.tried, found.decoded) == (60, 58)
    assert found.height == round(statistics.median(len(image) for image in good))
    assert found.width == round(statistics.median(image.shape[1] for image in good))
    assert found.colored
    assert not found.alike
    assert found.seconds > 0


def test_gray_pixels_in_a_colour_file_are_not_coloured(make_catalogue):
    found = probe(make_catalogue([np.full((5, 5, 3), 9, np.uint8)] * 2))
    assert not found.colored
    assert found.alike


def test_only_so_many_are_read(make_catalogue):
    catalogue = make_catalogue([np.zeros((2, 3, 1), np.uint8)] * 100)
    assert probe(catalogue, 10).tried == 10
    assert catalogue.source.loads <= 11


def test_seconds_are_those_of_one_image(make_catalogue, monkeypatch):
    ticks = iter(range(0, 1000, 1))
    monkeypatch.setattr("time.perf_counter", lambda: next(ticks) * 0.25)
    assert probe(make_catalogue([np.zeros((2, 3, 1), np.uint8)] * 4)).seconds == 0.25


def test_no_image_can_be_decoded(make_catalogue):
    images = [ImageError(f"a/{index}.png: it ends early.", "truncated") for index in range(3)]
    with pytest.raises(DataError, match=r"none of the 3 images tried .* a/0\.png: it ends early"):
        probe(make_catalogue(images))


@given(st.integers(1, 10**7), st.integers(1, 300))
def test_spread_is_even_and_without_repeats(total, count):
    indices = spread(total, count)
    assert len(indices) == min(total, count)
    assert indices[0] == 0
    assert count == 1 or indices[-1] == total - 1
    gaps = np.diff(indices)
    assert gaps.size == 0 or (gaps.min() >= 1 and np.ptp(gaps) <= 1)
