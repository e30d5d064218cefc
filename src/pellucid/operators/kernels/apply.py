"""Apply a kernel to an image and make the result one that can be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Padding
from pellucid.images.check import checked, to_bytes
from pellucid.images.colour import rgb_to_ycbcr, ycbcr_to_rgb
from pellucid.images.raw import Pixels
from pellucid.images.scale import number
from pellucid.operators.convolution import convolve, correlate
from pellucid.operators.kernels.kernel import Kernel

#: How results below 0 and above 255 are shown.
Signed = Literal["auto", "saturate", "gray"]
#: This share of the values of a signed picture lies between black and white.
_INSIDE = 0.995


@dataclass(frozen=True, slots=True)
class Applied:
    """An image after a kernel.

    Attributes:
        pixels: H'×W'×C uint8.
        way: how the sums were computed, in a word or two.
        why: one sentence on that.
        note: what the shades stand for, or how much was cut off; empty where nothing is to say.
    """

    pixels: Pixels
    way: str
    why: str
    note: str


def apply_kernel(
    image: Any,
    kernel: Kernel,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    padding: Padding = "same",
    mode: str = "reflect",
    flip: bool = False,
    luminance: bool = False,
    signed: Signed = "auto",
) -> Applied:
    """Filter an image for the eye: every channel alone, or its luminance only.

    The sums are rounded and cut off at 0 and 255 (``saturate``), or shown signed (``gray``): 0
    becomes mid-gray, and ±m, between which 99.5% of them lie, black and white. ``auto`` shows a
    kernel whose weights add up to 0 signed: half of what it says would be cut off otherwise.

    Args:
        image: H×W×1 or H×W×3, uint8 or floats from 0 to 1.
        kernel: what to apply, as cross-correlation.
        stride: as for ``correlate``, like dilation, padding and mode.
        dilation: see there.
        padding: see there.
        mode: what stands in the padding; mirrored pixels by default, so that borders stay calm.
        flip: turn the kernel by half a circle first: true convolution.
        luminance: filter Y of YCbCr (BT.601) and keep Cb and Cr; a signed result is Y alone.
        signed: what becomes of values below 0 and above 255.

    Raises:
        UsageError: as for ``correlate``.

    >>> from pellucid.operators.kernels import kernel
    >>> edge = np.array([[0, 0, 200, 200]], np.uint8)
    >>> apply_kernel(edge, kernel("sobel_x")).pixels[..., 0].tolist()
    [[128, 255, 255, 128]]
    >>> apply_kernel(edge, kernel("box")).pixels[..., 0].tolist()
    [[0, 67, 133, 200]]
    """
    slide = convolve if flip else correlate
    options: dict[str, Any] = {
        "stride": stride,
        "dilation": dilation,
        "padding": padding,
        "mode": mode,
    }
    pixels = to_bytes(checked(image))
    luminance = luminance and pixels.shape[2] == 3
    values: NDArray[Any] = rgb_to_ycbcr(pixels) if luminance else pixels
    chosen = values[..., :1] if luminance else values
    found = slide(chosen, kernel, dtype=np.float32, explain=True, **options)
    sums: NDArray[np.float32] = found.result * (255 if luminance else 1)
    if signed == "gray" or (signed == "auto" and sums_to_zero(kernel)):
        shown, note = _mid_gray(sums)
        return Applied(shown, found.way, found.why, note)
    if luminance:
        middle = np.zeros(kernel.shape)
        middle[kernel.anchor] = 1
        chroma = correlate(values[..., 1:], middle, **options)
        shown = ycbcr_to_rgb(
            np.concatenate([np.clip(sums / 255, 0, 1), chroma], axis=2), dtype=np.uint8
        )
    else:
        shown = np.rint(np.clip(sums, 0, 255)).astype(np.uint8)
    return Applied(shown, found.way, found.why, _cut_off(sums))


def sums_to_zero(kernel: Kernel) -> bool:
    """Whether flat areas give 0, so that the sign of a result carries its meaning."""
    return abs(kernel.total) <= 1e-9 * kernel.l1


def _mid_gray(sums: NDArray[np.float32]) -> tuple[Pixels, str]:
    """0 as 128, ±m as white and black."""
    most = float(np.quantile(np.abs(sums), _INSIDE)) or float(np.abs(sums).max()) or 1.0
    shown = np.rint(np.clip(127.5 + 127.5 * sums / most, 0, 255)).astype(np.uint8)
    return shown, f"gray is 0, black −{number(most)}, white {number(most)}"


def _cut_off(sums: NDArray[np.float32]) -> str:
    outside = float(np.mean((sums < -0.5) | (sums > 255.5)))
    return f"{outside:.1%} of the values cut off at 0 or 255" if outside >= 0.0005 else ""
