"""The normal equations of learning a kernel, from sums over shifts.

Least squares for y = X·w, one row of X a window of the before picture, needs only XᵀX and Xᵀy.
An entry of XᵀX is Σ before(y + k, x + l)·before(y + m, x + n) over all outputs (y, x): the
autocorrelation of the picture, but for the borders, so entries with the same difference of rows
share their products. Each row of the picture is multiplied with the kh − 1 rows below it once,
(kw×W')·(W'×kw) at a time: kh·kw² products a pixel instead of the (kh·kw)² of XᵀX taken plainly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pellucid.operators.learn.pair import Floats, Pair

#: Numbers that are unrolled at a time.
_BLOCK = 1 << 23


@dataclass(frozen=True)
class Normal:
    """XᵀX and Xᵀy over n samples; unknowns are ordered C, kh, kw, then the bias.

    Attributes:
        gram: XᵀX / n, U×U.
        moments: Xᵀy / n, U×O.
    """

    gram: Floats
    moments: Floats


def normal_equations(given: Pair, bias: bool) -> Normal:
    """The normal equations of a pair; with ``bias`` one unknown more.

    Its input is always the pair's ``level``: the bias in the before picture's units, so that the
    equations do not depend on the units. Samples that are not used are taken off again where they
    are the fewer.
    """
    unknowns = given.unknowns + bias
    gram = np.zeros((unknowns, unknowns))
    moments = np.zeros((unknowns, given.after.shape[1]))
    most = 2 * given.samples >= given.used.size
    if most:
        gram, moments = _over_all(given, bias)
    sign = -1 if most else 1
    for windows, outputs in _gathered(given, given.used ^ most, bias):
        gram += sign * (windows.T @ windows)
        moments += sign * (windows.T @ outputs)
    return Normal(gram / given.samples, moments / given.samples)


def _over_all(given: Pair, bias: bool) -> tuple[Floats, Floats]:
    rows, columns = given.size
    channels, maps = given.before.shape[1], given.after.shape[1]
    gram = np.zeros((rows, channels * columns, rows, channels * columns))
    moments = np.zeros((rows, channels * columns, maps))
    sums = np.zeros((rows, channels * columns))
    for strips, outputs in _bands(given):
        height = len(outputs)
        for apart in range(rows):
            products = strips[: len(strips) - apart] @ strips[apart:].transpose(0, 2, 1)
            for row in range(rows - apart):
                block = products[row : row + height].sum(axis=0)
                gram[row, :, row + apart] += block
                if apart:
                    gram[row + apart, :, row] += block.T
        for row in range(rows):
            inside = strips[row : row + height]
            moments[row] += (inside @ outputs).sum(axis=0)
            sums[row] += inside.sum(axis=(0, 2))
    # From (kh, C·kw) to C, kh, kw.
    places = np.arange(rows * channels * columns).reshape(rows, channels, columns)
    order = places.transpose(1, 0, 2).ravel()
    square = gram.reshape(order.size, order.size)[np.ix_(order, order)]
    flat = moments.reshape(order.size, maps)[order]
    if not bias:
        return square, flat
    total = given.level * sums.ravel()[order]
    edge = np.append(total, given.level**2 * given.used.size)
    square = np.block([[square, total[:, None]], [edge[None]]])
    return square, np.vstack([flat, given.level * given.after.sum(axis=(0, 2, 3))])


def _bands(given: Pair) -> Iterator[tuple[Floats, Floats]]:
    """Bands of a picture: its rows unrolled, h×(C·kw)×W', and the outputs, (h − kh + 1)×W'×O."""
    rows, columns = given.size
    channels = given.before.shape[1]
    for before, after in zip(given.before, given.after, strict=True):
        wide = sliding_window_view(before, columns, axis=2)  # C, H, W', kw
        height = max(1, _BLOCK // (channels * columns * wide.shape[2]))
        for top in range(0, after.shape[1], height):
            outputs = after[:, top : top + height].transpose(1, 2, 0)
            part = wide[:, top : top + len(outputs) + rows - 1]
            strips = part.transpose(1, 0, 3, 2).reshape(part.shape[1], channels * columns, -1)
            yield strips, np.ascontiguousarray(outputs)


def _gathered(
    given: Pair, chosen: NDArray[np.bool_], bias: bool
) -> Iterator[tuple[Floats, Floats]]:
    """The windows of chosen outputs, some rows of X at a time, n×U, and their values, n×O."""
    step = max(1, _BLOCK // given.unknowns)
    for before, after, wanted in zip(given.before, given.after, chosen, strict=True):
        windows = sliding_window_view(before, given.size, axis=(1, 2))
        down, across = np.nonzero(wanted)
        for start in range(0, len(down), step):
            place = (slice(None), down[start : start + step], across[start : start + step])
            found = windows[place].transpose(1, 0, 2, 3).reshape(-1, given.unknowns)
            yield (
                np.pad(found, ((0, 0), (0, int(bias))), constant_values=given.level),
                after[place].T,
            )
