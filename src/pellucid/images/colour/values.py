"""What goes into a colour model and comes out of it, checked and typed in one place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images.check import Image, checked, checked_values, finite_range, to_bytes

Floats = NDArray[np.float32]

#: What a bound may be missed by: float32 arithmetic on values near 1, several times over.
SLACK = 1e-5


def rgb(image: Any) -> Image:
    """An RGB image, contiguous, as OpenCV takes it; a gray one repeats its channel.

    Raises:
        UsageError: it is no image of 1 or 3 channels.
    """
    values = checked(image)
    return np.ascontiguousarray(values.repeat(3, axis=2) if values.shape[2] == 1 else values)


def model_values(values: Any, model: str, bounds: dict[str, tuple[float, float]]) -> Floats:
    """A colour model's values (H, W, C) as contiguous float32, each channel within its bounds.

    Args:
        values: what was given.
        model: for messages.
        bounds: least and greatest value of each channel, by its name, in order.

    Raises:
        UsageError: no H×W×C of real numbers, another C, NaN, or a value outside its bounds.
    """
    import cv2  # not needed to read an image

    given = checked_values(values, name=f"{model} values")
    if given.shape[2] != len(bounds):
        raise UsageError(
            f"expected {model} values with {len(bounds)} channels (H×W×C: {', '.join(bounds)}), "
            f"found shape {given.shape}."
        )
    floats = np.ascontiguousarray(given, np.float32)
    for plane, (name, (low, high)) in zip(cv2.split(floats), bounds.items(), strict=True):
        least, most = finite_range(plane, name)
        room = SLACK * (high - low) if np.isfinite(high) else 0
        if least < low - room or most > high + room:
            raise UsageError(
                f"expected the {name} of {model} from {low:g} to {high:g}, "
                f"found {least:g} to {most:g}."
            )
    return floats


def mixed(values: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[Any]:
    """Every pixel's channels times a matrix: out[y, x, i] = Σ_j matrix[i, j]·values[y, x, j].

    Args:
        values: (H, W, C) float32 or float64, contiguous; C from 1 to 4.
        matrix: (C', C), or (C', C + 1) where the last column is added; C' from 1 to 4.

    Returns:
        (H, W, C') of the same type.
    """
    import cv2  # not needed to read an image

    height, width = values.shape[:2]
    return np.asarray(cv2.transform(values, matrix)).reshape(height, width, len(matrix))


def as_image(values: Floats, dtype: Any) -> Image:
    """RGB floats, which are spent, as an image: clipped to 0 … 1, as uint8 rounded to nearest.

    Raises:
        UsageError: a type that images do not have.
    """
    clipped = np.clip(values, 0, 1, out=values)
    if np.dtype(dtype) == np.uint8:
        return to_bytes(clipped)
    if np.dtype(dtype) in (np.float32, np.float64):
        return clipped.astype(dtype, copy=False)
    raise UsageError(f"expected dtype uint8, float32 or float64, found {np.dtype(dtype)}.")
