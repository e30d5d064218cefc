"""A filter of OpenCV's over planes: any border, any stride, the image shared out over the cores."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis
from pellucid.operators.border import padded
from pellucid.operators.problem import Problem
from pellucid.operators.rounding import put
from pellucid.operators.sheets import planes_of, sheets
from pellucid.operators.threads import at_once, cores, in_turn

#: OpenCV's numbers for the dtypes that its filters take and give.
DEPTHS = {"uint8": cv2.CV_8U, "float32": cv2.CV_32F, "float64": cv2.CV_64F}
#: Our modes in OpenCV's words. It has no circular one for filters.
_BORDERS = {
    "zeros": cv2.BORDER_CONSTANT,
    "reflect": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
}
#: Products below which a second thread costs more than it saves.
_WORTH_A_THREAD = 2e6

#: Rows of a band, or twice the kernel's where that is more.
_BAND = 64


class Spot(NamedTuple):
    """Where a kernel lies on the pixel that it is summed for.

    Attributes:
        anchor: (column, row) of the kernel that lies on that pixel.
        border: OpenCV's number for what stands around the image.
    """

    anchor: tuple[int, int]
    border: int


#: Filters a sheet H×W×c into another of the same size.
Run = Callable[[NDArray[Any], NDArray[Any], Spot], object]


def slide(
    problem: Problem,
    dtype: np.dtype[Any],
    run: Run,
    *,
    cost: float,
    through: np.dtype[Any] | None = None,
) -> NDArray[Any]:
    """N×C×H'×W' of ``dtype``: OpenCV filters at every pixel, the outputs of the stride are taken.

    Args:
        problem: with channels that are filtered alone.
        dtype: uint8 (from uint8), float32 or float64.
        run: filters one sheet.
        cost: products a pixel, to judge whether threads pay.
        through: the float dtype that ``run`` gives, if its results are to pass through a band
            of memory where they are rounded to ``dtype``.
    """
    down, across = problem.vertical, problem.horizontal
    values = problem.values
    if values.dtype not in (np.uint8, problem.work):
        values = values.astype(problem.work)
    spot = Spot((across.before, down.before), _BORDERS.get(down.mode, cv2.BORDER_CONSTANT))
    if not (_inside(down) and _inside(across)):
        values = padded(values, down, across)
        spot = Spot((0, 0), cv2.BORDER_CONSTANT)
    parts = sheets(values)
    made: list[NDArray[Any]] = [np.empty(0)] * len(parts)
    threads = cores() if values.size * cost > _WORTH_A_THREAD else 1
    alone = len(parts) < threads
    sliding = _Sliding(run, spot, down.span, dtype, threads if alone else 1)

    def work(item: int) -> None:
        part = parts[item]
        full = sliding.pieces(part) if through is None else sliding.bands(part, through)
        made[item] = full[_taken(down), _taken(across)]

    in_turn(len(parts), lambda: work, 1 if alone else threads)
    return planes_of(made, values.shape[0])


def _inside(axis: Axis) -> bool:
    """Whether each window can be anchored at a pixel, OpenCV making up what lies around."""
    fits = axis.before < axis.span and (axis.output - 1) * axis.stride < axis.length
    return fits and (axis.mode in _BORDERS or axis.before == axis.after == 0)


def _taken(axis: Axis) -> slice:
    return slice(0, (axis.output - 1) * axis.stride + 1, axis.stride)


@dataclass(frozen=True)
class _Sliding:
    """A filter on its way over sheets H×W×c.

    Attributes:
        run: the filter.
        spot: where its kernel lies.
        span: rows of the kernel.
        dtype: of the result.
        threads: how many to use for one sheet.
    """

    run: Run
    spot: Spot
    span: int
    dtype: np.dtype[Any]
    threads: int

    def pieces(self, source: NDArray[Any]) -> NDArray[Any]:
        """The filtered sheet, one thread a piece of its rows.

        The outer two pieces write where their result stays: the upper one with the kernel anchored
        at its last row, the lower one at its first, so that the rows that lack neighbours from the
        other piece fall outside the image, into spare memory. Those between are copied.
        """
        tall, (column, row) = source.shape[0], self.spot.anchor
        above, below = row, self.span - 1 - row
        count = max(1, min(self.threads, tall // (4 * self.span)))
        if count == 1:
            whole = np.empty(source.shape, self.dtype)
            self.run(source, whole, self.spot)
            return whole
        cuts = [tall * piece // count for piece in range(count + 1)]
        end, start = cuts[1], cuts[-2]
        spare = np.empty((below + tall + above, *source.shape[1:]), self.dtype)
        result = spare[below : below + tall]
        upper = Spot((column, self.span - 1), self.spot.border)
        lower = Spot((column, 0), self.spot.border)

        def between(first: int, last: int) -> None:
            found = np.empty((above + last - first + below, *source.shape[1:]), self.dtype)
            self.run(source[first - above : last + below], found, self.spot)
            result[first:last] = found[above : above + last - first]

        at_once(
            [
                partial(self.run, source[: end + below], spare[: end + below], upper),
                partial(self.run, source[start - above :], spare[below + start :], lower),
                *(partial(between, *cut) for cut in pairwise(cuts[1:-1])),
            ]
        )
        return result

    def bands(self, source: NDArray[Any], through: np.dtype[Any]) -> NDArray[Any]:
        """The filtered sheet, rounded band by band, while its floats are in the cache."""
        tall, row = source.shape[0], self.spot.anchor[1]
        count = max(1, tall // max(2 * self.span, _BAND))
        cuts = [tall * band // count for band in range(count + 1)]
        most = max(np.diff(cuts)) + self.span - 1
        result = np.empty(source.shape, self.dtype)

        def worker() -> Callable[[int], None]:
            memory = np.empty((most, *source.shape[1:]), through)

            def work(band: int) -> None:
                first, last = cuts[band], cuts[band + 1]
                start = max(0, first - row)
                piece = source[start : last + self.span - 1 - row]
                found = memory[: len(piece)]
                self.run(piece, found, self.spot)
                put(found[first - start : last - start], result[first:last])

            return work

        in_turn(count, worker, self.threads)
        return result
