"""Contact sheets, pictures in the terminal, and arrays of numbers as pictures."""

from io import BytesIO, TextIOWrapper

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from pellucid.errors import UsageError
from pellucid.images.crop import Crop
from pellucid.images.fit import fit
from pellucid.images.grid import grid_of
from pellucid.images.histogram import histogram, histogram_picture
from pellucid.images.planes import plane_of
from pellucid.images.scale import NEGATIVE, POSITIVE, ZERO, Scale, scale_of, shades
from pellucid.images.sheet import contact_sheet
from pellucid.images.show import show
from pellucid.images.terminal import terminal_picture

RNG = np.random.default_rng(5)
RGB = RNG.integers(0, 256, (13, 17, 3), np.uint8)


def printed(picture, *, colour=None, width=80, encoding="utf-8"):
    """What a console of some width prints."""
    stream = BytesIO()
    text = TextIOWrapper(stream, encoding=encoding, write_through=True)
    console = Console(
        file=text, color_system=colour, width=width, force_terminal=colour is not None
    )
    console.print(picture)
    return stream.getvalue().decode(encoding)


@settings(max_examples=60, deadline=None)
@given(*[st.integers(1, 90)] * 4)
def test_fit_fills_the_box_and_keeps_the_ratio(height, width, high, wide):
    found = fit(np.zeros((height, width, 3), np.uint8), high, wide)
    assert found.shape[0] <= high
    assert found.shape[1] <= wide
    share = min(high / height, wide / width)
    if share >= 1:
        assert found.shape[:2] == (height * int(share), width * int(share))
    else:
        exact = np.maximum(1, [height * share, width * share])
        assert np.abs(np.array(found.shape[:2]) - exact).max() < 1


def test_fit_enlarges_squares_and_reduces_by_averages():
    large = fit(RGB, 40, 40)
    assert np.array_equal(large, cv2.resize(RGB, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST))
    small = fit(np.repeat(np.repeat(RGB, 4, axis=0), 4, axis=1), 13, 17)
    assert np.array_equal(small, RGB)
    means = fit(RGB[:12, :16], 6, 8).astype(float)
    blocks = RGB[:12, :16].reshape(6, 2, 8, 2, 3).mean(axis=(1, 3))
    assert np.abs(means - blocks).max() <= 0.5


def test_a_sheet_holds_every_picture():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (90, 90, 0), (0, 90, 90)]
    flat = [(f"n{i}", np.full((20, 30, 3), each, np.uint8)) for i, each in enumerate(colours)]
    sheet = contact_sheet(flat, columns=2, width=300)
    assert sheet.shape[1:] == (300, 3)
    places = []
    for each in colours:
        rows, columns = np.nonzero((sheet == each).all(axis=2))
        assert len(rows) == 20 * 30 * 16  # four times as large: 120 fits the column of 132
        places.append((rows.min(), columns.min()))
    assert places == sorted(places)
    assert len({y for y, _ in places}) == 3
    assert np.array_equal(contact_sheet(flat[:1], columns=9, width=300).shape[1:], (300, 3))


def test_captions_are_drawn_and_cut_to_their_column():
    def ink(caption):
        sheet = contact_sheet([(caption, np.full((5, 5), 255, np.uint8))], width=120)
        return (sheet[-36:] < 100).all(axis=2)

    assert not ink("").any()
    assert ink("photo").any()
    long = ink("a very long caption that goes on and on")
    assert long.any()
    assert not long[:, :12].any()
    assert not long[:, -12:].any()
    assert ink("two\nlines \x1b[31m кот").any()


def test_sheets_that_cannot_be():
    with pytest.raises(UsageError, match="found none"):
        contact_sheet([])
    with pytest.raises(UsageError, match="at least 1 column"):
        contact_sheet([("a", RGB)], columns=0)
    with pytest.raises(UsageError, match="at least 100 pixels wide for 2 columns, found 60"):
        contact_sheet([("a", RGB)] * 2, columns=2, width=60)
    with pytest.raises(UsageError, match="expected picture 'b' with 1 or 3 channels"):
        contact_sheet([("a", RGB), ("b", np.zeros((4, 4, 4)))])


def test_terminal_pictures_have_two_pixels_a_character():
    image = np.array([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]], [[13, 14, 15]] * 2])
    found = printed(terminal_picture(image.astype(np.uint8), 2), colour="truecolor")
    assert found == (
        "\x1b[38;2;1;2;3;48;2;7;8;9m▀\x1b[0m\x1b[38;2;4;5;6;48;2;10;11;12m▀\x1b[0m\n"
        "\x1b[38;2;13;14;15m▀\x1b[0m\x1b[38;2;13;14;15m▀\x1b[0m\n"
    )


@pytest.mark.parametrize("columns", [10, 60, 100])
def test_terminal_pictures_are_never_too_wide(columns):
    for colour in (None, "truecolor", "256", "standard"):
        found = printed(terminal_picture(np.zeros((50, 300)), 80), colour=colour, width=columns)
        assert "…" not in found
        rows = found.splitlines()
        bare = [row.count("▀") if colour else len(row) for row in rows]
        assert set(bare) == {min(columns, 80)}
        assert abs(len(rows) - min(columns, 80) / 12) < 1.1


def test_without_colour_more_light_is_more_ink():
    ramp = np.repeat(np.linspace(0, 1, 5)[None], 2, axis=0)
    assert printed(terminal_picture(ramp, 5)) == " ░▒▓█\n"
    ten = np.repeat(np.linspace(0, 1, 10)[None], 3, axis=0)
    assert printed(terminal_picture(ten, 10), encoding="ascii") == " .:-=+*#%@\n" * 2


def test_scales_have_zero_where_they_say():
    assert scale_of(RGB) == Scale(0, 255)
    assert scale_of(np.array([0.2, 1.0])) == Scale(0, 1)
    assert scale_of(np.array([0.2, 4.0])) == Scale(0, 4)
    assert scale_of(np.array([3, 7])) == Scale(0, 7)
    assert scale_of(np.array([-1, 7])) == Scale(-7, 7, signed=True)
    assert scale_of(np.zeros(3)) == Scale(0, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20))
def test_shades_follow_the_values(values):
    drawn, scale = shades([sorted(values)])
    values = np.array(sorted(values))
    red_minus_blue = drawn[0, :, 0].astype(int) - drawn[0, :, 2]
    assert (np.diff(red_minus_blue) >= 0).all()
    if scale.signed:
        assert (drawn[0, values == 0] == ZERO).all()
        assert (drawn[0, values == scale.high] == POSITIVE).all()
        assert (drawn[0, values == scale.low] == NEGATIVE).all()


def test_images_are_shown_as_they_are():
    large = np.repeat(np.repeat(RGB, 20, axis=0), 20, axis=1)
    shown = show(large)
    assert shown.scale is None
    assert np.array_equal(np.asarray(Image.open(BytesIO(shown._repr_png_()))), large)
    assert repr(shown) == "<260×340×3 image>"
    assert np.array_equal(show(large / 255).pixels, large)
    assert show(large[..., 0]).pixels.shape == (260, 340, 3)
    assert show(np.zeros((2400, 300))).pixels.shape == (1200, 150, 3)


def test_numbers_are_shown_with_their_scale(tmp_path):
    values = np.linspace(-1, 3, 340)[None].repeat(260, axis=0)
    shown = show(values)
    assert repr(shown) == "<260×340×1 image: −3 blue, 0 white, 3 orange>"
    assert shown.pixels.shape == (296, 340, 3)
    assert (shown.pixels[0, -1] == POSITIVE).all()
    assert (shown.pixels[264, 0] == NEGATIVE).all()  # the strip's left end
    shown.save(tmp_path / "a.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), shown.pixels)


def test_bool_int_and_many_channels_are_shown():
    assert (show(np.eye(3) > 0).pixels[0, 0] == 255).all()
    assert str(show(np.array([[0, 255]])).scale) == "0 black, 255 white"
    maps = show(RNG.standard_normal((4, 5, 7)))
    assert maps.scale.signed
    assert maps.pixels.shape[1] == 1200
    assert show(RNG.random((4, 5, 3)).astype(np.float16)).scale is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.full((3, 3), np.nan), "expected values without NaN"),
        (np.zeros((3, 3), complex), "real numbers"),
        (np.zeros((3, 3, 65)), "at most 64 channels to draw, found 65"),
        (np.zeros((2, 3, 3, 3)), "found 4 axes"),
    ],
)
def test_what_cannot_be_shown(values, words):
    with pytest.raises(UsageError, match=words):
        show(values)


def test_planes_grids_and_histograms_are_pictures_in_a_notebook():
    plane = plane_of(RGB, "Cb")
    grid = grid_of(RGB, Crop(0, 2, 0, 2))
    [counts] = histogram(RGB[..., 0])
    for shown, picture in (
        (plane, plane.picture()), (grid, grid.picture()), (counts, histogram_picture([counts]))
    ):  # fmt: skip
        assert np.array_equal(np.asarray(Image.open(BytesIO(shown._repr_png_()))), picture)
