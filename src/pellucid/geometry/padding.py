"""How much padding an axis gets, and which input cell a padded cell repeats."""

from collections.abc import Sequence
from typing import Literal, get_args

from pellucid.errors import UsageError, unknown_name

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
        raise unknown_name("padding mode", mode, MODES)


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

    >>> [source(p, 3, "reflect") for p in range(-4, 7)]
    [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]
    >>> [source(p, 3, "circular") for p in (-1, 3)], source(-1, 3, "zeros")
    ([2, 0], None)
    """
    if 0 <= position < length:
        return position
    if mode == "zeros":
        return None
    if mode == "replicate":
        return min(max(position, 0), length - 1)
    if mode == "circular":
        return position % length
    check_mode(mode)
    period = max(1, 2 * (length - 1))
    folded = position % period
    return min(folded, period - folded)


def per_axis(value: int | Sequence[int], axes: int, name: str, least: int = 1) -> tuple[int, ...]:
    """An int for every axis, or one of each, checked.

    Raises:
        UsageError: a number below ``least``, or not one number an axis.

    >>> per_axis(2, 2, "stride"), per_axis((1, 2), 2, "stride")
    ((2, 2), (1, 2))
    """
    values = (value,) * axes if isinstance(value, int) else tuple(value)
    if len(values) != axes or not all(isinstance(each, int) and each >= least for each in values):
        raise UsageError(
            f"expected {name} as a whole number of at least {least}, or {axes} of them "
            f"(one an axis), found {value!r}."
        )
    return values


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
    entries = (padding,) * len(lengths) if isinstance(padding, int) else tuple(padding)
    pairs = tuple((each, each) if isinstance(each, int) else tuple(each) for each in entries)
    whole = all(
        len(pair) == 2 and all(isinstance(cells, int) and cells >= 0 for cells in pair)
        for pair in pairs
    )
    if not whole or len(pairs) != len(lengths):
        raise UsageError(
            f"expected padding as {', '.join(SCHEMES)}, a number of cells, or one entry for each "
            f"of the {len(lengths)} axes (cells, or (before, after)), found {padding!r}."
        )
    return tuple((pair[0], pair[1]) for pair in pairs)
