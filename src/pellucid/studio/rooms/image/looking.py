"""What the image room shows of a picture: after an operator, one plane or all, in numbers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images import MODELS, Crop, Grid, Pixels, Plane, grid_of, plane_of, planes_of
from pellucid.images.colour import gray_to_rgb
from pellucid.images.grid import grid_of_plane
from pellucid.images.histogram import histogram_of_plane
from pellucid.images.scale import number
from pellucid.operators import explain_mixing, mix, turn_hue
from pellucid.operators.channels import add_matrix
from pellucid.operators.kernels.typed import typed_rows
from pellucid.studio.parts.planes import Card
from pellucid.studio.parts.readout import Line
from pellucid.studio.rooms.image.state import ImageState

_LETTERS = ("red", "green", "blue")
_BINS = 128
#: Makes a picture available and says where it is.
Publish = Callable[[Pixels], str]


@dataclass(frozen=True, eq=False)
class Sight:
    """A picture with an operator applied to it.

    Attributes:
        before: (H, W, 3) uint8.
        after: the same after the operator.
        matrix: 3×3 where the operator is linear: the 1×1 convolution that it is.
        model: of the planes.
        plane: that is shown; None: the picture in colours.
    """

    before: Pixels
    after: Pixels
    matrix: NDArray[np.float64] | None
    model: str
    plane: Plane | None

    @property
    def shown(self) -> Pixels:
        """As a picture."""
        return self.after if self.plane is None else self.plane.picture()

    def grid(self, crop: Crop) -> Grid:
        """Its numbers; in colours those of the picture."""
        return grid_of(self.after, crop) if self.plane is None else grid_of_plane(self.plane, crop)

    def cards(self, publish: Publish) -> list[Card]:
        """All planes of the model."""
        return [_card(plane, publish) for plane in planes_of(self.after, self.model)]

    def lines(self, y: int, x: int) -> list[Line]:
        """One pixel: its numbers in red, green and blue, how they come about, and in the model."""
        values = self.after[y, x].tolist()
        lines = [
            Line(name, str(value), self._arithmetic(place, y, x), _css(place, value))
            for place, (name, value) in enumerate(zip(_LETTERS, values, strict=True))
        ]
        if self.model != "rgb":
            cell = self.after[y : y + 1, x : x + 1]
            lines += [_line(plane) for plane in planes_of(cell, self.model)]
        return lines

    def _arithmetic(self, channel: int, y: int, x: int) -> str:
        """The sum that makes a channel's number, where the operator is linear."""
        if self.matrix is None:
            return ""
        made = explain_mixing(self.before, self.matrix, at=(channel, y, x))
        beyond = "" if -0.5 <= made.total <= 255.5 else ", cut off at 0 and 255"
        return f"{made.formula}{beyond}"


def sight_of(pixels: Pixels, state: ImageState) -> Sight:
    """The picture as a state wants it.

    Raises:
        UsageError: the matrix is none, or the model has no such plane.
    """
    before = gray_to_rgb(pixels) if pixels.shape[2] == 1 else pixels
    matrix = _matrix(state)
    if matrix is not None:
        after = mix(before, matrix)
    elif state.operator == "hue":
        after = turn_hue(before, state.degrees)
    elif state.operator == "saturation":
        after = plane_of(before, "saturation").picture()
    else:
        after = before
    plane = plane_of(after, state.plane, state.model) if state.plane else None
    return Sight(before, after, matrix, state.model, plane)


def _matrix(state: ImageState) -> NDArray[np.float64] | None:
    if state.operator == "add":
        return add_matrix(state.channel, 3, state.weight)
    return mixing_matrix(state.matrix) if state.operator == "mix" else None


def mixing_matrix(typed: str) -> NDArray[np.float64]:
    """A 3×3 matrix as it was typed, row by row.

    Raises:
        UsageError: it is none.

    >>> mixing_matrix("1 0 0; 0 1/2 0; 0 0 1")[1].tolist()
    [0.0, 0.5, 0.0]
    """
    rows = typed_rows(typed, "matrix")
    if rows.shape != (3, 3):
        found = "×".join(map(str, rows.shape))
        raise UsageError(f"expected a matrix of 3 rows of 3 numbers, found {found}.")
    return rows


def _card(plane: Plane, publish: Publish) -> Card:
    counted = histogram_of_plane(plane, bins=_BINS)
    found = plane.summary()
    least, mean, most = ("none",) * 3 if found is None else map(number, found)
    unit = plane.channel.unit
    low, high = (f"{number(end)}{unit}" for end in plane.range)
    summary = f"{least} to {most}{unit}, mean {mean}{unit}"
    name = plane.channel.name
    return Card(name, publish(plane.picture()), plane.key, summary, low, high, counted.counts)


def _line(plane: Plane) -> Line:
    known = plane.known
    value = f"{number(float(known[0]))}{plane.channel.unit}" if known.size else "none: it is gray"
    return Line(plane.channel.name, value)


def _css(place: int, value: int) -> str:
    rgb = [0, 0, 0]
    rgb[place] = value
    return f"rgb({rgb[0]} {rgb[1]} {rgb[2]})"


def plane_names(model: str) -> list[str]:
    """Of a colour model's channels."""
    return [channel.name for channel in MODELS[model].channels]
