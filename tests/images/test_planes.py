"""Single channels: values, statistics, names and pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import circmean

from pellucid.errors import UsageError
from pellucid.images.colour import MODELS, from_rgb
from pellucid.images.planes import find_channel, plane_of, planes_of

RNG = np.random.default_rng(11)
PHOTO = RNG.integers(0, 256, (12, 15, 3), np.uint8)


@pytest.mark.parametrize("model", MODELS)
def test_planes_are_the_channels_of_the_model(model):
    planes = planes_of(PHOTO, model)
    values = from_rgb(PHOTO, model)
    assert len(planes) == len(MODELS[model].channels) == values.shape[2]
    for place, plane in enumerate(planes):
        assert np.array_equal(plane.values, values[..., place])
        assert plane.picture().shape == (12, 15, 3)
        assert plane.picture().dtype == np.uint8
        if plane.channel.unit != "°":
            numbers = plane.values.astype(float)
            wanted = (numbers.min(), numbers.mean(), numbers.max())
            assert plane.summary() == pytest.approx(wanted)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 359.9), min_size=1, max_size=12))
def test_the_mean_of_hues_is_that_of_directions(hues):
    radians = np.deg2rad(hues)
    if np.hypot(np.cos(radians).mean(), np.sin(radians).mean()) < 0.05:
        return  # they cancel: no direction to speak of
    values = np.stack([hues, np.ones(len(hues)), np.ones(len(hues))], axis=-1)[None]
    plane = plane_of(np.zeros((1, 1, 3)), "hue")
    object.__setattr__(plane, "values", values[..., 0])
    object.__setattr__(plane, "defined", None)
    gap = abs(plane.summary()[1] - circmean(hues, high=360)) % 360
    assert min(gap, 360 - gap) < 1e-3


def test_grays_have_no_hue_to_count():
    image = np.array([[[255, 0, 0], [7, 7, 7], [0, 0, 255]]], np.uint8)
    hue = plane_of(image, "hue")
    assert hue.known.tolist() == [0, 240]
    assert hue.summary() == pytest.approx((0, 300, 240))
    assert hue.picture().tolist() == [[[255, 0, 0], [128, 128, 128], [0, 0, 255]]]
    assert plane_of(image[:, 1:2], "hue").summary() is None


def test_pictures_of_signed_channels_have_white_at_zero():
    image = np.array([[[0, 0, 255], [9, 9, 9], [255, 255, 0]]], np.uint8)
    blue = plane_of(image, "Cb")
    assert blue.key == "−0.5 blue, 0 white, 0.5 orange"
    assert blue.picture()[0].tolist() == [[179, 71, 15], [247, 247, 247], [20, 99, 158]]
    gray = plane_of(image[:, 1:2], "a*")
    assert gray.picture().shape == (1, 1, 3)


def test_pictures_of_other_channels_go_from_black_to_white():
    assert np.array_equal(plane_of(PHOTO, "green").picture(), PHOTO[..., 1:2].repeat(3, axis=2))
    saturation = plane_of(PHOTO, "saturation")
    expected = np.rint(saturation.values * 255)
    assert np.abs(saturation.picture()[..., 0] - expected).max() <= 1
    assert saturation.key == "0 black, 1 white"


@pytest.mark.parametrize(
    ("name", "model", "home", "place"),
    [
        ("saturation", None, "hsv", 1),
        ("Saturation", "hsl", "hsl", 1),
        ("b", None, "rgb", 2),
        ("b", "lab", "lab", 2),
        ("lightness", None, "hsl", 2),
        ("l", None, "hsl", 2),
        ("L*", None, "lab", 0),
        ("cr", None, "ycbcr", 2),
        ("y", None, "ycbcr", 0),
        ("gray", None, "gray", 0),
    ],
)
def test_channels_are_found_by_name(name, model, home, place):
    found, index = find_channel(name, model)
    assert (found.name, index) == (home, place)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plane_of(PHOTO, "saturaton"), "did you mean 'saturation'"),
        (lambda: plane_of(PHOTO, "red", "hsv"), "unknown channel of hsv 'red'"),
        (lambda: planes_of(PHOTO, "hvs"), "did you mean 'hsv'"),
        (lambda: planes_of(np.zeros((2, 2, 4)), "hsv"), "alpha"),
    ],
)
def test_unknown_names_are_refused(call, words):
    with pytest.raises(UsageError, match=words):
        call()
