"""One convolution, checked and in one form, whatever was given: what every algorithm takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pellucid.errors import UsageError
from pellucid.geometry import Axis, Padding, Window, window
from pellucid.operators.rounding import result_dtype, working_dtype


@dataclass(frozen=True)
class Problem:
    """A cross-correlation of planes with filters. A series is an image of one row.

    Attributes:
        values: N×C×H×W, any real dtype, a view of what was given.
        weights: F×(C/groups)×kh×kw float64. Where every channel is filtered alone by one kernel
            it is 1×1×kh×kw, and ``alone`` is True.
        alone: whether each channel gives one feature map, all by the same kernel.
        groups: blocks of channels that are not mixed; C where they are filtered alone.
        bias: one number a feature map, F or 1 of them, float64.
        window: the geometry in the directions that were asked for: (T,) or (H, W).
        dtype: of the result.
    """

    values: NDArray[Any]
    weights: NDArray[np.float64]
    alone: bool
    groups: int
    bias: NDArray[np.float64]
    window: Window
    dtype: np.dtype[Any]

    @property
    def vertical(self) -> Axis:
        """The window's way down; of one row for a series."""
        return self.window.axes[0] if len(self.window.axes) == 2 else Axis(1, kernel=1)

    @property
    def horizontal(self) -> Axis:
        """The window's way across."""
        return self.window.axes[-1]

    @property
    def kernel(self) -> NDArray[np.float64]:
        """The first filter's first kernel, kh×kw: the only one where channels stand alone."""
        first: NDArray[np.float64] = self.weights[0, 0]
        return first

    @cached_property
    def work(self) -> np.dtype[Any]:
        """The dtype to compute in."""
        return working_dtype(self.values.dtype, self.dtype)

    def of(self, values: NDArray[Any]) -> "Problem":
        """The same problem for other planes N×C×… of the same shape and dtype."""
        return replace(self, values=_rows(values))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """N×F×H'×W' of the result."""
        maps = self.values.shape[1] if self.alone else self.weights.shape[0]
        return self.values.shape[0], maps, self.vertical.output, self.horizontal.output


def pose(
    values: NDArray[Any],
    kernel: NDArray[np.float64],
    *,
    axes: int,
    stride: int | Sequence[int],
    dilation: int | Sequence[int],
    groups: int,
    padding: Padding,
    mode: str,
    bias: Any,
    dtype: DTypeLike | None,
) -> Problem:
    """A problem from checked planes N×C×… and a kernel of ``axes`` to ``axes`` + 2 axes.

    Raises:
        UsageError: the arguments do not fit together, or the kernel does not fit into the image.
    """
    channels = values.shape[1]
    weights, groups = _filters(kernel, axes, channels, groups)
    sliding = window(
        values.shape[2:],
        kernel.shape[-axes:],
        stride=stride,
        dilation=dilation,
        padding=padding,
        mode=mode,
    )
    if 0 in sliding.output_shape:
        raise UsageError(_too_large(sliding))
    if axes == 1:
        weights = weights[:, :, None]
    alone = kernel.ndim == axes
    maps = channels if alone else weights.shape[0]
    dtype = result_dtype(values.dtype, dtype)
    return Problem(_rows(values), weights, alone, groups, _bias(bias, maps), sliding, dtype)


def _rows(values: NDArray[Any]) -> NDArray[Any]:
    """A series N×C×T as an image of one row."""
    return values[:, :, None] if values.ndim == 3 else values


def as_kernel(given: Any, axes: int | None) -> tuple[NDArray[np.float64], int]:
    """The weights as float64, and in how many directions they slide.

    Raises:
        UsageError: no weights, not real numbers, not finite, or a wrong number of axes.
    """
    weights = np.asarray(given)
    if weights.dtype.kind not in "biuf":
        raise UsageError(f"expected a kernel of real numbers, found {weights.dtype}.")
    if axes is None:
        axes = 1 if weights.ndim == 1 else 2
    if axes not in (1, 2):
        raise UsageError(f"expected axes as 1 (series) or 2 (images), found {axes!r}.")
    if not axes <= weights.ndim <= axes + 2:
        forms = "(k,), (C, k) or (F, C, k)" if axes == 1 else "(kh, kw), (C, kh, kw) or (F, C, …)"
        raise UsageError(f"expected a kernel of shape {forms}, found shape {weights.shape}.")
    if weights.size == 0:
        raise UsageError(f"expected a kernel with weights, found shape {weights.shape}.")
    weights = weights.astype(np.float64)
    if not np.isfinite(weights).all():
        raise UsageError("expected a kernel of finite numbers, found NaN or infinity in it.")
    return weights, axes


def _filters(
    kernel: NDArray[np.float64], axes: int, channels: int, groups: int
) -> tuple[NDArray[np.float64], int]:
    """F×(C/groups)×…, and the groups."""
    if not isinstance(groups, int) or groups < 1:
        raise UsageError(f"expected groups as a whole number of at least 1, found {groups!r}.")
    if kernel.ndim == axes:
        if groups not in (1, channels):
            raise UsageError(
                f"expected no groups with a kernel of {axes} axes, which filters every channel "
                f"alone; found groups={groups}."
            )
        return kernel[None, None], channels
    filters = kernel if kernel.ndim == axes + 2 else kernel[None]
    if channels % groups or filters.shape[0] % groups:
        raise UsageError(
            f"expected {channels} channels and {filters.shape[0]} filters to be divisible by "
            f"groups={groups}."
        )
    if filters.shape[1] != channels // groups:
        raise UsageError(
            f"expected filters over {channels // groups} channels (the image has {channels}, "
            f"groups={groups}), found a kernel of shape {kernel.shape} over {filters.shape[1]}."
        )
    return filters, groups


def _bias(given: Any, maps: int) -> NDArray[np.float64]:
    if given is None:
        return np.zeros(1)
    bias = np.atleast_1d(np.asarray(given))
    if bias.dtype.kind not in "biuf" or bias.shape not in ((1,), (maps,)):
        raise UsageError(
            f"expected bias as one number or {maps} (one a feature map), found "
            f"{bias.dtype} of shape {bias.shape}."
        )
    return bias.astype(np.float64)


def _too_large(sliding: Window) -> str:
    def sizes(numbers: Sequence[int]) -> str:
        return "×".join(map(str, numbers))

    return (
        f"expected a kernel that fits into the image: it spans "
        f"{sizes([axis.span for axis in sliding.axes])}, the image with its padding is "
        f"{sizes([axis.padded for axis in sliding.axes])}; give a smaller kernel or "
        "padding='same'."
    )
