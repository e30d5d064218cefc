"""A before and an after picture, laid so that every after value has its whole window."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.geometry import Padding, Window, window
from pellucid.operators.border import padded
from pellucid.operators.layout import planes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pair:
    """What there is to learn from: after(y, x) reads before(y + k, x + l), k < kh and l < kw.

    Attributes:
        before: G×C×H×W float64. G pictures obey the same weights: with a kernel for all channels
            alike every channel is a picture of its own, and C is 1.
        after: G×O×(H − kh + 1)×(W − kw + 1) float64.
        used: G×(H − kh + 1)×(W − kw + 1), False where the after picture is saturated.
        size: (kh, kw).
        mixing: whether the weights mix channels.
        border: how many outputs were dropped since their window sticks out of the picture.
    """

    before: Floats
    after: Floats
    used: NDArray[np.bool_]
    size: tuple[int, int]
    mixing: bool
    border: int

    @property
    def unknowns(self) -> int:
        """Weights to learn for one output channel: C·kh·kw."""
        channels: int = self.before.shape[1]
        return channels * self.size[0] * self.size[1]

    @cached_property
    def level(self) -> float:
        """Root of the mean square of the before picture; 1 where it is black."""
        return float(np.sqrt(np.mean(self.before**2))) or 1.0

    @cached_property
    def samples(self) -> int:
        """After values of one output channel that are learned from."""
        return int(np.count_nonzero(self.used))


def pair(
    before: Any,
    after: Any,
    size: int | Sequence[int],
    *,
    padding: Padding = "same",
    mode: str | None = None,
    mixing: bool = False,
) -> Pair:
    """Two pictures as a :class:`Pair`.

    Args:
        before: a picture in any form that ``correlate`` takes.
        after: its result: as large as the padding says.
        size: of the kernel, a number or (kh, kw).
        padding: that the after picture was made with.
        mode: what stood in the padding. None: not known; only outputs whose window lies inside
            the before picture are used.
        mixing: whether every output channel may read all input channels.

    Raises:
        UsageError: sizes or channels do not fit, values are not finite, or nothing is left.
    """
    inputs, outputs = (_finite(planes(each, 2).values, name) for each, name in
                       ((before, "before"), (after, "after")))  # fmt: skip
    sliding = window(inputs.shape[2:], size, padding=padding, mode=mode or "zeros")
    _check_shapes(inputs.shape, outputs.shape, sliding, mixing)
    used = _unsaturated(outputs)
    border = 0
    if mode is None:
        inside = _inside(sliding)
        whole = outputs[0, 0].size
        outputs, used = outputs[:, :, *inside], used[:, :, *inside]
        border = whole - outputs[0, 0].size
    else:
        inputs = padded(inputs, *sliding.axes)
    if mixing:
        used = np.asarray(used.all(axis=1, keepdims=True))
    if not used.any():
        raise UsageError(_nothing_left(sliding, outputs))
    if not mixing:
        inputs, outputs = (each.reshape(-1, 1, *each.shape[2:]) for each in (inputs, outputs))
    used = used.reshape(-1, *used.shape[2:])
    rows, columns = sliding.kernel_shape
    return Pair(
        np.ascontiguousarray(inputs, np.float64),
        np.ascontiguousarray(outputs, np.float64),
        used,
        (rows, columns),
        mixing,
        border,
    )


def _finite(values: NDArray[Any], name: str) -> NDArray[Any]:
    if not np.isfinite(values).all():
        raise UsageError(f"expected finite values in the {name} picture, found NaN or infinity.")
    return values


def _unsaturated(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where an integer picture is not at an end of its range: there it may have been cut off."""
    if values.dtype.kind not in "iu":
        return np.ones(values.shape, bool)
    ends = np.iinfo(values.dtype)
    return (values > ends.min) & (values < ends.max)


def _inside(sliding: Window) -> tuple[slice, ...]:
    """The outputs, down and across, whose window reads no padding."""
    within = window(sliding.input_shape, sliding.kernel_shape).output_shape
    return tuple(
        slice(axis.before, axis.before + count)
        for axis, count in zip(sliding.axes, within, strict=True)
    )


def _check_shapes(
    before: tuple[int, ...], after: tuple[int, ...], sliding: Window, mixing: bool
) -> None:
    if after[2:] != sliding.output_shape:
        found, wanted, kernel, given = (
            "×".join(map(str, sizes))
            for sizes in (after[2:], sliding.output_shape, sliding.kernel_shape, before[2:])
        )
        raise UsageError(
            f"expected an after picture of {wanted} pixels (H×W) for a before picture of {given} "
            f"and a kernel of {kernel}, found {found}: give pictures of the same scene, or the "
            "padding that was used."
        )
    if after[0] != before[0]:
        raise UsageError(f"expected {before[0]} after pictures, found {after[0]}.")
    if not mixing and after[1] != before[1]:
        raise UsageError(
            f"expected an after picture of {before[1]} channels like the before picture, found "
            f"{after[1]}: mixing=True learns a filter over all channels."
        )


def _nothing_left(sliding: Window, after: NDArray[Any]) -> str:
    if 0 in after.shape:
        kernel, given = ("×".join(map(str, s)) for s in (sliding.kernel_shape, sliding.input_shape))
        return (
            f"expected pictures larger than the kernel of {kernel}, found {given} pixels: give a "
            "smaller size."
        )
    return (
        "expected values between the ends of the after picture's range, found only "
        f"{after.min():g} and {after.max():g}, where it may have been cut off: give an after "
        "picture that is not saturated."
    )
