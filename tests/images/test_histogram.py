"""Histograms against np.histogram."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console

from pellucid.errors import UsageError
from pellucid.images.histogram import (
    Histogram,
    count_values,
    histogram,
    histogram_bars,
    histogram_of_plane,
    histogram_picture,
)
from pellucid.images.planes import planes_of

RNG = np.random.default_rng(4)
PHOTO = RNG.integers(0, 256, (30, 40, 3), np.uint8)


def test_uint8_has_a_bin_a_value():
    for place, each in enumerate(histogram(PHOTO[::-1, ::2])):
        wanted, edges = np.histogram(PHOTO[::-1, ::2, place], bins=256, range=(0, 256))
        assert each.counts == tuple(wanted)
        assert np.array_equal(each.edges, edges)
    assert [each.name for each in histogram(PHOTO)] == ["red", "green", "blue"]
    assert [each.name for each in histogram(PHOTO[..., 0])] == ["gray"]


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float32, st.integers(1, 30), elements=st.floats(0, 1, width=32)),
    st.integers(1, 300),
)
def test_floats_are_counted_as_numpy_counts_them(values, bins):
    [found] = histogram(values[None].astype(np.float64), bins=bins)
    assert found.counts == tuple(np.histogram(values.astype(np.float64), bins, (0, 1))[0])


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 300), st.sampled_from([(0.0, 1.0), (-128.0, 128.0), (0.0, 360.0), (-0.5, 0.5)])
)
def test_values_on_the_edges_are_in_the_bin_above(bins, ends):
    edges = np.linspace(*ends, bins + 1)
    found = count_values(edges, "x", *ends, bins)
    assert found.counts == tuple(np.histogram(edges, bins, ends)[0])
    assert sum(found.counts) == bins + 1


@pytest.mark.parametrize("model", ["rgb", "hsv", "hsl", "lab", "ycbcr", "gray"])
def test_planes_are_counted_over_their_range(model):
    for plane in planes_of(PHOTO, model):
        found = histogram_of_plane(plane)
        ends = (0, 256) if plane.values.dtype == np.uint8 else plane.range
        assert found.counts == tuple(np.histogram(plane.known.astype(float), 256, ends)[0])
        assert sum(found.counts) == PHOTO.shape[0] * PHOTO.shape[1] - (
            0 if plane.defined is None else (~plane.defined).sum()
        )


def test_as_json():
    assert Histogram("x", 0.0, 2.0, (3, 4)).to_json() == {
        "name": "x", "low": 0.0, "high": 2.0, "counts": [3, 4]
    }  # fmt: skip


def test_bars_are_as_high_as_the_counts():
    assert Histogram("x", 0, 4, (0, 8, 16, 4)).bars(4, 2) == ["  █ ", " ██▄"]
    assert Histogram("x", 0, 4, (1, 1, 2, 0)).bars(3, 1) == ["██"]  # merged two by two
    assert Histogram("x", 0, 2, (0, 0)).bars(9, 1) == ["  "]
    assert Histogram("x", 0, 2, (1, 100000)).bars(9, 1) == ["▁█"]  # what there is is seen


@pytest.mark.parametrize("width", [20, 60, 100])
def test_bars_fit_the_terminal(width):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(histogram_bars(histogram(PHOTO), width=width, height=3))
    lines = capture.get().splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "red: 256 bins, the fullest from" in text


def test_the_picture_has_a_bar_a_bin():
    levels = np.zeros((1, 256), np.uint8)
    levels[0, 128:] = 200
    levels[0, :64] = 77
    picture = histogram_picture(histogram(levels), width=24 + 512)
    bars = (picture == (70, 78, 86)).all(axis=2)[26:166]
    heights = bars.sum(axis=0)[12 : 12 + 512].reshape(256, 2)
    assert (heights[:, 0] == heights[:, 1]).all()
    assert heights[200, 0] == 140
    assert heights[77, 0] == heights[0, 0] == 70
    assert heights.sum() == 2 * 280


def test_refusals():
    with pytest.raises(UsageError, match="at least 1 bin, found 0"):
        histogram(PHOTO / 255, bins=0)
    with pytest.raises(UsageError, match="at least 280 pixels wide for 256 bins, found 200"):
        histogram_picture(histogram(PHOTO), width=200)
    with pytest.raises(UsageError, match="found none"):
        histogram_picture([])
    with pytest.raises(UsageError, match="without NaN"):
        histogram(np.full((2, 2), np.nan))
