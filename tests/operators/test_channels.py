"""Channel operators against plain sums, 1×1 convolutions of torch, and colorsys."""

import colorsys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pellucid.errors import UsageError
from pellucid.operators import channels
from pellucid.operators.convolution import correlate

RNG = np.random.default_rng(3)
PHOTO = RNG.integers(0, 256, (9, 11, 3), np.uint8)
numbers = st.floats(-3, 3, width=32)


def plain(image, matrix, offset):
    """One sum a pixel, in float64."""
    height, width, _ = image.shape
    out = np.zeros((height, width, len(matrix)))
    for y in range(height):
        for x in range(width):
            for i, row in enumerate(matrix):
                out[y, x, i] = (
                    sum(w * float(v) for w, v in zip(row, image[y, x], strict=True)) + offset[i]
                )
    return out


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 6).flatmap(lambda rows: arrays(np.float64, (rows, 3), elements=numbers)),
    st.floats(-50, 50),
)
def test_mixing_is_a_sum_a_pixel(matrix, offset):
    exact = plain(PHOTO[:3, :4], matrix, [offset] * len(matrix))
    floats = channels.mix(PHOTO[:3, :4].astype(np.float32), matrix, offset)
    assert floats.dtype == np.float32
    assert np.abs(floats - exact).max() < 2e-3
    doubles = channels.mix(PHOTO[:3, :4].astype(np.float64), matrix, offset)
    assert np.abs(doubles - exact).max() < 1e-9
    whole = channels.mix(PHOTO[:3, :4], matrix, offset)
    assert whole.dtype == np.uint8
    assert np.abs(whole - np.clip(exact, 0, 255)).max() < 0.5 + 1e-3


@pytest.mark.parametrize(("inputs", "outputs"), [(3, 3), (3, 1), (4, 2), (1, 4), (5, 7), (16, 9)])
def test_mixing_is_a_1x1_convolution(inputs, outputs):
    batch = RNG.standard_normal((2, inputs, 6, 5)).astype(np.float32)
    matrix, offset = RNG.standard_normal((outputs, inputs)), RNG.standard_normal(outputs)
    weights = torch.from_numpy(matrix.astype(np.float32))[:, :, None, None]
    bias = torch.from_numpy(offset.astype(np.float32))
    wanted = torch.conv2d(torch.from_numpy(batch), weights, bias)
    mixed = channels.mix(batch, matrix, offset)
    assert np.abs(mixed - wanted.numpy()).max() < 1e-5
    ours = correlate(batch, matrix[:, :, None, None], bias=offset)
    assert np.abs(mixed - ours).max() < 1e-5
    tensor = channels.mix(torch.from_numpy(batch), matrix, offset)
    assert isinstance(tensor, torch.Tensor)
    assert torch.allclose(tensor, wanted, atol=1e-5)


def test_gradients_flow_through_a_mix():
    matrix = RNG.standard_normal((2, 3))
    image = torch.rand(3, 4, 5, dtype=torch.float64, requires_grad=True)
    mixed = channels.mix(image, matrix, 0.5)
    wanted = torch.einsum("ij,jyx->iyx", torch.from_numpy(matrix), image) + 0.5
    assert torch.allclose(mixed, wanted)
    assert torch.autograd.gradcheck(lambda given: channels.mix(given, matrix, 0.5), image)


def test_photos_mixed_are_photos_correlated():
    matrix = [[0.5, 0.25, 0.25], [0, 2, -1], [1, 1, 1]]
    kernel = np.array(matrix)[:, :, None, None]
    assert np.array_equal(channels.mix(PHOTO, matrix), correlate(PHOTO, kernel))


def test_uint8_saturates_and_never_wraps():
    image = np.array([[[200, 100, 0]]], np.uint8)
    assert channels.mix(image, 2 * np.eye(3)).tolist() == [[[255, 200, 0]]]
    assert channels.mix(image, -np.eye(3)).tolist() == [[[0, 0, 0]]]
    assert channels.mix(image, np.eye(3), 0.5).tolist() == [[[200, 100, 0]]]  # halves to even
    assert channels.mix(image, np.eye(3), [1.5, 0, 300]).tolist() == [[[202, 100, 255]]]


def test_layouts_stay():
    matrix = channels.swap_matrix(0, 2)
    assert channels.mix(PHOTO, matrix).flags.c_contiguous
    assert np.array_equal(channels.mix(PHOTO, matrix), PHOTO[..., ::-1])
    assert channels.mix(PHOTO[..., 0], [[2.0]]).shape == (9, 11)
    half = torch.ones(3, 4, 5, dtype=torch.bfloat16)
    assert channels.mix(half, matrix).dtype == torch.bfloat16
    view = PHOTO[::-1, ::-2]
    view.flags.writeable = False
    assert np.array_equal(channels.mix(view, matrix), view[..., ::-1])


def test_named_operators():
    r, g, b = np.moveaxis(PHOTO.astype(int), 2, 0)
    assert np.array_equal(
        channels.add(PHOTO, "g"), np.stack([np.minimum(r + g, 255), g, np.minimum(b + g, 255)], -1)
    )
    assert np.array_equal(
        channels.add(PHOTO, "Blue", weight=-1.0),
        np.stack([np.maximum(r - b, 0), np.maximum(g - b, 0), b], -1),
    )
    assert np.array_equal(channels.keep(PHOTO, ["g"]), np.stack([0 * r, g, 0 * b], -1))
    assert np.array_equal(channels.drop(PHOTO, ["green", 0]), np.stack([0 * r, 0 * g, b], -1))
    assert np.array_equal(channels.swap(PHOTO, "r", "g"), np.stack([g, r, b], -1))
    assert np.array_equal(channels.swap(PHOTO, 1, 1), PHOTO)
    seven = RNG.random((4, 4, 7))
    assert np.array_equal(channels.swap(seven, 0, 6)[..., [6, 1, 2, 3, 4, 5, 0]], seven)


@pytest.mark.parametrize("degrees", [0, 1, 60, 120, 359.5, -90, 720, 1e6])
def test_turning_the_hue_is_that_of_colorsys(degrees):
    image = RNG.random((5, 6, 3))
    wanted = np.empty_like(image)
    for place in np.ndindex(5, 6):
        h, s, v = colorsys.rgb_to_hsv(*image[place])
        wanted[place] = colorsys.hsv_to_rgb((h + degrees / 360) % 1, s, v)
    found = channels.turn_hue(image, degrees)
    assert found.dtype == np.float64
    assert np.abs(found - wanted).max() < 2e-6
    assert np.abs(channels.turn_hue(found, -degrees) - image).max() < 2e-6


def test_turning_uint8():
    assert np.array_equal(channels.turn_hue(PHOTO, 120), PHOTO[..., [2, 0, 1]])
    assert np.array_equal(channels.turn_hue(PHOTO, 360), PHOTO)
    gray = np.repeat(PHOTO[..., :1], 3, axis=2)
    assert np.array_equal(channels.turn_hue(gray, 77), gray)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: channels.mix(PHOTO, np.eye(4)), r"a matrix with 3 columns, .* shape \(4, 4\)"),
        (lambda: channels.mix(PHOTO, [1, 2, 3]), r"shape \(3,\)"),
        (lambda: channels.mix(PHOTO, np.zeros((0, 3))), r"shape \(0, 3\)"),
        (lambda: channels.mix(PHOTO, [["a"]]), "of real numbers"),
        (lambda: channels.mix(PHOTO, np.eye(3) * np.nan), "the matrix and the offset without NaN"),
        (lambda: channels.mix(PHOTO, np.eye(3), [1, 2]), "one number or 3"),
        (lambda: channels.mix(PHOTO / np.nan, np.eye(3)), "expected image without NaN"),
        (lambda: channels.mix(PHOTO.astype(complex), np.eye(3)), "expected real numbers"),
        (lambda: channels.mix(PHOTO[:0], np.eye(3)), "expected an image with pixels"),
        (lambda: channels.add(PHOTO, "gren"), "did you mean 'green'"),
        (lambda: channels.add(PHOTO, 3), "expected a channel from 0 to 2, found 3"),
        (lambda: channels.add(PHOTO[..., :2], "g"), "names are for images with 3 channels"),
        (lambda: channels.turn_hue(PHOTO, np.nan), "expected an angle in degrees, found nan"),
        (lambda: channels.turn_hue(PHOTO[..., 0], 10), "expected image with 3 channels"),
        (lambda: channels.turn_hue(np.zeros((4, 4, 4)), 10), "alpha"),
    ],
)
def test_wrong_calls_are_refused(call, words):
    with pytest.raises(UsageError, match=words), np.errstate(all="ignore"):
        call()
