"""Parameters of a kernel within their range, or one sentence."""

import math
from numbers import Real
from typing import Any

from pellucid.errors import UsageError
from pellucid.operators.kernels.kernel import MOST_CELLS


def real(what: str, value: Any, least: float, most: float) -> float:
    """A number in [least, most] as a float.

    Args:
        what: for the message, e.g. ``sigma of gaussian``.
        value: as given.
        least: the smallest that is allowed.
        most: the largest.

    Raises:
        UsageError: no number, or out of range.
    """
    known = isinstance(value, Real) and not isinstance(value, bool)
    if not known or not least <= float(value) <= most:
        raise UsageError(
            f"expected {what} as a number from {least:g} to {most:g}, found {value!r}."
        )
    return float(value)


def whole(what: str, value: Any, least: int, most: int = MOST_CELLS, *, odd: bool = False) -> int:
    """A whole number in [least, most]; with ``odd``, an odd one.

    Raises:
        UsageError: not whole, even where an odd one is needed, or out of range.

    >>> whole("size of box", 5.0, 1)
    5
    """
    known = isinstance(value, Real) and not isinstance(value, bool)
    if (
        not known
        or not least <= float(value) <= most
        or float(value) % 1
        or (odd and int(value) % 2 == 0)
    ):
        kind = "an odd whole" if odd else "a whole"
        raise UsageError(
            f"expected {what} as {kind} number from {least} to {most}, found {value!r}."
        )
    return int(value)


def angle(what: str, value: Any) -> float:
    """Degrees, counter-clockwise from the direction to the right."""
    return real(what, value, -360, 360)


def direction(degrees: float) -> tuple[float, float]:
    """The step (down, right) of length 1 in a direction, exact for quarters of a circle.

    >>> direction(90), direction(180)
    ((-1.0, 0.0), (0.0, -1.0))
    """
    turn = math.radians(degrees)
    down, right = -math.sin(turn), math.cos(turn)
    return _clean(down), _clean(right)


def _clean(value: float) -> float:
    nearest = round(value)
    return float(nearest) if abs(value - nearest) < 1e-15 else value
