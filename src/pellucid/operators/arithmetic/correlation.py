"""The arithmetic of one output of a convolution, a cross-correlation or a channel mixing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.geometry import Axis, Padding, Window
from pellucid.operators.arithmetic.place import Place, place_of
from pellucid.operators.arithmetic.result import Arithmetic, Term
from pellucid.operators.layout import planes
from pellucid.operators.problem import as_kernel, pose
from pellucid.operators.tensors import on_host

#: A tap's place in the kernel, the cell that it reads (None: zeros), whether it is a copy there.
Read = tuple[tuple[int, ...], tuple[int, ...] | None, bool]


def explain_correlation(
    image: Any,
    kernel: Any,
    at: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding: Padding = "same",
    mode: str = "zeros",
    bias: Any = None,
    axes: int | None = None,
) -> Arithmetic:
    """How one output of :func:`pellucid.operators.convolution.correlate` comes about.

    y(f, i, j) = b_f + Σ_c Σ_u Σ_v K(f, c, u, v)·x(c, i·s + u·d − p, j·s + v·d − p), term by term
    in float64, whatever dtype the operator itself computes in and rounds to. It is computed from
    the geometry alone, so it checks the operator. Weights of 0 make products of 0, also with NaN
    and infinity, as the operator has it.

    Args:
        image: as the operator takes it; likewise all that follow ``at``.
        kernel: (k,), (kh, kw), (C/groups, kh, kw), (F, C/groups, kh, kw); with ``axes`` 1 the
            same with k.
        at: the output: (c, y, x) or (c, t), where c counts the output's channels (the filters);
            with n before them in a batch; c may be left out where there is one, t stand alone.

    Raises:
        UsageError: what the operator refuses, and an output that does not exist.

    >>> image = np.arange(9.0).reshape(3, 3)
    >>> print(explain_correlation(image, [[0, 1], [2, 0]], at=(0, 2), bias=0.5))
    cross-correlation at c 0, y 0, x 2
    c  y  x    tap  value  weight  product
    0  0  2  0 0 0      2       0        0
    ·  ·  ·  0 0 1      0       1        0  padding
    0  1  2  0 1 0      5       2       10
    ·  ·  ·  0 1 1      0       0        0  padding
    4 terms, all shown; 1 makes 90% of what they add
    2·0 + 0·1 + 5·2 + 0·0 + 0.5 = 10.5
    """
    return _explain(
        image,
        kernel,
        at,
        turned=False,
        axes=axes,
        bias=bias,
        stride=stride,
        dilation=dilation,
        groups=groups,
        padding=padding,
        mode=mode,
    )


def explain_convolution(
    image: Any,
    kernel: Any,
    at: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding: Padding = "same",
    mode: str = "zeros",
    bias: Any = None,
    axes: int | None = None,
) -> Arithmetic:
    """How one output of :func:`pellucid.operators.convolution.convolve` comes about.

    As :func:`explain_correlation`, with the kernel turned by 180°: the terms' ``tap`` is the place
    of the weight in the kernel as it was given.

    >>> [term.tap for term in explain_convolution([1.0, 2, 3], [4, 5, 6], 1).terms]
    [(0, 2), (0, 1), (0, 0)]
    """
    return _explain(
        image,
        kernel,
        at,
        turned=True,
        axes=axes,
        bias=bias,
        stride=stride,
        dilation=dilation,
        groups=groups,
        padding=padding,
        mode=mode,
    )


def explain_mixing(image: Any, matrix: Any, at: Sequence[int], *, bias: Any = None) -> Arithmetic:
    """How one output of a mixing of channels comes about: of a convolution with 1×1 kernels.

    y(f, i, j) = b_f + Σ_c M(f, c)·x(c, i, j). A number in the place of the matrix multiplies every
    channel alone.

    Args:
        image: H×W, H×W×C, N×C×H×W, a tensor or a ``Picture``.
        matrix: F×C, or a number.
        at: the output (c, y, x).
        bias: one number, or F.

    Raises:
        UsageError: neither a number nor a matrix over the image's channels; no such output.

    >>> gray = [[0.299, 0.587, 0.114]]
    >>> print(explain_mixing(np.full((2, 2, 3), 100, np.uint8), gray, at=(1, 1)).formula)
    100·0.299 + 100·0.587 + 100·0.114 = 100
    """
    weights = np.asarray(on_host(matrix))
    if weights.ndim not in (0, 2):
        raise UsageError(f"expected a number or a matrix F×C, found shape {weights.shape}.")
    kernel = weights[..., None, None]
    found = explain_correlation(image, kernel, at, bias=bias, axes=2)
    return replace(found, operation="channel mixing (1×1 kernels)")


def _explain(
    image: Any,
    kernel: Any,
    at: int | Sequence[int],
    *,
    turned: bool,
    axes: int | None,
    bias: Any,
    **sliding: Any,
) -> Arithmetic:
    weights, axes = as_kernel(on_host(kernel), axes)
    values = planes(image, axes).values
    problem = pose(values, weights, axes=axes, bias=on_host(bias), dtype=None, **sliding)
    shape = (*problem.shape[:2], *problem.window.output_shape)
    place = place_of(at, shape)
    filters, depth = problem.weights.shape[:2]
    number = 0 if problem.alone else place.channel
    group = place.channel if problem.alone else number // (filters // problem.groups)
    row = problem.weights[number].reshape(depth, *problem.window.kernel_shape)
    return Arithmetic(
        "convolution" if turned else "cross-correlation",
        place.at,
        place.names,
        filter_terms(values, row, group * depth, problem.window, place, turned=turned),
        float(problem.bias[place.channel % len(problem.bias)]),
    )


def filter_terms(
    values: np.ndarray[Any, Any],
    row: np.ndarray[Any, Any],
    first: int,
    sliding: Window,
    place: Place,
    *,
    turned: bool = False,
) -> tuple[Term, ...]:
    """A term for each channel of one filter and each tap of its kernel.

    Args:
        values: N×C×H×W or N×C×T, of any dtype.
        row: the filter, depth×kh×kw or depth×k.
        first: of the depth channels that it reads.
        sliding: the window over the image.
        place: of the output; its channel is not looked at.
        turned: whether the kernel is turned by 180°.
    """
    return tuple(_terms(values, row, first, _reads(sliding, place.spot, turned), place))


def _terms(
    values: np.ndarray[Any, Any],
    row: np.ndarray[Any, Any],
    first: int,
    reads: list[Read],
    place: Place,
) -> Iterator[Term]:
    order = [tap for tap, _, _ in reads]
    lead = place.cell(0, ())[:-1]  # n, where people are told it
    for channel, kernel in enumerate(row):
        plane = values[place.sample, first + channel]
        weights = kernel[tuple(zip(*order, strict=True))].tolist()
        for (tap, spot, copied), weight in zip(reads, weights, strict=True):
            if spot is None:
                yield Term(None, (channel, *tap), 0.0, weight, 0.0, "padding")
                continue
            value = float(plane[spot])
            made = value * weight if weight else 0.0
            at = (*lead, first + channel, *spot)
            yield Term(at, (channel, *tap), value, weight, made, "copy" if copied else "cell")


def _reads(sliding: Window, spot: tuple[int, ...], turned: bool) -> list[Read]:
    """What each tap of an output's window reads, row by row of the image."""
    by_axis = [_taps(axis, output, turned) for axis, output in zip(sliding.axes, spot, strict=True)]
    reads = list[Read]()
    for taps in product(*by_axis):
        cells = tuple(cell for _, cell, _ in taps if cell is not None)
        inside = cells if len(cells) == len(taps) else None
        copied = any(padded for _, _, padded in taps)
        reads.append((tuple(tap for tap, _, _ in taps), inside, copied))
    return reads


def _taps(axis: Axis, output: int, turned: bool) -> list[tuple[int, int | None, bool]]:
    """Along one axis: the tap, the cell that it reads, whether that lies in the padding."""
    inside = range(axis.length)
    numbers = range(axis.kernel - 1, -1, -1) if turned else range(axis.kernel)
    reads = zip(numbers, axis.taps(output), axis.positions(output), strict=True)
    return [(tap, cell, position not in inside) for tap, cell, position in reads]
