"""Pooling: one number for each window of an image or a series, with no parameters."""

from collections.abc import Sequence
from math import prod
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid import geometry
from pellucid.errors import UsageError, unknown_name
from pellucid.geometry import Padding, Window
from pellucid.operators.layout import is_tensor, planes
from pellucid.operators.pooling_cells import cells_in
from pellucid.operators.pooling_reduce import SUMS, reduce

#: What one number says about the cells of a window.
Kind = Literal["max", "min", "average", "sum", "l2", "last", "first"]
KINDS: tuple[str, ...] = get_args(Kind)

Values = NDArray[Any]


def pool(
    image: Any,
    kind: Kind,
    window: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    ceil: bool = False,
    axes: int | None = None,
    count_padding: bool = False,
    dtype: DTypeLike | None = None,
) -> Any:
    """Slide a window over an image or a series and keep one number of each place.

    Over the cells x of a window:

    ===========  ==================================================================
    ``max``      the largest
    ``min``      the smallest
    ``average``  Σx / their number
    ``sum``      Σx
    ``l2``       √Σx², the sum and not the mean (as torch's ``lp_pool2d``)
    ``last``     the last one: of a series the latest quote, of an image lower right
    ``first``    the first one: of a series the earliest, of an image upper left
    ===========  ==================================================================

    Padding holds nothing: it never wins a maximum or a minimum, adds nothing to a sum, is never
    the last or first cell; ``count_padding`` lets it count in the number that an average divides
    by. What sticks out beyond the padding with ``ceil`` never counts. (torch's ``lp_pool2d``
    scales such a cut window up; here it stays the root of the sum.)

    NaN: a window that holds one has NaN as its maximum, minimum, average, sum and L2 norm;
    ``last`` and ``first`` take their cell as it is.

    Args:
        image: H×W, H×W×C, N×C×H×W or a ``Picture``; with ``axes`` 1 a series T, C×T or N×C×T; or
            a tensor (see :mod:`pellucid.operators.layout`).
        kind: one of :data:`KINDS`.
        window: its cells, for all axes or one number an axis; likewise stride and dilation.
        stride: cells from one window to the next; None: as the window, so that windows tile.
        padding: cells on every side, or any other form that :func:`pellucid.geometry.window` takes.
        dilation: cells from one cell of a window to the next.
        ceil: whether a last window may stick out, so that no cell is left over.
        axes: 1 or 2; None: 1 for an array of one axis, else 2.
        count_padding: see above.
        dtype: of the result, a NumPy dtype; None keeps that of the image (float32 for the average,
            sum and L2 norm of bool). Integers are rounded to nearest, half to even, and saturate:
            ask for ``float32`` to keep the fractions.

    Returns:
        The pooled image in the form of the given one, H'×W'… by the sizes of the geometry. A
        tensor that records gradients is pooled by torch, and its result records them too.

    Raises:
        UsageError: an unknown kind, sizes that do not fit, a window without any cell of the image.

    >>> pool(np.arange(16).reshape(4, 4), "max", 2)
    array([[ 5,  7],
           [13, 15]])
    >>> pool([1.0, 2, 3, 4, 5], "last", 2, ceil=True)
    array([2., 4., 5.])
    """
    if kind not in KINDS:
        raise unknown_name("kind of pooling", kind, KINDS)
    if axes is None:
        axes = 1 if np.ndim(getattr(image, "pixels", image)) == 1 else 2
    found = planes(image, axes)
    place = geometry.window(
        found.values.shape[2:],
        window,
        stride=window if stride is None else stride,
        dilation=dilation,
        padding=padding,
        ceil=ceil,
    )
    _check(place)
    wanted = _result_dtype(found.values.dtype, kind, dtype)
    if is_tensor(image) and image.requires_grad:
        import torch

        from pellucid.operators.pooling_torch import pool_tensor

        pooled = pool_tensor(image, kind, place, _counts(place, count_padding))
        return pooled if dtype is None else pooled.to(getattr(torch, wanted.name))
    result = reduce(found.values, kind, place)
    if kind == "average":
        exact = found.values.dtype.kind != "f"  # integer sums: round once, when all is done
        precise = np.float64 if exact else result.dtype
        result = np.divide(result, _counts(place, count_padding), dtype=precise)
    return found.restore(_cast(result, wanted))


def pool_global(
    image: Any, kind: Kind = "average", *, axes: int | None = None, dtype: DTypeLike | None = None
) -> Any:
    """One number for each channel: pooling with a window as large as the image.

    Global average pooling (Lin, Chen and Yan 2014, Network in Network, section 3.2) turns one
    feature map a class into one score a class, without parameters.

    Args:
        image: as :func:`pool` takes it.
        kind: one of :data:`KINDS`.
        axes: as in :func:`pool`.
        dtype: as in :func:`pool`.

    Returns:
        The image with one cell on each axis: 1×1, 1×1×C, N×C×1×1; of a series 1, C×1 or N×C×1.

    Raises:
        UsageError: an unknown kind.

    >>> pool_global(np.array([[1.0, 2], [3, 6]]))
    array([[3.]])
    """
    if axes is None:
        axes = 1 if np.ndim(getattr(image, "pixels", image)) == 1 else 2
    size = planes(image, axes).values.shape[2:]
    return pool(image, kind, size, axes=axes, dtype=dtype)


def _check(place: Window) -> None:
    """Refuse a window that is larger than the image, or somewhere without any of its cells."""
    if 0 in place.output_shape:
        raise UsageError(
            f"expected a window that fits into the image with its padding, found "
            f"{place.kernel_shape} cells for {place.input_shape}: take a smaller one."
        )
    if any(cells_in(axis).min() < 1 for axis in place.axes):
        raise UsageError(
            "expected at least one cell of the image in every window, found one that holds only "
            f"padding: take less padding than {place.padding}."
        )


def _counts(place: Window, padding: bool) -> NDArray[np.float64]:
    """Cells in each window, (H', W') or (T',); one number if all have the same."""
    counts = [cells_in(axis, padding).astype(np.float64) for axis in place.axes]
    if all((each == each[0]).all() for each in counts):
        return np.array([prod(float(each[0]) for each in counts)])
    return counts[0] if len(counts) == 1 else np.multiply.outer(*counts)


def _result_dtype(given: np.dtype[Any], kind: str, wanted: DTypeLike | None) -> np.dtype[Any]:
    if wanted is None:
        made = given.kind == "b" and kind in SUMS
        return np.dtype(np.float32) if made else given
    try:
        dtype = np.dtype(wanted)
    except TypeError:
        dtype = np.dtype(object)
    if dtype.kind not in "biuf":
        raise UsageError(f"expected dtype as a NumPy dtype of real numbers, found {wanted!r}.")
    return dtype


def _cast(values: Values, dtype: np.dtype[Any]) -> Values:
    """To a dtype; into integers rounded half to even and saturated.

    Raises:
        UsageError: there is a NaN, which no integer stands for.
    """
    if values.dtype == dtype or dtype.kind in "fb" or values.dtype.kind == "b":
        with np.errstate(over="ignore"):  # too large for a short float is infinite
            return values.astype(dtype, copy=False)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    if values.dtype.kind != "f":
        given = np.iinfo(values.dtype)
        return values.clip(max(low, given.min), min(high, given.max)).astype(dtype)
    if np.isnan(values).any():
        raise UsageError(f"expected no NaN where the result is {dtype}, found some.")
    top = np.float64(high)
    if int(top) > high:  # 2⁶³ is a float64, 2⁶³ - 1 is not
        top = np.nextafter(top, 0)
    return np.rint(values, dtype=np.float64).clip(low, top).astype(dtype)
