"""Resizing, of pictures and of maps: what feeds what along each axis."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from pellucid.capture.call import Call, spread
from pellucid.explain.sight.links import Along, pairs
from pellucid.geometry import AdaptiveAxis, ResampledAxis, Resampling

#: Torch's names of the modes.
_KINDS: dict[str, Resampling] = {
    "nearest": "nearest",
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
    if mode == "area":
        for axis in range(-axes, 0):
            yield axis, pairs(AdaptiveAxis(before[axis], after[axis]))
        return
    steps: Any = spread(call.get("scale_factor"), axes)
    given = call.get("scale_factor") is not None and not call.get("recompute_scale_factor")
    for axis in range(-axes, 0):
        # Torch steps by the factor it was given, also where it makes no whole number of outputs.
        step = 1 / Fraction(steps[axis]) if given else None
        corners = bool(call.get("align_corners"))
        yield axis, pairs(ResampledAxis(before[axis], after[axis], _KINDS[mode], step, corners))


def resized(call: Call) -> Iterator[tuple[int, Along]]:
    """The axes of a picture's resizing, by area where they shrink and linearly where they grow."""
    before, after = call.shape("input"), call.node.shape
    for axis in (-2, -1):
        if call.get("method") == "area":
            yield axis, pairs(AdaptiveAxis(before[axis], after[axis]))
        else:
            yield axis, pairs(ResampledAxis(before[axis], after[axis], "linear"))
