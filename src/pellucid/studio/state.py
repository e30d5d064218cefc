"""A room's state, and how it is written in an address.

>>> @dataclass(frozen=True)
... class Blur(State):
...     size: int = whole(3, 1, 9)
>>> read_state(Blur, {"size": "5"})
(Blur(picture='village', size=5), ())
>>> write_query(Blur(size=5)), write_query(Blur())
('size=5', '')
>>> read_state(Blur, {"size": "50"})[1]
("expected size as a whole number from 1 to 9, found '50': it is 3 here.",)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any, TypeVar
from urllib.parse import urlencode

from pellucid.errors import unknown_name

#: Characters of a text in an address, at most.
LONGEST = 4000


class _NotSoError(Exception):
    """A value in an address that is not what its field takes; the message says what that is."""


def text(default: str = "", longest: int = LONGEST) -> Any:
    """A field of any text."""

    def read(value: str) -> str:
        if len(value) > longest:
            raise _NotSoError(f"a text of at most {longest} characters")
        return value

    return _field(default, read)


def one_of(default: str, choices: Sequence[str]) -> Any:
    """A field that takes one of some words."""

    def read(value: str) -> str:
        if value not in choices:
            raise _NotSoError(f"one of {', '.join(choices)}")
        return value

    return _field(default, read)


def whole(default: int, least: int, most: int) -> Any:
    """A field of whole numbers, both ends included."""

    def read(value: str) -> int:
        if not (value.removeprefix("-").isdecimal() and least <= int(value[:20]) <= most):
            raise _NotSoError(f"a whole number from {least} to {most}")
        return int(value)

    return _field(default, read)


def real(default: float, least: float, most: float) -> Any:
    """A field of numbers, both ends included."""

    def read(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not (isfinite(number) and least <= number <= most):
            raise _NotSoError(f"a number from {least:g} to {most:g}")
        return number

    return _field(default, read)


def flag(default: bool = False) -> Any:
    """A field that is on or off: 1 or 0 in an address."""

    def read(value: str) -> bool:
        if value not in ("0", "1"):
            raise _NotSoError("1 or 0")
        return value == "1"

    return _field(default, read)


def _field(default: Any, read: Callable[[str], Any]) -> Any:
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True)
class State:
    """What every room's state has.

    Attributes:
        picture: name of a bundled picture, or of one that this session uploaded.
    """

    picture: str = text("village", 64)


S = TypeVar("S", bound=State)


def read_state(kind: type[S], query: Mapping[str, str]) -> tuple[S, tuple[str, ...]]:
    """The state that an address says.

    Args:
        kind: of state.
        query: of the address.

    Returns:
        The state, with defaults for what is not said or cannot be used, and a sentence for each of
        the latter.
    """
    known = {each.name: each for each in fields(kind)}
    values: dict[str, Any] = {}
    notes = []
    for name, value in query.items():
        if name not in known:
            notes.append(str(unknown_name("part of the address", name, known)))
            continue
        try:
            values[name] = known[name].metadata["read"](value)
        except _NotSoError as error:
            shown = value if len(value) < 40 else f"{value[:40]}…"
            default = _written(known[name].default)
            notes.append(f"expected {name} as {error}, found '{shown}': it is {default} here.")
    return kind(**values), tuple(notes)


def write_query(state: State) -> str:
    """The state as an address's query, without what is by default."""
    said = {
        each.name: _written(getattr(state, each.name))
        for each in fields(state)
        if getattr(state, each.name) != each.default
    }
    return urlencode(said)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.12g}" if isinstance(value, float) else str(value)
