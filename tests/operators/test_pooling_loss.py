"""What pooling keeps and loses, against OpenCV, NumPy and the definitions."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from pellucid.errors import UsageError
from pellucid.geometry import Axis
from pellucid.operators.pooling import KINDS, pool
from pellucid.operators.pooling_cells import nearest_window
from pellucid.operators.pooling_loss import pooling_loss

PHOTO = data.astronaut()[:240, :320]


@pytest.mark.parametrize("kind", ["max", "min", "average", "last", "first"])
def test_numbers_are_those_of_the_definitions(kind):
    found = pooling_loss(PHOTO, kind, 4)
    assert np.array_equal(found.pooled, pool(PHOTO, kind, 4))
    exact = pool(PHOTO.astype(np.float64), kind, 4)
    enlarged = cv2.resize(exact, (320, 240), interpolation=cv2.INTER_NEAREST)
    np.testing.assert_allclose(found.enlarged, enlarged)
    np.testing.assert_allclose(found.lost, PHOTO - enlarged)
    assert found.rms == pytest.approx(np.sqrt(np.mean((PHOTO - enlarged) ** 2)))
    kept = 1 - np.mean((PHOTO - enlarged) ** 2) / PHOTO.var(axis=(0, 1)).mean()
    assert found.energy_kept == pytest.approx(kept)
    assert found.cells_kept == 1 / 16


def test_the_average_keeps_the_most():
    kept = {kind: pooling_loss(PHOTO, kind, 8).energy_kept for kind in KINDS}
    assert max(kept, key=kept.get) in ("average", "sum")  # a sum, divided, is the average
    assert kept["average"] == pytest.approx(kept["sum"])
    assert all(kept["average"] > value for kind, value in kept.items() if kind not in
               ("average", "sum"))  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_even_picture_loses_nothing(kind):
    found = pooling_loss(np.full((9, 10, 3), 7.0), kind, 4, stride=3, padding=1, ceil=True)
    assert found.rms < 1e-12 and found.enlarged == pytest.approx(7)


def test_window_one_loses_nothing():
    found = pooling_loss(PHOTO, "max", 1)
    assert (found.rms, found.energy_kept, found.cells_kept) == (0, 1, 1)


@settings(max_examples=100, deadline=None)
@given(
    length=st.integers(1, 20),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 5),
    before=st.integers(0, 2),
)
def test_nearest_window_is_that_of_the_nearest_centre(length, kernel, stride, before):
    axis = Axis(length, kernel, stride, before=before, after=2)
    if not axis.output:
        return
    centres = np.array([np.mean(axis.positions(i)) for i in range(axis.output)])
    for cell, found in enumerate(nearest_window(axis)):
        distances = np.abs(centres - cell)
        assert distances[found] == distances.min()


@pytest.mark.parametrize("shape", [(40, 30), (40, 30, 3), (40, 30, 1), (40, 30, 2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_notebook_is_shown_three_pictures(shape, dtype):
    picture = (np.random.default_rng(0).random(shape) * 200).astype(dtype)
    found = pooling_loss(picture, "max", 5)
    png = cv2.imdecode(np.frombuffer(found._repr_png_(), np.uint8), cv2.IMREAD_UNCHANGED)
    assert png.shape[:2] == (40, 90)
    if shape == (40, 30, 3) and dtype == np.uint8:
        assert np.array_equal(png[:, :30, ::-1], picture)
        gray = png[:, 60:, ::-1]
        np.testing.assert_allclose(gray, 127.5 + found.lost / 2, atol=0.51)
    assert "max pooling" in str(found)


@pytest.mark.parametrize(
    ("picture", "words"),
    [(np.zeros((1, 3, 8, 8)), "one picture"), (np.full((4, 4), np.nan), "finite")],
)
def test_wrong_calls(picture, words):
    with pytest.raises(UsageError, match=words):
        pooling_loss(picture, "max", 2)
