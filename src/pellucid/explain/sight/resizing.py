"""Resizing, of pictures and of maps: what feeds what along each axis."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from pellucid.capture.call import Call, spread
from pellucid.explain.sight.links import Along, Pairs, pairs
from pellucid.geometry import AdaptiveAxis, ResampledAxis, Resampling

#: Torch's names of the modes.
_KINDS: dict[str, Resampling] = {
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "bicubic": "cubic",
}


def interpolated(call: Call) -> Iterator[tuple[int, Along]]:
    """The axes of ``F.interpolate``, counted from the end, each with what feeds what.

    Raises:
        LookupError: a mode of which nothing is known, such as antialiasing.
    """
    before, after = call.shape("input"), call.node.shape
    axes = len(before) - 2
    mode = call.get("mode", "nearest")
    if call.get("antialias"):
        raise LookupError("antialias")
    for axis in range(-axes, 0):
        length, output = before[axis], after[axis]
        if mode == "area":
            yield axis, pairs(AdaptiveAxis(length, output))
            continue
        # An axis that keeps its length is copied by torch, whatever the factor.
        step = None if length == output else _step(call, axes, axis)
        if mode.startswith("nearest"):
            yield axis, _nearest(length, output, step, mode)
        else:
            corners = bool(call.get("align_corners"))
            yield axis, pairs(ResampledAxis(length, output, _KINDS[mode], step, corners))


def _step(call: Call, axes: int, axis: int) -> Fraction | None:
    """Cells to the next output, where torch steps by a factor that it was given, even one that
    makes no whole number of outputs."""
    given = call.get("scale_factor")
    if given is None or call.get("recompute_scale_factor"):
        return None
    factors: Any = spread(given, axes)
    # As it was meant: the nearest float to 1.4 is a little more or less.
    return 1 / Fraction(factors[axis]).limit_denominator(10_000)


def _nearest(length: int, output: int, step: Fraction | None, mode: str) -> Pairs:
    """The cell that each output takes: asked of torch, which rounds to float32 on the way."""
    cells = torch.arange(length, dtype=torch.float32)[None, None]
    to = {"size": output} if step is None else {"scale_factor": float(1 / step)}
    taken = functional.interpolate(cells, mode=mode, **to)[0, 0].int().numpy()
    return Pairs(taken[:, None] == np.arange(length))


def resized(call: Call) -> Iterator[tuple[int, Along]]:
    """The axes of a picture's resizing, by area where they shrink and linearly where they grow."""
    before, after = call.shape("input"), call.node.shape
    for axis in (-2, -1):
        if call.get("method") == "area":
            yield axis, pairs(AdaptiveAxis(before[axis], after[axis]))
        else:
            yield axis, pairs(ResampledAxis(before[axis], after[axis], "linear"))
