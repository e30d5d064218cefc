"""Whole numbers as they come from callers: Python's and NumPy's, one for all axes or one each."""

from collections.abc import Sequence
from operator import index
from typing import SupportsIndex, cast

from pellucid.errors import UsageError


def as_whole(value: object) -> int | None:
    """The whole number that a value is (NumPy's too); None for bools, floats and all else.

    >>> as_whole(3), as_whole(True), as_whole(3.0)
    (3, None, None)
    """
    if type(value) is int:
        return value
    if isinstance(value, bool):  # True is an int to Python, but no number of cells
        return None
    try:
        return index(cast(SupportsIndex, value))
    except TypeError:
        return None


def whole(value: object, name: str, least: int) -> int:
    """A whole number, checked.

    Raises:
        UsageError: it is none, or below ``least``.

    >>> whole(3, "stride", 1)
    3
    """
    number = as_whole(value)
    if number is None or number < least:
        raise UsageError(f"expected {name} as a whole number of at least {least}, found {value!r}.")
    return number


def check_index(index: object, count: int, name: str) -> None:
    """Refuse what is no index from 0 to count − 1.

    Raises:
        UsageError: with the range.
    """
    number = as_whole(index)
    if number is None or not 0 <= number < count:
        there = f"from 0 to {count - 1}" if count else "(but there is none)"
        raise UsageError(f"expected an {name} {there}, found {index!r}.")


def entries(value: object, count: int) -> list[object]:
    """``count`` times a whole number, or the entries of a sequence; none of anything else.

    >>> entries(2, 2), entries((2, 3), 2), entries(0.5, 2)
    ([2, 2], [2, 3], [])
    """
    if as_whole(value) is not None:
        return [value] * count
    try:
        return list(cast(Sequence[object], value))
    except TypeError:
        return []


def per_axis(value: object, axes: int, name: str, least: int = 1) -> tuple[int, ...]:
    """An int for every axis, or one of each, checked.

    Raises:
        UsageError: a number below ``least``, or not one number an axis.

    >>> per_axis(2, 2, "stride"), per_axis((1, 2), 2, "stride")
    ((2, 2), (1, 2))
    """
    numbers = [as_whole(each) for each in entries(value, axes)]
    good = tuple(number for number in numbers if number is not None and number >= least)
    if not len(good) == len(numbers) == axes:
        each = f", or {axes} of them (one an axis)" if axes > 1 else ""
        raise UsageError(
            f"expected {name} as a whole number of at least {least}{each}, found {value!r}."
        )
    return good


def lengths_of(shape: object) -> tuple[int, ...]:
    """The lengths of the axes of a series, T or (T,), of an image, (H, W), or of a volume.

    Raises:
        UsageError: not one to three lengths, or one below 0.

    >>> lengths_of((224, 224)), lengths_of(7)
    ((224, 224), (7,))
    """
    lengths = tuple(whole(length, "length", 0) for length in entries(shape, 1))
    if len(lengths) not in (1, 2, 3):
        raise UsageError(
            f"expected a shape (T,) of a series, (H, W) of an image or (D, H, W) of a volume, "
            f"found {shape!r}."
        )
    return lengths
