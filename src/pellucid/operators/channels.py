"""Channel operators: each output channel is made of the input's channels at the same pixel.

Most of them are linear, that is a C'×C matrix for every pixel: exactly a 1×1 convolution, with the
matrix as its C' filters of C×1×1 and the offset as its biases. Turning the hue is not.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError, unknown_name
from pellucid.images.check import Image, checked, finite_range
from pellucid.images.colour.hexcone import hsv_to_rgb, rgb_to_hsv
from pellucid.images.colour.values import mixed
from pellucid.operators.convolution import correlate
from pellucid.operators.layout import planes
from pellucid.operators.rounding import put, working_dtype
from pellucid.operators.tensors import needs_torch

Matrix = NDArray[np.float64]

#: The names of an RGB image's channels.
RGB = {"r": 0, "red": 0, "g": 1, "green": 1, "b": 2, "blue": 2}


def mix(image: Any, matrix: Any, offset: Any = 0.0) -> Any:
    """Mix channels linearly: out[i, y, x] = Σ_j matrix[i, j]·in[j, y, x] + offset[i].

    This is a 1×1 convolution (Lin, Chen and Yan 2013, Network in Network, section 3).

    Args:
        image: an image, array or tensor with C channels, in any layout of
            :mod:`pellucid.operators.layout`.
        matrix: C'×C weights.
        offset: one number, or C' of them, in the units of the image.

    Returns:
        The same kind of thing with C' channels and the same type. Integers are rounded to
        nearest (halves to even) and saturate: uint8 at 0 and 255. Floats are not clipped. The
        result of a tensor that requires gradients does so too.

    Raises:
        UsageError: no real numbers, NaN or infinity, or sizes that do not fit.

    >>> mix(np.array([[[200, 100, 0]]], np.uint8), [[1, 1, 0], [0, 1, 0]]).tolist()
    [[[255, 100]]]
    """
    given = planes(image, 2)
    values = given.values
    finite_range(values, "image")
    weights = _weights(matrix, offset, values.shape[1])
    if needs_torch(image, None, None):
        return correlate(image, weights[:, :-1, None, None], bias=weights[:, -1])
    work = values.astype(working_dtype(values.dtype, values.dtype), copy=False)
    if len(work) == 1:  # as it lies in memory: an image stays H×W×C
        return given.restore(_mix_one(work[0], weights, values.dtype)[None])
    return given.restore(np.stack([_mix_one(each, weights, values.dtype) for each in work]))


def add(image: Any, channel: str | int, *, weight: float = 1.0) -> Any:
    """Add one channel to each of the others: "add G to the RGBs".

    Args:
        image: as for :func:`mix`.
        channel: a name of an RGB channel (``r``, ``green``, …) or a place from 0.
        weight: how much of it.

    Returns:
        As :func:`mix`; uint8 saturates, floats may pass 1.

    Raises:
        UsageError: no such image or channel.

    >>> add(np.array([[[200, 100, 0]]], np.uint8), "g").tolist()
    [[[255, 100, 100]]]
    """
    return mix(image, add_matrix(channel, _count(image), weight))


def keep(image: Any, channels: Sequence[str | int]) -> Any:
    """Keep some channels and set the others to zero.

    Raises:
        UsageError: no such image or channel.

    >>> keep([[[0.2, 0.3, 0.4]]], ["r"]).tolist()
    [[[0.2, 0.0, 0.0]]]
    """
    return mix(image, keep_matrix(channels, _count(image)))


def drop(image: Any, channels: Sequence[str | int]) -> Any:
    """Set some channels to zero and keep the others.

    Raises:
        UsageError: no such image or channel.

    >>> drop([[[0.2, 0.3, 0.4]]], ["r"]).tolist()
    [[[0.0, 0.3, 0.4]]]
    """
    count = _count(image)
    return mix(image, np.eye(count) - keep_matrix(channels, count))


def swap(image: Any, first: str | int, second: str | int) -> Any:
    """Exchange two channels.

    Raises:
        UsageError: no such image or channel.

    >>> swap([[[0.2, 0.3, 0.4]]], "r", "b").tolist()
    [[[0.4, 0.3, 0.2]]]
    """
    return mix(image, swap_matrix(first, second, _count(image)))


def turn_hue(image: Any, degrees: float) -> Image:
    """Turn every hue around the circle; saturation and value stay: "is this a different village?"

    Args:
        image: H×W×3, uint8 or floats from 0 to 1. Gray stays gray.
        degrees: any number; 120 makes red green, green blue and blue red.

    Returns:
        (H, W, 3) of the image's own type. Back by −``degrees`` gives floats within 2e-6.

    Raises:
        UsageError: no such image, or an angle that is no finite number.

    >>> turn_hue(np.array([[[255, 0, 0], [9, 9, 9]]], np.uint8), 120).tolist()
    [[[0, 255, 0], [9, 9, 9]]]
    """
    if not np.isfinite(degrees):
        raise UsageError(f"expected an angle in degrees, found {degrees}.")
    pixels = checked(image, channels=(3,))
    values = rgb_to_hsv(pixels)
    hue = values[..., 0]
    hue += np.float32(degrees % 360)
    hue[hue >= 360] -= 360
    return hsv_to_rgb(values, dtype=pixels.dtype)


def add_matrix(channel: str | int, count: int = 3, weight: float = 1.0) -> Matrix:
    """The matrix of :func:`add`: ones on the diagonal, ``weight`` in the channel's column.

    >>> add_matrix("g").tolist()
    [[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0]]
    """
    matrix = np.eye(count)
    place = _place(channel, count)
    matrix[:, place] = weight
    matrix[place, place] = 1.0
    return matrix


def keep_matrix(channels: Sequence[str | int], count: int = 3) -> Matrix:
    """The matrix of :func:`keep`: ones on the diagonal for the channels that are kept.

    >>> keep_matrix(["r", "b"]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    kept = np.zeros(count)
    kept[[_place(channel, count) for channel in channels]] = 1.0
    return np.diag(kept)


def swap_matrix(first: str | int, second: str | int, count: int = 3) -> Matrix:
    """The matrix of :func:`swap`: the identity with two rows exchanged.

    >>> swap_matrix("r", "b").tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    order = list(range(count))
    one, other = _place(first, count), _place(second, count)
    order[one], order[other] = other, one
    return np.eye(count)[order]


def _mix_one(values: NDArray[Any], weights: Matrix, dtype: np.dtype[Any]) -> NDArray[Any]:
    """C×H×W times C'×(C + 1), the last column added, by whichever is quicker for its strides."""
    outputs, inputs = len(weights), weights.shape[1] - 1
    image = np.moveaxis(values, 0, 2)
    if max(outputs, inputs) <= 4 and image.flags.c_contiguous:
        return np.moveaxis(_as_type(mixed(image, weights), dtype), 2, 0)
    flat: NDArray[Any] = weights[:, :-1].astype(values.dtype) @ values.reshape(inputs, -1)
    flat += weights[:, -1:].astype(values.dtype)
    return _as_type(flat.reshape(outputs, *values.shape[1:]), dtype)


def _as_type(sums: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Contiguous sums, of which there is no more need, rounded to the image's type."""
    if sums.dtype == dtype:
        return sums
    made = np.empty(sums.shape, dtype)
    put(sums, made)
    return made


def _weights(matrix: Any, offset: Any, count: int) -> Matrix:
    """The matrix with the offset as its last column, checked."""
    try:
        weights = np.asarray(matrix, np.float64)
        offsets = np.asarray(offset, np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"expected a matrix and an offset of real numbers: {error}.") from None
    if weights.ndim != 2 or weights.shape[1] != count or not weights.size:
        raise UsageError(
            f"expected a matrix with {count} columns, one for each channel of the image, "
            f"found shape {weights.shape}."
        )
    if offsets.shape not in ((), (len(weights),)):
        raise UsageError(
            f"expected an offset of one number or {len(weights)} (one for each row of the "
            f"matrix), found shape {offsets.shape}."
        )
    column = np.broadcast_to(offsets, len(weights))[:, None]
    whole = np.hstack([weights, column])
    finite_range(whole, "the matrix and the offset")
    return whole


def _count(image: Any) -> int:
    return int(planes(image, 2).values.shape[1])


def _place(channel: str | int, count: int) -> int:
    """The place of a channel given by name or number."""
    if isinstance(channel, str):
        if count != 3:
            raise UsageError(
                f"expected a channel by its number, 0 to {count - 1}, found '{channel}': names "
                "are for images with 3 channels."
            )
        if channel.lower() not in RGB:
            raise unknown_name("channel", channel, RGB)
        return RGB[channel.lower()]
    if not 0 <= channel < count:
        raise UsageError(f"expected a channel from 0 to {count - 1}, found {channel}.")
    return channel
