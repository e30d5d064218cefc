"""In which dtype a sum of products is computed, and how it becomes the dtype that is asked for."""

from typing import Any

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
