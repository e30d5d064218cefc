"""From a pixel up: which numbers of every layer it can change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pellucid.errors import UsageError
from pellucid.explain.sight.area import Area
from pellucid.explain.sight.draw import LINE, fitted_mask, highlighted
from pellucid.explain.sight.ends import area_of, background, network_input, original_picture
from pellucid.explain.sight.follow import forwards
from pellucid.explain.sight.links import Mask
from pellucid.explain.sight.place import position
from pellucid.explain.table import frame, html_table
from pellucid.explain.trace import Trace
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.sheet import contact_sheet

if TYPE_CHECKING:
    from pandas import DataFrame

#: More maps than this are not drawn on one sheet.
MOST_MAPS = 24
#: Larger maps are reduced to so many cells a side before they are drawn.
_TILE = 200


@dataclass(frozen=True, eq=False)
class Touch:
    """What a pixel reaches of one node.

    Attributes:
        layer: name of the node.
        operation: of the node.
        shape: of its result.
        count: numbers of the result that it can change, channels included; None where that is
            not known.
        area: of maps (N, C, H, W) the positions, in any channel; None of others.
    """

    layer: str
    operation: str
    shape: tuple[int, ...]
    count: int | None
    area: Area | None

    @property
    def share(self) -> float | None:
        """Of all numbers of the result (of its first image), from 0 to 1."""
        each = int(np.prod(self.shape[1:]))
        return None if self.count is None else self.count / each

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values."""
        area = None if self.area is None else self.area.to_json()
        return {**self._record(), "shape": list(self.shape), "area": area}

    def _record(self) -> dict[str, Any]:
        box = None if self.area is None else self.area.box
        return {
            "layer": self.layer,
            "operation": self.operation,
            "shape": "×".join(map(str, self.shape)),
            "count": self.count,
            "share": self.share,
            "positions": None if self.area is None else self.area.count,
            "box": None if box is None else str(box),
        }


@dataclass(frozen=True, eq=False)
class Touches:
    """What one pixel reaches, layer by layer.

    Attributes:
        pixel: (y, x).
        of: of the picture as it was read (``original``), or of the network's ``input``.
        rows: a :class:`Touch` for every node that it reaches, in the order of the network; nodes
            behind an operation of which nothing is known are among them, without figures.
        background: (H, W, 3) uint8, the picture that the pixel is of.
    """

    pixel: tuple[int, int]
    of: Literal["original", "input"]
    rows: tuple[Touch, ...]
    background: Pixels

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the nodes of which it is not known what the pixel reaches."""
        return tuple(row.layer for row in self.rows if row.count is None)

    def layer(self, name: str) -> Touch | None:
        """What it reaches of one layer; None where that is nothing."""
        return next((row for row in self.rows if row.layer == name), None)

    def picture(self, width: int = 1200) -> Pixels:
        """The pixel on the picture, and what it reaches of the maps, as a sheet (H, W, 3) uint8.

        Layers are left out that are reached as the one before is, and those of which all is
        reached, from the second on. At most 24, at even distances where there are more.
        """
        changed = self._changed()
        chosen = np.unique(np.linspace(0, len(changed) - 1, min(len(changed), MOST_MAPS)).round())
        spot = np.zeros(self.background.shape[:2], np.bool_)
        spot[self.pixel] = True
        tiles = [(f"pixel y {self.pixel[0]}, x {self.pixel[1]}", _marked(self.background, spot))]
        for name, area in (changed[int(place)] for place in chosen):
            tiles.append((f"{area.count:,} of {area.mask.size:,}: {name}", _cells(area.mask)))
        return contact_sheet(tiles, width=width)

    def _changed(self) -> list[tuple[str, Area]]:
        """Maps of which other positions are reached than of the one before; padded ones apart."""
        found: list[tuple[str, Area]] = []
        for row in self.rows[1:]:
            if row.area is None or row.operation == "pad":
                continue
            last = found[-1][1] if found else None
            if last is None or not (
                np.array_equal(last.mask, row.area.mask) or last.share == row.area.share == 1
            ):
                found.append((row.layer, row.area))
        return found

    def to_frame(self) -> "DataFrame":
        """A pandas table with a row a node.

        Raises:
            UsageError: pandas is not installed.
        """
        return frame([row._record() for row in self.rows])

    def to_json(self) -> dict[str, Any]:
        """Everything but the picture, as plain values."""
        rows = [row.to_json() for row in self.rows]
        return {"pixel": list(self.pixel), "of": self.of, "rows": rows}

    def __str__(self) -> str:
        where = "picture" if self.of == "original" else "network's input"
        lines = [f"pixel y {self.pixel[0]}, x {self.pixel[1]} of the {where} reaches"]
        return "\n".join([*lines, *(f"  {row.layer}: {_reach(row)}" for row in self.rows)])

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())

    def _repr_html_(self) -> str:
        return html_table([row._record() for row in self.rows])


def touches(
    trace: Trace, pixel: Sequence[int], of: Literal["original", "input"] | None = None
) -> Touches:
    """Which positions of every layer one pixel can change, by structure alone.

    Args:
        trace: a captured forward pass.
        pixel: (y, x); all its channels.
        of: of the picture as it was read (``original``) or of the network's ``input``; by default
            the former, where the trace has it.

    Raises:
        UsageError: no such pixel, or no such picture.

    >>> import torch
    >>> from torch import nn
    >>> from pellucid.explain import trace_network
    >>> network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2), nn.Flatten())
    >>> print(touches(trace_network(network, torch.zeros(1, 1, 8, 8)), (3, 4)))
    pixel y 3, x 4 of the network's input reaches
      input: 1 of 64, at 1×1 (rows 3 to 3, columns 4 to 4)
      0: 36 of 144, at 3×3 (rows 1 to 3, columns 2 to 4)
      1: 16 of 36, at 2×2 (rows 0 to 1, columns 1 to 2)
      2: 16 of 36
    """
    original = original_picture(trace)
    if of not in (None, "original", "input"):
        raise UsageError(f"expected the pixel of 'original' or 'input', found {of!r}.")
    if of == "original" and original is None:
        raise UsageError("expected the pixel of 'input': this trace began with a tensor.")
    start = network_input(trace) if original is None or of == "input" else original
    if len(pixel) != 2:
        raise UsageError(f"expected a pixel as (y, x), found {pixel!r}.")
    y, x = position(start, pixel)
    seen = np.zeros(start.shape, np.bool_)
    seen[0, :, y, x] = True
    reached = forwards(trace.graph, start.index, seen)
    rows = tuple(_touch(trace, index, mask) for index, mask in reached)
    shown = background(trace, start)
    return Touches((y, x), "original" if start is original else "input", rows, shown)


def _touch(trace: Trace, index: int, mask: Mask | None) -> Touch:
    node = trace.nodes[index]
    maps = mask is not None and len(node.shape) == 4
    return Touch(
        trace.names[index],
        node.operation,
        node.shape,
        None if mask is None else int(np.count_nonzero(mask[:1])),
        area_of(mask, node) if maps else None,
    )


def _reach(row: Touch) -> str:
    if row.count is None:
        return "unknown"
    where = "" if row.area is None else f", at {row.area}"
    return f"{row.count:,} of {int(np.prod(row.shape[1:])):,}{where}"


def _marked(picture: Pixels, spot: Mask) -> Pixels:
    """The picture with a ring around one pixel, which alone could hardly be seen."""
    drawn = highlighted(picture, np.ones_like(spot), 560)
    high, wide = drawn.shape[:2]
    (y, x) = np.argwhere(spot)[0]
    rows, columns = np.ogrid[:high, :wide]
    centre = ((y + 0.5) * high / spot.shape[0], (x + 0.5) * wide / spot.shape[1])
    away = np.hypot(rows - centre[0], columns - centre[1])
    drawn[(away > 12) & (away < 17)] = LINE
    return drawn


def _cells(mask: Mask) -> Pixels:
    """Reached positions in orange, the others in gray; of large maps none gets lost."""
    share = min(1.0, _TILE / max(mask.shape))
    if share < 1:
        mask = fitted_mask(mask, *(max(1, int(length * share)) for length in mask.shape))
    return np.array([(58, 62, 70), LINE], np.uint8)[mask.astype(np.intp)]
