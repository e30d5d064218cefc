"""The arithmetic of one output of pooling: what a window holds, and what becomes of it."""

from collections.abc import Sequence
from itertools import product
from math import isnan
from typing import Any

import numpy as np

from pellucid import geometry
from pellucid.errors import UsageError, unknown_name
from pellucid.operators.arithmetic.place import Place, place_of
from pellucid.operators.arithmetic.result import Arithmetic, Term
from pellucid.operators.layout import planes
from pellucid.operators.pooling import KINDS, Kind

#: A cell of a window: its place there, its position, its value.
Cell = tuple[tuple[int, ...], tuple[int, ...], float]


def explain_pooling(
    image: Any,
    kind: Kind,
    window: int | Sequence[int],
    at: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: geometry.Padding = 0,
    dilation: int | Sequence[int] = 1,
    ceil: bool = False,
    axes: int | None = None,
    count_padding: bool = False,
) -> Arithmetic:
    """How one output of :func:`pellucid.operators.pooling.pool` comes about, in float64.

    The terms are the cells of the image in the window; padding holds nothing and has none. Their
    weights: for ``max``, ``min``, ``first`` and ``last`` 1 for the cell that is kept (the first
    of equal ones; NaN wins) and 0 for those that are left; for ``average`` 1/n, where n counts
    the cells, with ``count_padding`` those of padding too; for ``sum`` 1; for ``l2`` the value
    itself, so that the products are squares.

    Args:
        image: as the operator takes it; likewise all that follow ``at``.
        kind: ``max``, ``min``, ``average``, ``sum``, ``l2``, ``last`` or ``first``.
        window: its cells, for all axes or one number an axis.
        at: the output: (c, y, x) or (c, t); c may be left out where there is one.

    Raises:
        UsageError: what the operator refuses, and an output that does not exist.

    >>> image = np.array([[3.0, 4, 0], [1, 2, 9]])
    >>> [explain_pooling(image, kind, 2, at=(0, 0)).formula for kind in ("max", "average", "l2")]
    ['max(3, 4, 1, 2) = 4', '(3 + 4 + 1 + 2) / 4 = 2.5', '√(3² + 4² + 1² + 2²) = 5.47723']
    """
    if kind not in KINDS:
        raise unknown_name("kind of pooling", kind, KINDS)
    axes = _axes(image, axes)
    values = planes(image, axes).values
    sliding = geometry.window(
        values.shape[2:],
        window,
        stride=window if stride is None else stride,
        dilation=dilation,
        padding=padding,
        ceil=ceil,
    )
    place = place_of(at, (*values.shape[:2], *sliding.output_shape))
    cells = _cells(values[place.sample, place.channel], sliding, place)
    if not cells:
        raise UsageError(f"expected a cell of the image in the window at {at!r}, found padding.")
    count = _counted(sliding, place) if count_padding else len(cells)
    return Arithmetic(
        f"{kind} pooling",
        place.at,
        place.names,
        _terms(kind, cells, count),
        rule=kind,
    )


def explain_global_pooling(
    image: Any, kind: Kind = "average", channel: int = 0, *, axes: int | None = None
) -> Arithmetic:
    """How one channel's number of :func:`pellucid.operators.pooling.pool_global` comes about.

    >>> print(explain_global_pooling([[1.0, 2], [3, 6]]).formula)
    (1 + 2 + 3 + 6) / 4 = 3
    """
    axes = _axes(image, axes)
    size = planes(image, axes).values.shape[2:]
    return explain_pooling(image, kind, size, (channel, *(0,) * axes), axes=axes)


def _axes(image: Any, axes: int | None) -> int:
    """What was asked for, or by the operator's rule: 1 for an array of one axis, else 2."""
    if axes is not None:
        return axes
    return 1 if np.ndim(getattr(image, "pixels", image)) == 1 else 2


def _cells(plane: np.ndarray[Any, Any], sliding: geometry.Window, place: Place) -> list[Cell]:
    """The cells of the plane that the window holds, row by row."""
    numbers = product(*(range(axis.kernel) for axis in sliding.axes))
    return [
        (tap, place.cell(place.channel, spot), float(plane[spot]))
        for tap, spot in zip(numbers, sliding.taps(place.spot), strict=True)
        if spot is not None
    ]


def _counted(sliding: geometry.Window, place: Place) -> int:
    """Taps of the window on cells and padding, but not beyond the padding."""
    count = 1
    for axis, output in zip(sliding.axes, place.spot, strict=True):
        padded = range(-axis.before, axis.length + axis.after)
        count *= sum(position in padded for position in axis.positions(output))
    return count


def _terms(kind: Kind, cells: list[Cell], count: int) -> tuple[Term, ...]:
    match kind:
        case "sum":
            return tuple(Term(at, tap, v, 1.0, v, "cell") for tap, at, v in cells)
        case "average":
            return tuple(Term(at, tap, v, 1 / count, v / count, "cell") for tap, at, v in cells)
        case "l2":
            return tuple(Term(at, tap, v, v, v * v, "cell") for tap, at, v in cells)
    kept = _kept(kind, [value for _, _, value in cells])
    return tuple(
        Term(at, tap, v, 1.0, v, "kept") if number == kept else Term(at, tap, v, 0.0, 0.0, "left")
        for number, (tap, at, v) in enumerate(cells)
    )


def _kept(kind: Kind, values: list[float]) -> int:
    """The number of the value that is kept."""
    if kind in ("first", "last"):
        return 0 if kind == "first" else len(values) - 1
    missing = [number for number, value in enumerate(values) if isnan(value)]
    if missing:
        return missing[0]
    return values.index(max(values) if kind == "max" else min(values))
