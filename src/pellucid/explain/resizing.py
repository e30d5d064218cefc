"""Resizing in a graph: the axes of ``F.interpolate``, and of a picture on its way to the input."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from pellucid.capture.call import Call, spread
from pellucid.geometry import AdaptiveAxis, ResampledAxis, Resampling

_KINDS: dict[str, Resampling] = {
    "linear": "linear",
    "bilinear": "linear",
    "trilinear": "linear",
    "bicubic": "cubic",
}
_MODES = ("nearest", "nearest-exact", *_KINDS, "area")


@dataclass(frozen=True, slots=True)
class NearestAxis:
    """One axis of which each output copies the cell floor((i + shift)·step).

    In float32, as torch has it: there the rounding decides between two cells.
    """

    length: int
    output: int
    step: float
    shift: float

    def weights(self, output: int) -> tuple[tuple[int, float], ...]:
        """As :meth:`pellucid.geometry.ResampledAxis.weights`."""
        place = np.float32(output + self.shift) * np.float32(self.step)
        return ((min(floor(place), self.length - 1), 1.0),)

    def inputs_of(self, output: int) -> tuple[int, ...]:
        """The cell that an output copies."""
        return tuple(cell for cell, _ in self.weights(output))


def interpolated_axes(call: Call) -> Iterator[ResampledAxis | NearestAxis | AdaptiveAxis]:
    """The axes of ``F.interpolate``, after (N, C); adaptive ones by area, which torch averages.

    Raises:
        LookupError: another mode, or smoothing (antialias).
    """
    mode = call.get("mode", "nearest")
    if mode not in _MODES or call.get("antialias"):
        raise LookupError(f"interpolate is known as {', '.join(_MODES)}, without antialias")
    before, after = call.shape("input")[2:], call.node.shape[2:]
    for length, output, given in zip(before, after, _steps(call), strict=True):
        # An axis that keeps its length is copied by torch, whatever the factor.
        step = None if length == output else given
        if mode == "area":
            yield AdaptiveAxis(length, output)
        elif mode.startswith("nearest"):
            shift = 0.5 if mode == "nearest-exact" else 0.0
            yield NearestAxis(length, output, float(step or Fraction(length, output)), shift)
        else:
            corners = bool(call.get("align_corners"))
            yield ResampledAxis(length, output, _KINDS[mode], step, corners)


def resized_axes(call: Call) -> Iterator[ResampledAxis]:
    """The two axes of a picture's resizing: by area where they shrink, linear where they grow."""
    for length, output in zip(call.shape("input")[2:], call.node.shape[2:], strict=True):
        yield ResampledAxis(length, output, call.get("method"))


def _steps(call: Call) -> tuple[Fraction | None, ...]:
    """Cells to the next output, where torch steps by a factor that it was given, even one that
    makes no whole number of outputs."""
    axes, factor = len(call.node.shape) - 2, call.get("scale_factor")
    if factor is None or call.get("recompute_scale_factor"):
        return (None,) * axes
    # As it was meant: the nearest float to 1.4 is a little more or less.
    return tuple(1 / Fraction(each).limit_denominator(10_000) for each in spread(factor, axes))
