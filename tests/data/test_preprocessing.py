"""Fitting images, against an area average computed as two matrix products in float64."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import map_coordinates

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError, UsageError


def gray(height: int, width: int, resize: str = "stretch") -> Preprocessing:
    return Preprocessing("gray", height, width, (0.5,), (0.25,), resize=resize)  # type: ignore[arg-type]


def overlaps(old: int, new: int) -> NDArray[np.float64]:
    """(new, old): the share that each old cell has in each new one, for new ≤ old."""
    edges = np.arange(new + 1) * old / new
    cells = np.arange(old)
    low = np.maximum(edges[:-1, None], cells)
    high = np.minimum(edges[1:, None], cells + 1)
    return np.maximum(high - low, 0) * new / old


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40), st.integers(1, 40), st.floats(0.05, 1), st.floats(0.05, 1), st.integers(0)
)
def test_shrinking_averages_the_covered_cells(
    height: int, width: int, down: float, across: float, seed: int
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 1), np.uint8)
    new_height, new_width = max(1, int(height * down)), max(1, int(width * across))
    expected = overlaps(height, new_height) @ image[..., 0] @ overlaps(width, new_width).T
    found = gray(new_height, new_width).fit(image)[..., 0]
    assert np.abs(found - expected).max() <= 0.51 + 1e-3


def test_one_axis_shrinks_while_the_other_grows() -> None:
    """OpenCV's area filter would give up averaging here; a fine pattern shows it."""
    stripes = np.tile(np.array([0, 255], np.uint8), 50)[None, :, None].repeat(4, axis=0)
    found = gray(8, 10).fit(stripes)
    assert np.abs(found.astype(int) - 127.5).max() <= 1


def test_growing_is_linear_between_the_centres_of_cells() -> None:
    image = np.random.default_rng(2).integers(0, 256, (7, 9, 1), np.uint8)
    rows, columns = (np.arange(21) + 0.5) / 3 - 0.5, (np.arange(18) + 0.5) / 2 - 0.5
    grid = np.meshgrid(rows, columns, indexing="ij")
    expected = map_coordinates(image[..., 0].astype(float), grid, order=1, mode="nearest")
    assert np.abs(gray(21, 18).fit(image)[..., 0] - expected).max() <= 1


def test_crop_keeps_the_centre() -> None:
    image = np.zeros((10, 30, 1), np.uint8)
    image[:, 10:20] = 200
    assert (gray(5, 5, "crop").fit(image) == 200).all()


def test_gray_is_the_luma_of_pillow() -> None:
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    expected = np.asarray(Image.fromarray(image).convert("L"), int)
    assert np.abs(gray(20, 30).fit(image)[..., 0].astype(int) - expected).max() <= 1


def test_gray_images_fill_three_channels() -> None:
    record = Preprocessing("rgb", 4, 4, (0.5,) * 3, (0.5,) * 3)
    image = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    assert (record.fit(image) == image).all()


def test_tensor_is_scaled_and_normalised_in_float64_terms() -> None:
    record = Preprocessing("rgb", 2, 3, (0.1, 0.5, 0.9), (0.2, 0.3, 0.4))
    batch = np.random.default_rng(1).integers(0, 256, (5, 2, 3, 3), np.uint8)
    expected = (batch / 255 - np.array(record.mean)) / np.array(record.std)
    assert np.allclose(record.tensor(batch), expected.transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-6)


def test_json_and_back() -> None:
    record = Preprocessing("rgb", 2, 3, (0.1, 0.5, 0.9), (0.2, 0.3, 0.4), resize="crop")
    assert Preprocessing.from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize(
    "change",
    [
        {"color": "cmyk"},
        {"height": 0},
        {"mean": [0.5]},
        {"std": [1, 0, 1]},
        {"std": None},
        {"filter": "cubic"},
        {"surprise": 1},
        {"layout": "NHWC"},
        {"exif": "ignore"},
        {"scale": -1.0},
        {"height": "28"},
    ],
)
def test_a_record_of_something_else_is_refused(change: dict[str, object]) -> None:
    record = Preprocessing("rgb", 2, 3, (0.1, 0.5, 0.9), (0.2, 0.3, 0.4)).to_json()
    with pytest.raises((BundleError, UsageError)):
        Preprocessing.from_json({**record, **change})
