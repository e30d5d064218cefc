"""A class map at its three resolutions, as a picture, as plain values and as a table."""

import io
import json

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.explain import trace_image, trace_network
from pellucid.explain.maps import ClassMap, explain_class
from pellucid.explain.maps.place import Place, stretch
from pellucid.images.scale import NEGATIVE, POSITIVE


def network(weights: list[list[float]]) -> nn.Module:
    """Whose map of class k is the gray picture times weights[k][0], shrunk to a quarter."""
    layers = nn.Sequential(nn.AvgPool2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 2))
    layers[3].weight.data, layers[3].bias.data = torch.tensor(weights), torch.zeros(2)
    return layers


def explained(size: tuple[int, int] = (8, 8), resize: str = "stretch") -> ClassMap:
    """Of a picture that is black on the left and white on the right."""
    pixels = np.zeros((*size, 1), np.uint8)
    pixels[:, size[1] // 2 :] = 255
    record = Preprocessing("gray", 8, 8, (0.5,), (0.5,), resize=resize)  # type: ignore[arg-type]
    trace = trace_image(network([[3.0], [1.0]]), pixels, record, classes=("one", "two"))
    return explain_class(trace, "one", "two")


def test_three_resolutions() -> None:
    found = explained((32, 64))
    assert found.values.tolist() == [[-2, 2], [-2, 2]]
    row = [-2, -2, -1.5, -0.5, 0.5, 1.5, 2, 2]
    np.testing.assert_allclose(found.at_input, [row] * 8)
    assert found.on_picture.shape == (32, 64)
    expected = cv2.resize(found.at_input, (64, 32), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(found.on_picture, expected)


def test_outside_of_a_crop_there_is_nothing() -> None:
    found = explained((16, 40), resize="crop")
    assert found.place == Place(16, 40, 0, 12, 16, 16)
    inside = np.zeros((16, 40), bool)
    inside[:, 12:28] = True
    assert (np.isnan(found.on_picture) == ~inside).all()
    drawn = found.overlay(side=40, key=False)
    plain = (110 + 145 / 255 * found._ground(None)[..., 0]).round()
    for channel in range(3):
        assert (drawn[..., channel][~inside] == plain[~inside]).all()
    assert (drawn[inside].std(-1) > 0).any()


def test_the_overlay_is_coloured_where_the_map_is_strong_and_clear_where_it_is_zero() -> None:
    found = explained((8, 8))
    white = np.full((8, 8), 255, np.uint8)
    drawn = found.overlay(white, side=8, key=False).astype(float)
    assert drawn.shape == (8, 8, 3)
    for place, colour in (((0, 0), NEGATIVE), ((0, 7), POSITIVE)):
        np.testing.assert_allclose(drawn[place], 0.15 * 255 + 0.85 * np.array(colour), atol=1)
    clear = explain_class(trace_network(network([[0.0], [0.0]]), torch.ones(1, 1, 8, 8)), 0)
    assert (clear.overlay(side=8, key=False) == 255).all()


def test_the_scale_is_drawn_below_with_its_numbers() -> None:
    found = explained((8, 8))
    drawn, bare = found.overlay(), found.overlay(key=False)
    assert drawn.shape[1] == bare.shape[1] == 320 and drawn.shape[0] > bare.shape[0] == 320
    strip = drawn[320:].astype(int)
    assert strip[6, 0].tolist() == list(NEGATIVE) and strip[6, -1].tolist() == list(POSITIVE)
    assert (strip[14:] < 100).any()  # letters
    assert str(found.scale) == "−2 blue, 0 white, 2 orange"


def test_a_large_picture_is_drawn_no_larger_than_asked() -> None:
    found = explained((900, 1500))
    assert found.overlay(side=128, key=False).shape == (76, 128, 3)
    assert found.overlay(key=False).shape[1] == 1200


def test_maps_of_pixels_are_scaled_to_99_in_100() -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Flatten(), nn.Linear(400, 2))
    layers[1].weight.data[0, 7] = 1e3
    found = explain_class(trace_network(layers, torch.ones(1, 1, 20, 20)), 0, method="gradient")
    assert found.values.max() == 1e3 and found.scale.high < 1


def test_another_picture_of_the_same_size_may_lie_below() -> None:
    found = explained((8, 8))
    assert (found.overlay(np.full((8, 8, 3), 9, np.uint8)) != found.overlay()).any()
    with pytest.raises(UsageError, match="8×8 pixels, as the one that was explained, found 9×8"):
        found.overlay(np.zeros((9, 8), np.uint8))


def test_in_a_notebook_it_is_a_picture() -> None:
    found = explained()
    with Image.open(io.BytesIO(found._repr_png_())) as picture:
        np.testing.assert_array_equal(np.asarray(picture), found.overlay())


def test_plain_values_and_a_table() -> None:
    pytest.importorskip("pandas")
    found = explained()
    record = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert record["values"] == found.values.tolist() and record["shape"] == [2, 2]
    assert (record["target"], record["against"], record["method"]) == ("one", "two", "cam")
    assert record["difference"] == pytest.approx(0, abs=1e-6)
    assert record["place"]["height"] == 8 and record["scale"] == {"low": -2.0, "high": 2.0}
    table = found.to_frame()
    assert list(table.columns) == ["y", "x", "value"] and len(table) == 4
    assert table.set_index(["y", "x"]).loc[(0, 1), "value"] == found.values[0, 1]
    assert str(found) == found.words


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        explained().score = 1.0  # type: ignore[misc]


@settings(max_examples=50, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    seed=st.integers(0, 100),
)
def test_stretching_keeps_within_the_values(
    shape: tuple[int, int], size: tuple[int, int], seed: int
) -> None:
    plane = np.random.default_rng(seed).normal(size=shape)
    made = stretch(plane, *size)
    assert made.shape == size
    assert plane.min() - 1e-6 <= made.min() and made.max() <= plane.max() + 1e-6
    flipped = stretch(np.ascontiguousarray(plane[::-1, ::-1]), *size)[::-1, ::-1]
    np.testing.assert_allclose(flipped, made, atol=1e-5)


@settings(max_examples=50, deadline=None)
@given(
    size=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    small=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    data=st.data(),
)
def test_a_place_on_a_smaller_picture_lies_inside_it(
    size: tuple[int, int], small: tuple[int, int], data: st.DataObject
) -> None:
    top, left = (data.draw(st.integers(0, side - 1)) for side in size)
    rows, columns = (
        data.draw(st.integers(1, side - first))
        for side, first in zip(size, (top, left), strict=True)
    )
    there = Place(*size, top, left, rows, columns).at(*small)
    assert there.top >= 0 and there.top + there.rows <= small[0]
    assert there.left >= 0 and there.left + there.columns <= small[1]
    assert there.rows >= 1 and there.columns >= 1
