"""The colour models against colorsys, scikit-image, OpenCV, Pillow and plain float64 formulas."""

import colorsys
from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from skimage import color

from pellucid.errors import UsageError
from pellucid.images import colour

RNG = np.random.default_rng(7)
#: Every combination of 18 levels, the extremes and their neighbours among them.
LEVELS = [0, 1, 2, 16, 31, 50, 64, 85, 100, 127, 128, 150, 170, 200, 220, 253, 254, 255]
LATTICE = np.array(list(product(LEVELS, repeat=3)), np.uint8).reshape(18, -1, 3)
NOISE = RNG.random((40, 50, 3)).astype(np.float32)
MODELS = ("hsv", "hsl", "lab", "ycbcr")
#: Of a round trip of floats, as the docstrings state them.
TRIP = {"hsv": 1e-6, "hsl": 1e-6, "lab": 2e-5, "ycbcr": 1e-6}

unit = st.floats(0, 1, width=32)
pixel = st.tuples(unit, unit, unit)


def one(*values: float) -> np.ndarray:
    return np.array([[values]], np.float32)


def turned_apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Degrees between two hues, the short way round."""
    gap = np.abs(first - second) % 360
    return np.minimum(gap, 360 - gap)


def by_colorsys(image: np.ndarray, way) -> np.ndarray:
    floats = image.reshape(-1, 3) / 255 if image.dtype == np.uint8 else image.reshape(-1, 3)
    return np.array([way(*map(float, each)) for each in floats]).reshape(image.shape)


def lab_in_float64(image: np.ndarray) -> np.ndarray:
    """CIE 15:2004 with the primaries and the white point of IEC 61966-2-1, computed afresh."""
    v = image.astype(np.float64) / (255 if image.dtype == np.uint8 else 1)
    light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    x, y = np.array([0.64, 0.30, 0.15]), np.array([0.33, 0.60, 0.06])
    columns = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    xyz = light @ (columns @ np.diag(np.linalg.inv(columns) @ white)).T / white
    f = np.where(xyz > 216 / 24389, xyz ** (1 / 3), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    )


@pytest.mark.parametrize("image", [LATTICE, NOISE, NOISE**8])
def test_hsv_is_that_of_colorsys(image):
    found, wanted = colour.rgb_to_hsv(image), by_colorsys(image, colorsys.rgb_to_hsv)
    assert turned_apart(found[..., 0], wanted[..., 0] * 360).max() < 5e-5
    assert np.abs(found[..., 1:] - wanted[..., 1:]).max() < 5e-7


@pytest.mark.parametrize("image", [LATTICE, NOISE, NOISE**8, 1 - NOISE**8])
def test_hsl_is_that_of_colorsys(image):
    found, wanted = colour.rgb_to_hsl(image), by_colorsys(image, colorsys.rgb_to_hls)
    assert turned_apart(found[..., 0], wanted[..., 0] * 360).max() < 5e-4
    assert np.abs(found[..., 2] - wanted[..., 1]).max() < 5e-7
    assert np.abs(found[..., 1] - wanted[..., 2]).max() < 2e-5


def test_hsv_is_that_of_scikit_image_and_opencv():
    found = colour.rgb_to_hsv(LATTICE)
    wanted = color.rgb2hsv(LATTICE)
    assert turned_apart(found[..., 0], wanted[..., 0] * 360).max() < 5e-5
    assert np.abs(found[..., 1:] - wanted[..., 1:]).max() < 5e-7
    bytes_ = cv2.cvtColor(LATTICE, cv2.COLOR_RGB2HSV).astype(float)
    assert turned_apart(found[..., 0], bytes_[..., 0] * 2).max() < 1.2  # 8 bits
    assert np.abs(found[..., 1:] * 255 - bytes_[..., 1:]).max() <= 0.51


@pytest.mark.parametrize("image", [LATTICE, NOISE, NOISE**8])
def test_lab_is_the_formula_in_float64(image):
    assert np.abs(colour.rgb_to_lab(image) - lab_in_float64(image)).max() < 1e-3


def test_lab_is_near_that_of_scikit_image_and_opencv():
    found = colour.rgb_to_lab(LATTICE)
    assert np.abs(found - color.rgb2lab(LATTICE)).max() < 0.02  # its matrix is rounded
    bytes_ = cv2.cvtColor(LATTICE, cv2.COLOR_RGB2Lab) * [100 / 255, 1, 1] - [0, 128, 128]
    assert np.abs(found - bytes_).max() < 2  # 8 bits, and a table


@pytest.mark.parametrize(
    ("rgb", "lab"),  # published: Lindbloom's calculator, sRGB, D65
    [
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_the_primaries(rgb, lab):
    assert np.abs(colour.rgb_to_lab(one(*rgb)) - lab).max() < 0.02


def test_ycbcr_is_that_of_jpeg():
    found = colour.rgb_to_ycbcr(LATTICE) * 255 + [0, 128, 128]
    pillow = np.asarray(Image.fromarray(LATTICE).convert("YCbCr"), float)
    assert np.abs(found - pillow).max() < 1.01  # it cuts the fraction off
    swapped = cv2.cvtColor(LATTICE, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]
    assert np.abs(np.clip(found, 0, 255) - swapped).max() < 0.9  # it rounds Y before B − Y
    r, g, b = np.moveaxis(LATTICE.astype(float), 2, 0)
    exact = [  # the equations of ITU-T T.871, section 7
        0.299 * r + 0.587 * g + 0.114 * b,
        (-0.299 * r - 0.587 * g + 0.886 * b) / 1.772 + 128,
        (0.701 * r - 0.587 * g - 0.114 * b) / 1.402 + 128,
    ]
    assert np.abs(found - np.stack(exact, -1)).max() < 1e-4


def test_gray_is_that_of_opencv_and_pillow():
    found = colour.rgb_to_gray(LATTICE)[..., 0]
    assert np.array_equal(found, cv2.cvtColor(LATTICE, cv2.COLOR_RGB2GRAY))
    pillow = np.asarray(Image.fromarray(LATTICE).convert("L"), int)
    assert np.abs(found - pillow).max() <= 1
    assert np.abs(found - LATTICE @ np.array([0.299, 0.587, 0.114])).max() < 0.51
    assert np.abs(colour.rgb_to_gray(NOISE)[..., 0] - NOISE @ [0.299, 0.587, 0.114]).max() < 1e-6


def test_gray_by_light_keeps_the_luminance():
    luminance = color.rgb2xyz(NOISE.astype(np.float64))[..., 1]
    gray = np.repeat(colour.rgb_to_gray(NOISE.astype(np.float64), light=True), 3, axis=2)
    assert gray.dtype == np.float64
    assert np.abs(color.rgb2xyz(gray)[..., 1] - luminance).max() < 5e-5


@pytest.mark.parametrize("model", MODELS)
def test_every_uint8_colour_comes_back(model):
    some = RNG.integers(0, 256, (200, 300, 3), np.uint8)
    near_gray = np.clip(np.arange(256)[:, None, None] + RNG.integers(-1, 2, (256, 40, 3)), 0, 255)
    for image in (LATTICE, some, near_gray.astype(np.uint8)):
        back = colour.to_rgb(colour.from_rgb(image, model), model, dtype=np.uint8)
        assert back.dtype == np.uint8
        assert np.array_equal(back, image)


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=60, deadline=None)
@given(image=arrays(np.float32, (2, 3, 3), elements=unit))
def test_floats_come_back(model, image):
    back = colour.to_rgb(colour.from_rgb(image, model), model)
    assert np.abs(back - image).max() <= TRIP[model]


@settings(max_examples=60, deadline=None)
@given(pixel)
def test_values_stay_within_the_ranges_that_are_stated(values):
    for model in colour.MODELS.values():
        found = colour.from_rgb(one(*values), model.name)
        for place, channel in enumerate(model.channels):
            assert channel.low <= found[0, 0, place] <= channel.high
            assert channel.unit != "°" or found[0, 0, place] < channel.high


@settings(max_examples=60, deadline=None)
@given(pixel)
def test_swapping_colours_around_turns_the_hue(values):
    r, g, b = values
    hue, saturation, value = colour.rgb_to_hsv(one(r, g, b))[0, 0]
    moved = colour.rgb_to_hsv(one(b, r, g))[0, 0]
    assert moved[1:].tolist() == pytest.approx([saturation, value], abs=1e-6)
    if saturation > 1e-3 and value > 1e-30:  # float32 has few digits below 1e-38
        assert turned_apart(moved[0], hue + 120) < 1e-3


@pytest.mark.parametrize("level", [0.0, 1e-30, 0.1, 0.5, 1.0])
def test_grays_have_no_colour(level):
    gray = one(level, level, level)
    assert colour.rgb_to_hsv(gray).tolist() == [[[0, 0, np.float32(level)]]]
    assert colour.rgb_to_hsl(gray).tolist() == [[[0, 0, np.float32(level)]]]
    assert np.abs(colour.rgb_to_lab(gray)[..., 1:]).max() < 1e-4
    assert np.abs(colour.rgb_to_ycbcr(gray)[..., 1:]).max() < 1e-7


def test_hue_a_hair_below_0_is_0():
    """In float32 it would round to 360, which is no hue."""
    hair = np.nextafter(np.float32(0.5), np.float32(1))
    assert colour.rgb_to_hsv(one(1, 0.5, hair))[0, 0, 0] == 0
    assert colour.rgb_to_hsl(one(1, 0.5, hair))[0, 0, 0] == 0


def test_faint_colours_keep_their_hue():
    """OpenCV alone gives a hue near 0 here."""
    found = colour.rgb_to_hsv(one(0, 1e-9, 0))[0, 0]
    assert found[:2].tolist() == [120, 1]


@pytest.mark.parametrize("back", [colour.hsv_to_rgb, colour.hsl_to_rgb])
def test_hues_repeat_every_360_degrees(back):
    values = np.array([[[20, 0.5, 0.4]]], np.float32)
    for turns in (-2, -1, 1, 3):
        again = values + np.array([360 * turns, 0, 0], np.float32)
        assert np.abs(back(again) - back(values)).max() < 1e-6
    assert np.array_equal(back([[[360, 1, 0.5]]]), back([[[0, 1, 0.5]]]))


def test_the_values_given_are_not_changed():
    values = np.array([[[-20, 0.5, 0.4]]], np.float32)
    colour.hsv_to_rgb(values)
    assert values.tolist() == [[[-20, 0.5, np.float32(0.4)]]]


def test_colours_outside_rgb_are_clipped():
    assert colour.lab_to_rgb([[[50, 128, -128]]], dtype=np.uint8)[0, 0, 1] == 0
    assert colour.ycbcr_to_rgb([[[1, 0.5, 0.5]]]).max() == 1


@pytest.mark.parametrize("model", [*MODELS, "gray"])
def test_any_strides_and_read_only(model):
    image = RNG.integers(0, 256, (12, 14, 3), np.uint8)
    view = image[::-1, ::2, ::-1]
    view.flags.writeable = False
    assert np.array_equal(colour.from_rgb(view, model), colour.from_rgb(view.copy(), model))


def test_one_channel_counts_as_gray():
    gray = RNG.integers(0, 256, (5, 4), np.uint8)
    assert np.array_equal(colour.rgb_to_gray(gray)[..., 0], gray)
    assert np.array_equal(colour.rgb_to_hsv(gray), colour.rgb_to_hsv(np.stack([gray] * 3, -1)))
    assert np.array_equal(colour.gray_to_rgb(gray), np.stack([gray] * 3, -1))


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((4, 4, 4)), r"drop the alpha channel first, image\[..., :3\]"),
        (np.zeros((4, 4, 2)), r"alpha channel first, image\[..., :1\]"),
        (np.zeros((3, 8, 8)), "channels come first"),
        (np.zeros((8, 8, 7)), "expected image with 1 or 3 channels"),
        (np.zeros((0, 4, 3)), "expected image with pixels"),
        (np.zeros(3), "found 1 axes"),
        (np.full((2, 2, 3), np.nan), r"found 12 such values, the first at \[0, 0, 0\]"),
        (np.full((2, 2, 3), np.inf), "without NaN or infinity"),
        (np.full((2, 2, 3), 1.5), "floats from 0 to 1, found 1.5 to 1.5"),
        (np.full((2, 2, 3), -0.1), "floats from 0 to 1"),
        (np.zeros((2, 2, 3), np.uint16), "found uint16"),
        (np.zeros((2, 2, 3), complex), "found complex128"),
        ([[1, 2], [3]], "expected image as an array"),
        ("photo.png", "expected image as an array H×W or H×W×C, found 0 axes"),
    ],
)
def test_what_is_no_image_is_refused(image, words):
    for model in (*MODELS, "gray", "rgb"):
        with pytest.raises(UsageError, match=words):
            colour.from_rgb(image, model)


@pytest.mark.parametrize(
    ("values", "model", "words"),
    [
        ([[[0, 128, 255]]], "hsv", "expected the saturation of HSV from 0 to 1, found 128 to 128"),
        ([[[0, 0.5, -1]]], "hsl", "expected the lightness of HSL from 0 to 1"),
        ([[[101, 0, 0]]], "lab", "expected the L of Lab from 0 to 100"),
        ([[[0.5, 128, 128]]], "ycbcr", "expected the Cb of YCbCr from -0.5 to 0.5"),
        ([[[np.nan, 0, 0]]], "hsv", "without NaN"),
        ([[0.5]], "lab", "expected Lab values with 3 channels"),
        ([[[0.5, 0.5, 0.5]]], "gray", "expected image with 1 channels"),
    ],
)
def test_values_of_another_model_are_refused(values, model, words):
    with pytest.raises(UsageError, match=words):
        colour.to_rgb(values, model)


def test_unknown_names_and_types():
    with pytest.raises(UsageError, match="did you mean 'hsv'"):
        colour.from_rgb(NOISE, "hvs")
    for model in colour.MODELS:
        with pytest.raises(UsageError, match="uint8, float32 or float64, found int64"):
            colour.to_rgb(colour.from_rgb(NOISE, model), model, dtype=np.int64)


@pytest.mark.parametrize("model", colour.MODELS)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_the_way_back_gives_the_type_that_is_asked(model, dtype):
    image = RNG.integers(0, 256, (3, 4, 3), np.uint8)
    assert colour.to_rgb(colour.from_rgb(image, model), model, dtype=dtype).dtype == dtype
