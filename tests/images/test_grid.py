"""Crops and the numbers in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from pellucid.errors import UsageError
from pellucid.images.crop import Crop, crop_of
from pellucid.images.grid import grid_of, grid_of_plane
from pellucid.images.planes import plane_of

RNG = np.random.default_rng(2)
PHOTO = RNG.integers(0, 256, (40, 50, 3), np.uint8)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 39), st.integers(0, 49), st.integers(1, 32))
def test_a_square_around_a_point_has_it_and_lies_inside(y, x, size):
    crop = crop_of(f"{y},{x}", size, 40, 50)
    assert len(crop.rows) == len(crop.columns) == size
    assert y in crop.rows
    assert x in crop.columns
    assert crop.top >= 0 and crop.left >= 0 and crop.bottom <= 40 and crop.right <= 50
    inside = size // 2 <= y <= 40 - size + size // 2
    assert not inside or crop.top == y - size // 2


@pytest.mark.parametrize(
    ("text", "size", "words"),
    [
        ("10", 8, "expected a place as y,x or rows and columns as y0:y1,x0:x1, found '10'"),
        ("-1,5", 8, "expected a place"),
        ("a,b", 8, "expected a place"),
        ("40,0", 8, "within the image's 40 rows and 50 columns, found y=40, x=0"),
        ("3,50", 8, "found y=3, x=50"),
        ("3,3", 33, "a size from 1 to 32 cells for an image of 40×50 pixels, found 33"),
        ("3,3", 0, "found 0"),
        ("0:33,0:4", 8, "at most 32 rows, so that the numbers can be read, found 33"),
        ("5:5,0:4", 8, "expected rows from:to"),
        ("0:4,9:3", 8, "expected columns from:to with 0 ≤ from < to, found 9:3"),
        ("38:41,0:4", 8, "found rows 38:41 and columns 0:4"),
    ],
)
def test_other_places_are_refused(text, size, words):
    with pytest.raises(UsageError, match=words):
        crop_of(text, size, 40, 50)


def text_of(grid, width=80, colour=None):
    console = Console(width=width, color_system=colour, force_terminal=colour is not None)
    with console.capture() as capture:
        for table in grid.tables(width):
            console.print(table)
    return capture.get()


def test_the_table_has_the_numbers_in_their_places():
    lines = text_of(grid_of(PHOTO, Crop(3, 5, 7, 10))).splitlines()
    assert lines[0].split() == ["7", "8", "9"]
    for row, y in ((1, 3), (4, 4)):
        assert lines[row].split() == [str(y), *map(str, PHOTO[y, 7:10, 0])]
        assert lines[row + 1].split() == list(map(str, PHOTO[y, 7:10, 1]))
        assert lines[row + 2].split() == list(map(str, PHOTO[y, 7:10, 2]))


@pytest.mark.parametrize("width", [12, 60, 100])
def test_the_table_is_cut_to_the_terminal(width):
    text = text_of(grid_of(PHOTO, Crop(0, 32, 0, 32)), width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    numbers = [int(word) for line in text.splitlines() for word in line.split()]
    assert len(numbers) >= 32 * 32 * 3


def test_colours_are_those_of_the_pixels():
    image = np.array([[[250, 250, 0], [0, 0, 120]]], np.uint8)
    text = text_of(grid_of(image, Crop(0, 1, 0, 2)), colour="truecolor")
    assert "38;2;0;0;0;48;2;250;250;0m 250" in text  # black on light
    assert "38;2;255;255;255;48;2;0;0;120m   0" in text  # white on dark


def test_ink_has_the_better_contrast():
    def luminance(rgb):
        v = np.array(rgb) / 255
        light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
        return light @ [0.2126, 0.7152, 0.0722]

    inks = grid_of(PHOTO, Crop(0, 30, 0, 30))._inks()
    for y in range(30):
        for x in range(30):
            cell = luminance(PHOTO[y, x])
            black, white = (cell + 0.05) / 0.05, 1.05 / (cell + 0.05)
            if abs(black - white) > 0.1:
                assert inks[y][x] == ((0, 0, 0) if black > white else (255, 255, 255))


def test_the_picture_has_a_cell_a_pixel_with_ink_in_it():
    grid = grid_of(PHOTO, Crop(3, 6, 7, 11))
    picture = grid.picture()
    for y in range(3):
        for x in range(4):
            rows, columns = np.nonzero((picture == PHOTO[3 + y, 7 + x]).all(axis=2))
            cell = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            ink = (cell == grid._inks()[y][x]).all(axis=2)
            assert 9 < ink.sum() < ink.size / 2
    assert not np.array_equal(picture, grid_of(PHOTO + np.uint8(1), Crop(3, 6, 7, 11)).picture())


def test_numbers_of_floats_and_planes():
    floats = grid_of(np.array([[0.0, 0.25], [0.5, 1.0]]), Crop(0, 2, 0, 2))
    assert [floats.lines(y, x) for y in range(2) for x in range(2)] == [
        ["0.00"], ["0.25"], ["0.50"], ["1.00"]
    ]  # fmt: skip
    hsv = grid_of(np.array([[[255, 0, 0], [0, 0, 128]]], np.uint8), Crop(0, 1, 0, 2), "hsv")
    assert hsv.lines(0, 1) == ["240", "1.00", "0.50"]
    red = plane_of(np.array([[[255, 0, 0], [0, 255, 255]]], np.uint8), "Cr")
    cells = grid_of_plane(red, Crop(0, 1, 0, 2))
    assert cells.lines(0, 0) + cells.lines(0, 1) == ["0.500", "-0.500"]
    assert cells.to_json() == {
        "rows": [0, 1], "columns": [0, 2], "values": [[[0.5], [-0.5]]]
    }  # fmt: skip
    zero = grid_of_plane(plane_of(np.full((1, 1, 3), 9, np.uint8), "Cr"), Crop(0, 1, 0, 1))
    assert "-" not in zero.lines(0, 0)[0]


def test_a_crop_beyond_the_image_is_refused():
    with pytest.raises(UsageError, match="within the image's 40 rows and 50 columns"):
        grid_of(PHOTO, Crop(0, 4, 48, 52))
    with pytest.raises(UsageError, match="within the image's 40 rows"):
        grid_of_plane(plane_of(PHOTO, "red"), Crop(39, 41, 0, 2))
