"""States survive the way through an address, and bad ones are told of."""

from dataclasses import fields
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.studio.rooms import ROOMS
from pellucid.studio.rooms.convolution.state import ConvolutionState
from pellucid.studio.rooms.image.state import ImageState
from pellucid.studio.rooms.series.state import SeriesState
from pellucid.studio.state import State, read_state, write_query


def through(state: State) -> State:
    found, notes = read_state(type(state), dict(parse_qsl(write_query(state), True)))
    assert notes == ()
    return found


@given(
    st.integers(0, 96),
    st.text(max_size=50),
    st.sampled_from(["zeros", "reflect", "circular"]),
    st.integers(-1, 1000),
)
def test_any_state_comes_back(side: int, kernel: str, mode: str, y: int) -> None:
    state = ConvolutionState(side=side, kernel=kernel, mode=mode, y=y)
    assert through(state) == state


@given(st.floats(-2, 2), st.floats(-180, 180))
def test_numbers_come_back_in_twelve_digits(weight: float, degrees: float) -> None:
    found = through(ImageState(weight=weight, degrees=degrees))
    assert isinstance(found, ImageState)
    assert found.weight == pytest.approx(weight, rel=1e-11, abs=1e-300)
    assert found.degrees == pytest.approx(degrees, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.path)
def test_defaults_are_left_out_and_are_allowed(room: object) -> None:
    kind = room.state  # type: ignore[attr-defined]
    assert write_query(kind()) == ""
    for field in fields(kind):
        default = getattr(kind(), field.name)
        said = str(int(default)) if isinstance(default, bool) else str(default)
        assert read_state(kind, {field.name: said}) == (kind(), ())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"side": "97"}, "from 0 to 96"),
        ({"side": "1e9"}, "a whole number"),
        ({"stride": "²"}, "a whole number"),
        ({"stride": "9" * 5000}, "a whole number"),
        ({"mode": "mirror"}, "one of zeros"),
        ({"strid": "2"}, "did you mean 'stride'"),
        ({"kernel": "1 " * 4000}, "at most 2000 characters"),
    ],
)
def test_what_cannot_be_is_told_and_left_at_its_default(query: dict[str, str], words: str) -> None:
    state, notes = read_state(ConvolutionState, query)
    assert state == ConvolutionState()
    assert len(notes) == 1 and words in notes[0] and len(notes[0]) < 300


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "x", ""])
def test_no_number_is_no_number(value: str) -> None:
    assert read_state(SeriesState, {"alpha": value})[0] == SeriesState()
