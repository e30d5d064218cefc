"""Fields on the picture as it was read, against changing its pixels one by one."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from pellucid.capture import capture
from pellucid.data.preprocessing import Preprocessing
from pellucid.explain import receptive_field, touches, trace_picture
from pellucid.explain.sight.original import input_area, on_original
from pellucid.images.read import Picture

sides = st.integers(3, 14)


def moved_by_pixel(record: Preprocessing, shape: tuple[int, int, int]) -> np.ndarray:
    """(H, W, h, w): whether pixel (y, x) of a picture changes (y', x') of the input."""
    dark = np.zeros(shape, np.uint8)
    before = record.fit(dark).astype(int)
    found = np.zeros((*shape[:2], record.height, record.width), bool)
    for y, x in np.ndindex(shape[:2]):
        bright = dark.copy()
        bright[y, x] = 255
        found[y, x] = (record.fit(bright) != before).any(axis=2)
    return found


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.data())
def test_pixels_behind_crop_and_resize(data: st.DataObject) -> None:
    shape = (data.draw(sides), data.draw(sides), data.draw(st.sampled_from([1, 3])))
    channels = data.draw(st.sampled_from([1, 3]))
    record = Preprocessing(
        "gray" if channels == 1 else "rgb",
        data.draw(sides),
        data.draw(sides),
        (0.5,) * channels,
        (0.25,) * channels,
        data.draw(st.sampled_from(["stretch", "crop"])),
    )
    moved = moved_by_pixel(record, shape)
    picture = Picture(np.zeros(shape, np.uint8), "array", "array", bytes(16))
    trace = trace_picture(nn.Conv2d(channels, 1, 1), picture, record)
    at = (data.draw(st.integers(0, record.height - 1)), data.draw(st.integers(0, record.width - 1)))
    field = receptive_field(trace, "conv2d", at)
    assert field.input.spans() == ((at[0], at[1], at[1] + 1),)
    assert field.original is not None
    np.testing.assert_array_equal(field.original.mask, moved[:, :, *at])
    graph = capture(trace.network, (1, channels, record.height, record.width))
    area = input_area(graph, graph.nodes[1], at)
    np.testing.assert_array_equal(
        on_original(area, picture.pixels, record).mask, field.original.mask
    )
    y, x = data.draw(st.integers(0, shape[0] - 1)), data.draw(st.integers(0, shape[1] - 1))
    touched = touches(trace, (y, x))
    found = touched.layer("conv2d")
    mask = np.zeros_like(moved[y, x]) if found is None else found.area.mask
    np.testing.assert_array_equal(mask, moved[y, x])
    assert touched.of == "original"


def test_pictures_of_fields() -> None:
    pixels = np.full((20, 30, 3), 200, np.uint8)
    record = Preprocessing("gray", 10, 15, (0.5,), (0.25,))
    trace = trace_picture(nn.Conv2d(1, 2, 3), Picture(pixels, "array", "array", bytes(16)), record)
    field = receptive_field(trace, "conv2d", (0, 0))
    assert str(field).splitlines()[1] == "of the picture 6×6 (rows 0 to 5, columns 0 to 5)"
    drawn = field.picture(side=300)
    assert drawn.shape == (200, 300, 3)
    inside, outside = drawn[20:40, 20:40], drawn[80:, 80:]
    assert (inside == 200).all() and (outside < 150).all()
    assert (drawn[:60, 0] == (255, 140, 0)).all()  # the outline
    seen = touches(trace, (0, 0))
    assert seen.picture(width=600).shape[1] == 600
    assert touches(trace, (3, 3), "input").of == "input"
    assert list(seen.to_frame()["layer"]) == ["pixels", "recolor", "resize", "normalise", "conv2d"]


@pytest.mark.parametrize("height", [4, 40])
def test_small_spots_are_drawn_on_small_and_large_maps(height: int) -> None:
    trace = trace_picture(
        nn.Conv2d(1, 1, 1),
        Picture(np.zeros((height, height, 1), np.uint8), "array", "array", bytes(16)),
        Preprocessing("gray", 300, 300, (0.5,), (0.25,)),
    )
    drawn = touches(trace, (1, 1)).picture()
    assert (drawn == (255, 140, 0)).all(axis=2).sum() > 20
    assert torch.is_grad_enabled()
