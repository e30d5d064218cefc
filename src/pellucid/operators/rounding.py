"""In which dtype a sum of products is computed, and how it becomes the dtype that is asked for."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.errors import UsageError

#: Integers of these are exact in float32 with 16 bits to spare; wider ones need float64.
_NARROW = ("bool", "uint8", "int8", "float16", "float32")


def working_dtype(given: np.dtype[Any], wanted: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype to compute in: float32 for 8-bit integers and floats up to float32, else float64.

    >>> working_dtype(np.dtype("uint8"), np.dtype("uint8"))
    dtype('float32')
    >>> working_dtype(np.dtype("uint8"), np.dtype("float64"))
    dtype('float64')
    """
    narrow = given.name in _NARROW and wanted.name in _NARROW
    return np.dtype(np.float32 if narrow else np.float64)


def result_dtype(given: np.dtype[Any], asked: DTypeLike | None) -> np.dtype[Any]:
    """The dtype of a result: that of the input, or the one asked for (NumPy's or torch's name).

    Raises:
        UsageError: it is no dtype of real numbers.

    >>> result_dtype(np.dtype("uint8"), None), result_dtype(np.dtype("uint8"), np.float32)
    (dtype('uint8'), dtype('float32'))
    """
    if asked is None:
        return given
    name = str(asked).removeprefix("torch.")
    try:
        found = np.dtype(name) if str(asked) != name else np.dtype(asked)
    except TypeError:
        raise UsageError(f"expected dtype as a dtype of NumPy, found {asked!r}.") from None
    if found.kind not in "biuf":
        raise UsageError(f"expected dtype as one of real numbers, found {found}.")
    return found


def rounded(sums: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Sums as ``dtype``: integers are rounded half to even and saturate; they never wrap.

    Floats are converted as they are. NaN becomes 0 in an integer dtype, an infinity its end.

    >>> rounded(np.array([-3.0, 0.5, 1.5, 254.6, 300.0]), np.dtype("uint8"))
    array([  0,   0,   2, 255, 255], dtype=uint8)
    """
    if dtype.kind == "f":
        with np.errstate(over="ignore"):  # beyond the largest float16 lies infinity
            return sums.astype(dtype, copy=False)
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    whole = np.rint(sums)
    if sums.dtype.kind == "f" and np.isnan(whole).any():
        whole = np.nan_to_num(whole, nan=0.0, posinf=np.inf, neginf=-np.inf)
    top = whole >= high  # the largest int64 is no float64: it is set, not converted
    made = np.clip(np.where(top, 0, whole), low, None).astype(dtype)
    made[top] = high
    return made


def finished(sums: NDArray[Any], bias: NDArray[np.float64], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Sums N×F×H'×W', of which the caller has no more need, with their bias, as ``dtype``."""
    if bias.any():
        sums += bias[:, None, None].astype(sums.dtype)
    return rounded(sums, dtype)


def stored(sums: NDArray[Any], bias: NDArray[np.float64], target: NDArray[Any]) -> None:
    """Sums c×rows×W, of which the caller has no more need, into rows×W×c: bias added, rounded."""
    if bias.any():
        sums += bias[:, None, None].astype(sums.dtype)
    whole = sums
    if target.dtype != sums.dtype:
        whole = np.empty(sums.shape, target.dtype)
        for plane, pixels in zip(sums, whole, strict=True):
            put(plane, pixels)
    if len(sums) > 1 and target.dtype.name in ("uint8", "float32", "float64"):
        cv2.merge(list(whole), target)
    else:
        target[...] = np.moveaxis(whole, 0, 2)


def put(sums: NDArray[Any], target: NDArray[Any]) -> None:
    """``target[...] = rounded(sums)``, sums and target row by row; the sums are spent.

    For uint8 by OpenCV, which rounds half to even as well and is several times as fast as NumPy.
    """
    if target.dtype == sums.dtype:
        target[...] = sums
    elif target.dtype == np.uint8:
        flat = sums.reshape(sums.shape[0], -1)
        cv2.threshold(flat, 0, 0, cv2.THRESH_TOZERO, flat)
        cv2.convertScaleAbs(flat, target.reshape(flat.shape))
    else:
        target[...] = rounded(sums, target.dtype)
