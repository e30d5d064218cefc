"""How much padding an axis gets, and which input cell a padded cell repeats."""

from collections.abc import Sequence
from typing import Literal, get_args

from pellucid.errors import UsageError, unknown_name
from pellucid.geometry.whole import as_whole, entries

#: Sizes of padding that have a name.
Scheme = Literal["valid", "same", "full"]
#: What stands in the padding.
Mode = Literal["zeros", "reflect", "replicate", "circular"]
#: A scheme; cells on every side; or one entry an axis: cells on both sides, or (before, after).
Padding = Scheme | int | Sequence[int | tuple[int, int]]

SCHEMES: tuple[str, ...] = get_args(Scheme)
MODES: tuple[str, ...] = get_args(Mode)


def check_mode(mode: str) -> None:
    """Refuse a name that is no mode of padding.

    Raises:
        UsageError: with the nearest name.
    """
    if mode not in MODES:
        raise unknown_name("padding mode", str(mode), MODES)


def sides(scheme: str, length: int, span: int, stride: int) -> tuple[int, int]:
    """Cells (before, after) that a named scheme adds to an axis.

    ``valid`` adds none. ``same`` with stride 1 keeps the length: (span − 1) / 2 on each side where
    that is whole. With stride s it gives ceil(length / s) outputs from the least total padding,
    max(0, (ceil(length / s) − 1)·s + span − length), half of it on each side and an odd cell on
    the far side (the rule of TensorFlow's ``SAME``). ``full`` adds span − 1 on each side: every
    overlap of kernel and input, however small.

    Args:
        scheme: one of :data:`SCHEMES`.
        length: n, cells of the input.
        span: cells from the first to the last tap of the kernel, dilation·(kernel − 1) + 1.
        stride: s.

    Raises:
        UsageError: an unknown scheme.

    >>> sides("same", 7, 3, 1), sides("same", 224, 7, 2), sides("full", 7, 3, 1)
    ((1, 1), (2, 3), (2, 2))
    """
    if scheme == "valid":
        return 0, 0
    if scheme == "full":
        return span - 1, span - 1
    if scheme == "same":
        outputs = -(-length // stride)
        total = max(0, (outputs - 1) * stride + span - length)
        return total // 2, total - total // 2
    raise unknown_name("padding", scheme, SCHEMES)


def source(position: int, length: int, mode: str) -> int | None:
    """The input cell that is read at a position which may lie in the padding.

    ``reflect`` mirrors at the centre of the outermost cell (c b | a b c | b a), ``replicate``
    repeats that cell, ``circular`` goes on at the other end; each as far out as it takes.

    Args:
        position: 0 is the first input cell, -1 the padding cell before it.
        length: cells of the input, at least 1.
        mode: one of :data:`MODES`.

    Returns:
        An index from 0 to length − 1; None for a cell of zeros.

    Raises:
        UsageError: an unknown mode, or no cell to repeat: a length below 1.

    >>> [source(p, 3, "reflect") for p in range(-4, 7)]
    [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]
    >>> [source(p, 3, "circular") for p in (-1, 3)], source(-1, 3, "zeros")
    ([2, 0], None)
    """
    if 0 <= position < length:
        return position
    check_mode(mode)
    if mode == "zeros":
        return None
    if length < 1:
        raise UsageError(f"expected a cell for the padding to {_DOES[mode]}, found an empty axis.")
    if mode == "replicate":
        return min(max(position, 0), length - 1)
    if mode == "circular":
        return position % length
    period = max(1, 2 * (length - 1))
    folded = position % period
    return min(folded, period - folded)


def resolve(
    padding: Padding,
    lengths: Sequence[int],
    spans: Sequence[int],
    strides: Sequence[int],
) -> tuple[tuple[int, int], ...]:
    """Cells (before, after) of each axis, from any way to say it.

    Raises:
        UsageError: an unknown name, a negative number, or not one entry an axis.

    >>> resolve("same", (5, 6), (3, 2), (1, 1)), resolve((1, (0, 2)), (5, 6), (3, 2), (1, 1))
    (((1, 1), (0, 1)), ((1, 1), (0, 2)))
    """
    if isinstance(padding, str):
        each = zip(lengths, spans, strides, strict=True)
        return tuple(sides(padding, *measures) for measures in each)
    pairs = [_pair(entry) for entry in entries(padding, len(lengths))]
    good = tuple(pair for pair in pairs if pair is not None)
    if not len(good) == len(pairs) == len(lengths):
        raise UsageError(
            f"expected padding as {', '.join(SCHEMES)}, a number of cells, or one entry an axis "
            f"({len(lengths)} here), each of them cells or (before, after), found {padding!r}."
        )
    return good


def _pair(entry: object) -> tuple[int, int] | None:
    """Cells, or (before, after), as (before, after); None where it is neither."""
    match [as_whole(cells) for cells in entries(entry, 2)]:
        case [int(before), int(after)] if before >= 0 and after >= 0:
            return before, after
    return None


#: What the modes do with cells, in an error.
_DOES = {"reflect": "mirror", "replicate": "repeat", "circular": "repeat"}
