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
from pellucid.threads import at_once, cores, in_turn

#: OpenCV's numbers for the dtypes that its filters take and give.
DEPTHS = {"uint8": cv2.CV_8U, "float32": cv2.CV_32F, "float64": cv2.CV_64F}
#: Our modes in OpenCV's words. It has no circular one for filters.
_BORDERS = {
    "zeros": cv2.BORDER_CONSTANT,
    "reflect": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
}
#: Products below which a second thread costs more than it saves.
_WORTH_A_THREAD = 8e6
#: Pixels of a sheet from which OpenCV 5 shares its filters out over the cores itself: threads of
#: ours would only get in the way of its own.
_SHARED_OUT = 1 << 20

#: Rows of a band, or four times the kernel's where that is more.
_BAND = 128


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
        """The filtered sheet, one thread a piece of its rows, each written where it stays.

        A piece reads beyond its rows and writes there too, rubbish where it lacks neighbours. So
        the rows around each seam are filtered once more when both of its pieces are done.
        """
        tall, above = source.shape[0], self.spot.anchor[1]
        below = self.span - 1 - above
        own = tall * source.shape[1] < _SHARED_OUT
        count = max(1, min(self.threads, tall // (4 * self.span))) if own else 1
        cuts = [tall * piece // count for piece in range(count + 1)]
        result = np.empty(source.shape, self.dtype)

        def piece(first: int, last: int) -> None:
            rows = slice(max(0, first - above), last + below)
            self.run(source[rows], result[rows], self.spot)

        at_once([partial(piece, *cut) for cut in pairwise(cuts)])
        for seam in cuts[1:-1] if self.span > 1 else ():
            around = source[seam - 2 * above : seam + 2 * below]
            found = np.empty(around.shape, self.dtype)
            self.run(around, found, self.spot)
            result[seam - above : seam + below] = found[above : above + above + below]
        return result

    def bands(self, source: NDArray[Any], through: np.dtype[Any]) -> NDArray[Any]:
        """The filtered sheet, rounded band by band, while its floats are in the cache."""
        tall, row = source.shape[0], self.spot.anchor[1]
        count = max(1, tall // max(4 * self.span, _BAND))
        if count > self.threads:
            count -= count % self.threads  # as many for each
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
