"""Kernels applied to images for the eye, and drawn."""

import cv2
import numpy as np
import pytest
import scipy.ndimage as nd
from skimage import data

from pellucid.errors import UsageError
from pellucid.images.colour import rgb_to_ycbcr
from pellucid.operators.kernels import Kernel, gabor_bank, kernel, label, names, read_kernel
from pellucid.operators.kernels.apply import apply_kernel
from pellucid.operators.kernels.picture import (
    card_picture,
    picture,
    response_picture,
    weights_picture,
)

CAT = data.chelsea()[::3, ::3]


def test_each_channel_is_filtered_alone():
    applied = apply_kernel(CAT, kernel("gaussian", 2))
    for channel in range(3):
        wanted = nd.gaussian_filter(CAT[..., channel].astype(float), 2, mode="mirror")
        assert np.abs(applied.pixels[..., channel] - wanted).max() <= 0.501
    assert applied.note == ""
    assert applied.way and applied.why


def test_what_is_beyond_the_range_is_cut_off_and_counted():
    applied = apply_kernel(CAT, kernel("sharpen", 3))
    sums = CAT - 3 * np.stack([nd.laplace(CAT[..., c].astype(float), mode="mirror")
                               for c in range(3)], axis=2)  # fmt: skip
    assert np.array_equal(applied.pixels, np.rint(np.clip(sums, 0, 255)))
    share = np.mean((sums < -0.5) | (sums > 255.5))
    assert applied.note == f"{share:.1%} of the values cut off at 0 or 255"


def test_a_kernel_that_sums_to_zero_is_shown_signed():
    applied = apply_kernel(CAT, kernel("sobel_x"))
    sums = np.stack([nd.sobel(CAT[..., c].astype(float), axis=1, mode="mirror")
                     for c in range(3)], axis=2)  # fmt: skip
    most = np.quantile(np.abs(sums), 0.995)
    wanted = np.rint(np.clip(127.5 + 127.5 * sums / most, 0, 255))
    assert np.abs(applied.pixels - wanted).max() <= 1
    assert (applied.pixels[sums == 0] == 128).all()
    assert applied.note == f"gray is 0, black −{most:.4g}, white {most:.4g}"
    cut = apply_kernel(CAT, kernel("sobel_x"), signed="saturate")
    assert np.array_equal(cut.pixels, np.clip(sums, 0, 255))
    forced = apply_kernel(CAT, kernel("box"), signed="gray")
    assert forced.pixels.min() >= 128


def test_flip_is_true_convolution():
    plain, turned = (apply_kernel(CAT, kernel("emboss"), flip=flip).pixels for flip in (0, 1))
    again = cv2.filter2D(CAT, -1, kernel("emboss").weights[::-1, ::-1],
                         borderType=cv2.BORDER_REFLECT_101)  # fmt: skip
    assert np.array_equal(turned, again) and not np.array_equal(turned, plain)


def test_luminance_keeps_the_colours():
    applied = apply_kernel(CAT, kernel("gaussian", 1), luminance=True)
    before, after = rgb_to_ycbcr(CAT), rgb_to_ycbcr(applied.pixels)
    wanted = nd.gaussian_filter(before[..., 0].astype(float), 1, mode="mirror")
    inside = ((applied.pixels > 0) & (applied.pixels < 255)).all(axis=2)
    assert inside.mean() > 0.9
    assert np.abs(after[..., 0] - wanted)[inside].max() < 0.004  # rounding to uint8
    assert np.abs(after[..., 1:] - before[..., 1:])[inside].max() < 0.004
    signed = apply_kernel(CAT, kernel("sobel_x"), luminance=True)
    assert signed.pixels.shape == (*CAT.shape[:2], 1)
    most = np.quantile(np.abs(nd.sobel(255.0 * before[..., 0], axis=1, mode="mirror")), 0.995)
    assert f"white {most:.3g}" in signed.note or f"white {most:.4g}" in signed.note


@pytest.mark.parametrize("options", [
    {"padding": "valid"}, {"stride": 3}, {"padding": 4, "dilation": 2}, {"mode": "zeros"},
])  # fmt: skip
def test_luminance_and_colours_stay_together_whatever_the_window(options):
    # The identity leaves every pixel: so colours come from where the brightness does.
    made = apply_kernel(CAT, kernel("identity", 5), luminance=True, **options)
    wanted = apply_kernel(CAT, kernel("identity", 5), **options)
    assert np.array_equal(made.pixels, wanted.pixels)


def test_gray_and_floats():
    gray = CAT[..., :1]
    assert apply_kernel(gray, kernel("box"), luminance=True).pixels.shape == gray.shape
    floats = apply_kernel(gray / 255, kernel("box")).pixels
    assert np.array_equal(floats, apply_kernel(gray, kernel("box")).pixels)
    with pytest.raises(UsageError, match="kernel that fits"):
        apply_kernel(gray, kernel("box", 301), padding="valid")


@pytest.mark.parametrize("name", names())
def test_every_kernel_has_its_pictures(name):
    made = kernel(name)
    drawn = picture(made)
    assert drawn.dtype == np.uint8 and drawn.shape[1:] == (820, 3) and drawn.std() > 0
    assert made._repr_png_().startswith(b"\x89PNG")


def test_weights_are_drawn_by_sign():
    drawn = weights_picture(np.array([[-3.0, 0.0, 3.0]]), 90)
    assert drawn.shape == (30, 90, 3)
    left, middle, right = (drawn[3, x].astype(int) for x in (4, 34, 64))
    assert left[2] > left[0] + 50 and right[0] > right[2] + 50 and middle.min() > 240
    numbered = weights_picture(np.array([[-3.0, 0.0, 3.0]]), 300)
    assert len(np.unique(numbered[5:95, 5:95].reshape(-1, 3), axis=0)) > 3  # a number is there


def test_the_response_picture_is_the_magnitude():
    drawn, caption = response_picture(kernel("box"))
    gain = np.abs(kernel("box").response(128))
    assert np.abs(drawn[..., 0] - np.rint(255 * gain)).max() <= 1
    assert caption == "response |H|: 0 black, 1 white"


def test_cards():
    card = card_picture(kernel("sharpen"), CAT)
    assert card.shape[1] == 820 and card.shape[0] > 700
    nothing = Kernel("nothing", [[0.0, 0.0]])
    assert card_picture(nothing).shape[1] == 820


def test_labels_leave_out_what_is_default():
    assert label(kernel("gaussian", sigma=2)) == "gaussian:sigma=2"
    assert label(kernel("gabor")) == "gabor"
    odd = kernel("gabor", 8, 30, sigma=2)
    assert label(odd) == odd.text  # else its sigma would be lost
    assert label(read_kernel("1 2")) == "1 2"
    for each in (*gabor_bank(3), *map(kernel, names())):
        assert np.array_equal(read_kernel(label(each)).weights, each.weights)
