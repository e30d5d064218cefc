"""What counts as an image in memory, checked in one place: H×W×C, uint8 or floats from 0 to 1."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images.raw import Pixels
from pellucid.images.read import Picture

#: uint8 from 0 to 255, or floats from 0 to 1.
Image = NDArray[Any]

_FLOATS = (np.float32, np.float64)
_ALPHA = (2, 4)


def checked(given: Any, *, channels: Sequence[int] = (1, 3), name: str = "image") -> Image:
    """An image as an array H×W×C, or a sentence on what is wrong with it.

    Args:
        given: a ``Picture``, an array H×W (one channel) or H×W×C with any strides, or nested
            lists of these. uint8 from 0 to 255; float32 or float64 from 0 to 1.
        channels: how many there may be.
        name: what the messages call it.

    Returns:
        H×W×C, a view where that is possible, so perhaps read-only.

    Raises:
        UsageError: no H×W or H×W×C, no pixels, other channels, another type of numbers, NaN or
            infinity, or floats outside 0 … 1.

    >>> checked(np.zeros((4, 6))).shape
    (4, 6, 1)
    """
    values = _shaped(given, name)
    if values.shape[2] not in channels:
        raise UsageError(_wrong_channels(values.shape, channels, name))
    if values.dtype != np.uint8 and values.dtype not in _FLOATS:
        raise UsageError(
            f"expected {name} as uint8 (0 to 255), float32 or float64 (0 to 1), "
            f"found {values.dtype}: scale and convert it first."
        )
    if values.dtype != np.uint8:
        low, high = finite_range(values, name)
        if low < 0 or high > 1:
            raise UsageError(
                f"expected {name} with floats from 0 to 1, found {low:g} to {high:g}: "
                "scale or clip it first, or draw it with pellucid.images.show."
            )
    return values


def checked_values(given: Any, *, name: str = "values") -> NDArray[Any]:
    """Real numbers of any range as H×W×C: feature maps, differences, kernels, images.

    Args:
        given: a ``Picture``, or H×W or H×W×C of integers or floats (bool counts as 0 and 1).
        name: what the messages call it.

    Returns:
        H×W×C, a view where that is possible; bool and float16 come as float32.

    Raises:
        UsageError: no H×W or H×W×C, nothing in it, no real numbers, NaN or infinity.

    >>> checked_values([[True, False]]).tolist()
    [[[1.0], [0.0]]]
    """
    values = _shaped(given, name)
    if values.dtype.kind not in "buif":
        raise UsageError(f"expected {name} as real numbers, found {values.dtype}.")
    finite_range(values, name)
    return values.astype(np.float32) if values.dtype in (np.bool_, np.float16) else values


def finite_range(values: NDArray[Any], name: str) -> tuple[float, float]:
    """The smallest and the largest value.

    Raises:
        UsageError: some are NaN or infinite.
    """
    low, high = float(values.min()), float(values.max())  # NaN anywhere makes both NaN
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = np.argwhere(~np.isfinite(values))
        place = ", ".join(str(index) for index in bad[0])
        raise UsageError(
            f"expected {name} without NaN or infinity, found {len(bad):,} such values, the first "
            f"at [{place}]: replace them first."
        )
    return low, high


def to_bytes(image: Image) -> Pixels:
    """Floats from 0 to 1 as uint8: 255·v, rounded to nearest (halves to even); uint8 as it is.

    >>> to_bytes(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    if image.dtype == np.uint8:
        return image
    import cv2  # rounds and converts in one pass; not needed to read an image

    rounded = cv2.convertScaleAbs(np.ascontiguousarray(image), alpha=255)
    return np.asarray(rounded, np.uint8).reshape(image.shape)


def to_floats(image: Image) -> NDArray[np.floating[Any]]:
    """uint8 as float32 from 0 to 1: v / 255; floats as they are.

    >>> to_floats(np.array([0, 51, 255], np.uint8)).tolist()
    [0.0, 0.20000000298023224, 1.0]
    """
    return image.astype(np.float32) / np.float32(255) if image.dtype == np.uint8 else image


def _shaped(given: Any, name: str) -> NDArray[Any]:
    try:
        values = np.asarray(given.pixels if isinstance(given, Picture) else given)
    except ValueError as error:
        raise UsageError(f"expected {name} as an array H×W or H×W×C: {error}.") from None
    if values.ndim not in (2, 3):
        raise UsageError(
            f"expected {name} as an array H×W or H×W×C, found {values.ndim} axes "
            f"(shape {values.shape})."
        )
    if 0 in values.shape:
        raise UsageError(f"expected {name} with pixels, found shape {values.shape}.")
    return values[..., None] if values.ndim == 2 else values


def _wrong_channels(shape: tuple[int, ...], channels: Sequence[int], name: str) -> str:
    allowed = " or ".join(str(count) for count in channels)
    sentence = f"expected {name} with {allowed} channels (H×W×C), found shape {shape}"
    if shape[2] in _ALPHA:
        return f"{sentence}: drop the alpha channel first, image[..., :{shape[2] - 1}]."
    if shape[0] in channels:
        return f"{sentence}: its channels come first, move them with np.moveaxis(image, 0, -1)."
    return f"{sentence}."
