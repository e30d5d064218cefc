"""Convolution and cross-correlation of images and series with kernels, on any border."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from pellucid.geometry import Padding, Window
from pellucid.operators.layout import Planes, is_tensor, planes
from pellucid.operators.plans import plan
from pellucid.operators.problem import as_kernel
from pellucid.operators.routes import computed, why
from pellucid.operators.tensors import TORCH, by_torch, needs_torch, on_host, torch_dtype


@dataclass(frozen=True)
class Explained:
    """A result with the way it was computed.

    Attributes:
        result: what the call without ``explain`` returns.
        way: the algorithm, in a word or two.
        why: one sentence with the numbers that decided.
        window: the geometry; one axis for a series, two for an image.
    """

    result: Any
    way: str
    why: str
    window: Window


def correlate(
    image: Any,
    kernel: Any,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding: Padding = "same",
    mode: str = "zeros",
    bias: Any = None,
    dtype: DTypeLike | None = None,
    explain: bool = False,
    axes: int | None = None,
) -> Any:
    """Cross-correlate an image or a series with a kernel: the sums of products that CNNs compute.

    The kernel is not flipped: S(i, j) = b + Σ I(i·s + u·d − p, j·s + v·d − p)·K(u, v), summed over
    the kernel's rows u and columns v (and over the channels, where the kernel has a channel axis),
    with stride s, dilation d and p cells of padding before (Goodfellow, Bengio and Courville 2016,
    Deep Learning, section 9.1; Dumoulin and Visin 2016, arXiv:1603.07285).

    ======================  =================================================================
    kernel                  result
    ======================  =================================================================
    (k,)                    each channel of a series alone, along the last axis
    (kh, kw)                each channel of an image alone: C feature maps
    (C/groups, kh, kw)      one filter, summed over the channels: one feature map
    (F, C/groups, kh, kw)   F filters: F feature maps
    (C/groups, k)           with ``axes=1``: one filter over the channels of a series
    (F, C/groups, k)        with ``axes=1``: F filters
    ======================  =================================================================

    Rounding: 8-bit integers and floats up to 32 bits are computed in float32, all else in float64.
    An integer result is rounded half to even and saturates at the ends of its dtype; it never
    wraps. ``dtype=np.float32`` gives the signed sums of an integer image as they are.

    NaN and infinities reach exactly the results that weigh them with a weight other than zero.

    A tensor that requires gradients, or is on another device, is computed by torch itself and
    stays differentiable.

    Args:
        image: NumPy array (H×W, H×W×C, N×C×H×W; for series T, C×T, N×C×T), torch tensor with its
            channels first, or ``Picture``. It is not modified.
        kernel: real numbers, of a shape in the table.
        stride: cells from one window to the next; a number, or one a direction.
        dilation: cells from one weight to the next; likewise.
        groups: blocks of channels that are not mixed.
        padding: ``same`` (ceil(n/s) results; an odd cell of padding on the far side), ``valid``,
            ``full``, cells on every side, or one entry a direction.
        mode: what stands in the padding: ``zeros``, ``reflect``, ``replicate``, ``circular``.
        bias: added to every sum: a number, or one a feature map.
        dtype: of the result; the image's where not given.
        explain: whether to return :class:`Explained`.
        axes: directions that the kernel slides in; 1 for a kernel of one axis, else 2.

    Returns:
        The result in the library, dtype, device and order of axes of the image.

    Raises:
        UsageError: an argument has no meaning, or they do not fit together.

    >>> correlate(np.array([0.0, 0.0, 1.0, 0.0, 0.0]), [1, 2, 3])
    array([0., 3., 2., 1., 0.])
    >>> correlate(np.array([[10, 200], [30, 40]], np.uint8), [[2]])
    array([[ 20, 255],
           [ 60,  80]], dtype=uint8)
    """
    return _answer(
        image,
        kernel,
        turned=False,
        explain=explain,
        axes=axes,
        stride=stride,
        dilation=dilation,
        groups=groups,
        padding=padding,
        mode=mode,
        bias=bias,
        dtype=dtype,
    )


def convolve(
    image: Any,
    kernel: Any,
    *,
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    padding: Padding = "same",
    mode: str = "zeros",
    bias: Any = None,
    dtype: DTypeLike | None = None,
    explain: bool = False,
    axes: int | None = None,
) -> Any:
    """Convolve an image or a series with a kernel: :func:`correlate` with the kernel turned.

    S(i, j) = Σ I(i − u, j − v)·K(u, v), the kernel turned by 180°. With ``padding="full"`` this is
    the convolution of mathematics: the same when image and kernel change places. Filters are
    turned in the directions that slide, not over their channels. Arguments, result and errors are
    those of :func:`correlate`.

    >>> convolve(np.array([0.0, 0.0, 1.0, 0.0, 0.0]), [1, 2, 3])
    array([0., 1., 2., 3., 0.])
    >>> convolve([1.0, 2.0], [3.0, 4.0], padding="full")
    array([ 3., 10.,  8.])
    """
    return _answer(
        image,
        kernel,
        turned=True,
        explain=explain,
        axes=axes,
        stride=stride,
        dilation=dilation,
        groups=groups,
        padding=padding,
        mode=mode,
        bias=bias,
        dtype=dtype,
    )


def _answer(
    image: Any,
    kernel: Any,
    *,
    turned: bool,
    explain: bool,
    axes: int | None,
    bias: Any,
    dtype: DTypeLike | None,
    **sliding: Any,
) -> Any:
    differentiable = needs_torch(image, kernel, bias)
    weights, axes = as_kernel(on_host(kernel), axes)
    if turned:
        weights = np.flip(weights, tuple(range(-axes, 0)))
    found = planes(image, axes)
    known = plan(found.values, weights, on_host(bias), axes=axes, dtype=dtype, **sliding)
    problem, routes = known.problem, known.routes
    sums: Any
    if differentiable:
        sums = by_torch(problem, image, kernel, bias, turned=turned, keeps=dtype is None)
    else:
        sums = computed(problem, routes[0])
    result = _in_form(sums if axes == 2 else sums[:, :, 0], found, dtype)
    if not explain:
        return result
    way, reason = TORCH if differentiable else (routes[0].way, why(problem, routes))
    return Explained(result, way, reason, problem.window)


def _in_form(sums: Any, found: Planes, asked: DTypeLike | None) -> Any:
    """N×F×… in the form of the input."""
    if is_tensor(sums):
        axes = found.restore(np.empty((*sums.shape[:2], *(0,) * (sums.ndim - 2)))).ndim
        return sums.reshape(sums.shape[sums.ndim - axes :])
    result = found.restore(sums)
    # bfloat16 is computed, and comes back, as float32: unless float32 was asked for.
    return result.to(torch_dtype(sums.dtype)) if is_tensor(result) and asked else result
