"""From the options of ``pellucid channels`` to operations on a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError

if TYPE_CHECKING:
    from pellucid.operators.channels import Matrix


@dataclass(frozen=True, slots=True)
class Step:
    """One operation.

    Attributes:
        title: for tables and captions, e.g. ``add g``.
        apply: from RGB pixels (H, W, 3) uint8 to pixels (H, W, 1 or 3).
    """

    title: str
    apply: Callable[[Any], Any]


def steps_of(
    add: Sequence[str],
    keep: Sequence[str],
    drop: Sequence[str],
    swap: Sequence[str],
    turn: Sequence[float],
    mix: Sequence[str],
) -> list[Step]:
    """All operations that were asked for, checked before a picture is read.

    Raises:
        UsageError: an unknown channel, or a matrix that does not fit.
    """
    import numpy as np

    from pellucid.operators import channels

    steps = [_linear(f"add {name}", channels.add_matrix(name)) for name in add]
    steps += [_linear(f"keep {text}", channels.keep_matrix(_names(text))) for text in keep]
    steps += [
        _linear(f"drop {text}", np.eye(3) - channels.keep_matrix(_names(text))) for text in drop
    ]
    steps += [_linear(f"swap {text}", channels.swap_matrix(*_pair(text))) for text in swap]
    steps += [_turn(degrees) for degrees in turn]
    return steps + [_typed(text) for text in mix]


def _linear(title: str, matrix: "Matrix", offset: Any = 0.0) -> Step:
    from pellucid.operators.channels import mix

    return Step(title, lambda pixels: mix(pixels, matrix, offset))


def _turn(degrees: float) -> Step:
    from math import isfinite

    from pellucid.operators.channels import turn_hue

    if not isfinite(degrees):
        raise UsageError(f"expected --turn with an angle in degrees, found {degrees}.")
    return Step(f"turn {degrees:g}°", lambda pixels: turn_hue(pixels, degrees))


def _typed(text: str) -> Step:
    """``1 0 0; 0 .5 .5; 0 0 1``: a row for each channel of the result; a fourth number is added."""
    from pellucid.operators.kernels.typed import typed_rows

    rows = typed_rows(text, "matrix")
    if rows.shape[0] not in (1, 3) or rows.shape[1] not in (3, 4):
        raise UsageError(
            "expected --mix with 3 rows (or 1, for gray) of 3 numbers, or of 4 where the last is "
            f"added, found {rows.shape[0]} rows of {rows.shape[1]}."
        )
    offset = rows[:, 3] if rows.shape[1] == 4 else 0.0
    return _linear(f"mix {text}", rows[:, :3], offset)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if "" in names:
        raise UsageError(f"expected channels separated by commas, such as r,b, found '{text}'.")
    return names


def _pair(text: str) -> tuple[str, str]:
    names = _names(text)
    if len(names) != 2:
        raise UsageError(f"expected --swap with two channels such as r,b, found '{text}'.")
    return names[0], names[1]
