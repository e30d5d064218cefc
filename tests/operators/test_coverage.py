"""The picture of a coverage map: its colours say the counts, its gray is padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pellucid.errors import UsageError
from pellucid.geometry import Window, window
from pellucid.operators.coverage import GRAY, coverage_map, coverage_picture

TOP, LEFT = 28, 12  # of the first panel


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=2),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 3),
)
def test_map_is_the_windows_coverage(shape: list[int], kernel: int, stride: int, pad: int) -> None:
    found = window(shape, kernel, stride=stride, padding=pad)
    assert coverage_map(found).tolist() == [list(row) for row in found.coverage()]


def colours(picture: np.ndarray, place: Window, cell: int, left: int) -> np.ndarray:
    """The colour in the corner of each input cell of a panel, H×W×3 (no digit reaches it)."""
    (down, _), (across, _) = place.padding
    rows = TOP + (np.arange(place.input_shape[0]) + down) * cell
    columns = left + (np.arange(place.input_shape[1]) + across) * cell
    return picture[np.ix_(rows, columns)].astype(int)


def test_equal_counts_have_equal_colours_in_both_panels_and_larger_ones_are_lighter() -> None:
    place = window((4, 5), 3, padding="same")  # up to 9 times; without padding up to 6
    picture = coverage_picture(place, side=7 * 40)
    bare = window((4, 5), 3)
    second = LEFT + 5 * 40 + 12 + LEFT
    by_count: dict[int, set[tuple[int, ...]]] = {}
    for panel, left in ((bare, LEFT), (place, second)):
        found = colours(picture, panel, 40, left)
        for at, count in np.ndenumerate(coverage_map(panel)):
            by_count.setdefault(int(count), set()).add(tuple(found[at]))
    assert set(by_count) == {1, 2, 3, 4, 6, 9}
    assert all(len(each) == 1 for each in by_count.values())
    light = [
        np.dot(by_count[count].copy().pop(), (0.299, 0.587, 0.114)) for count in sorted(by_count)
    ]
    assert light == sorted(set(light))
    assert tuple(picture[TOP, second]) == GRAY  # a cell of padding


def test_numbers_are_written_where_cells_are_large_and_only_there() -> None:
    def inked(side: int) -> bool:
        picture = coverage_picture(window((6, 6), 3), side=side)
        cell = side // 6
        corner = picture[TOP, LEFT]
        return bool((picture[TOP : TOP + cell, LEFT : LEFT + cell] != corner).any())

    assert inked(240)
    assert not inked(30)


def test_without_padding_there_is_one_panel_and_of_a_series_one_row() -> None:
    one, two = window((8, 8), 3), window((8, 8), 3, padding=1)
    assert coverage_picture(one).shape[1] < coverage_picture(two).shape[1]
    series = coverage_picture(window((20,), 5, padding="same"))
    assert series.shape[0] < 80
    assert series.dtype == np.uint8


def test_any_window_makes_a_picture_that_can_be_saved() -> None:
    for place in (window((1, 1), 1), window((2, 2), 5), window((300, 500), 7, padding="full")):
        picture = coverage_picture(place)
        assert Image.fromarray(picture).mode == "RGB"


@pytest.mark.parametrize(("shape", "side"), [((0, 4), 100), ((4, 4), 0)])
def test_nothing_to_draw_is_refused(shape: tuple[int, int], side: int) -> None:
    with pytest.raises(UsageError, match="expected an input with cells"):
        coverage_picture(window(shape, 1), side=side)
