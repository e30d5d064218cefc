"""Pooling by torch itself, for tensors that record gradients."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.geometry import Axis, Window
from pellucid.operators.pooling_cells import end_cells

if TYPE_CHECKING:
    from torch import Tensor

#: A second axis for a series.
_ONE = Axis(1, 1)


def pool_tensor(image: "Tensor", kind: str, place: Window, counts: NDArray[Any]) -> "Tensor":
    """A pooled tensor, differentiable.

    Args:
        image: …×H×W or …×T of a float type.
        kind: one of :data:`pellucid.operators.pooling.KINDS`.
        place: the window over the last axes.
        counts: what the sum of each window is divided by for an average, (H', W') or (T',).

    Returns:
        …×H'×W' or …×T'. The gradient of a maximum goes to the first of equal cells; that of an L2
        norm is NaN where all cells are 0 (it has none there).
    """
    import torch

    down, across = place.axes if len(place.axes) == 2 else (_ONE, place.axes[0])
    maps = image.reshape(-1, 1, down.length, across.length)
    if kind in ("last", "first"):
        rows, columns = (
            torch.as_tensor(end_cells(axis, kind), device=image.device) for axis in (down, across)
        )
        result = maps.index_select(2, rows).index_select(3, columns)
    elif kind in ("max", "min"):
        sign = 1 if kind == "max" else -1
        result = sign * _max(sign * maps, down, across)
    elif kind == "l2":
        result = _sum(maps * maps, down, across).sqrt()
    else:
        result = _sum(maps, down, across)
        if kind == "average":
            result = result / torch.as_tensor(counts, dtype=image.dtype, device=image.device)
    return result.reshape(*image.shape[: -len(place.axes)], *place.output_shape)


def _max(maps: "Tensor", down: Axis, across: Axis) -> "Tensor":
    from torch.nn.functional import max_pool2d

    return max_pool2d(
        _fitted(maps, down, across, -np.inf),
        (down.kernel, across.kernel),
        (down.stride, across.stride),
        dilation=(down.dilation, across.dilation),
    )


def _sum(maps: "Tensor", down: Axis, across: Axis) -> "Tensor":
    """Sums over windows; the windows are views."""
    windows = _fitted(maps, down, across, 0).unfold(2, down.span, down.stride)
    windows = windows.unfold(3, across.span, across.stride)
    return windows[..., :: down.dilation, :: across.dilation].sum((-2, -1))


def _fitted(maps: "Tensor", down: Axis, across: Axis, value: float) -> "Tensor":
    """Padded, or cut at the far side, to exactly the cells that the windows reach."""
    from torch.nn.functional import pad

    sides = [
        cells
        for axis in (across, down)
        for cells in (
            axis.before,
            (axis.output - 1) * axis.stride + axis.span - axis.before - axis.length,
        )
    ]
    return pad(maps, sides, value=value)
