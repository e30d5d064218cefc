"""One number with all that is shown around it: its map, its layer's maps, its account."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.images import Crop, Grid, Pixels
from pellucid.images.fit import fit
from pellucid.images.scale import Scale, number, scale_of
from pellucid.studio.parts.pixels import Mark
from pellucid.studio.parts.tiles import Tile
from pellucid.studio.reach import hull
from pellucid.studio.rooms.inside.spot import Spot

if TYPE_CHECKING:
    from pellucid.capture import Node
    from pellucid.explain import Account, Field, Trace
    from pellucid.explain.sight import Area

#: Longer side of a small picture of a map, and of the first convolution's filters' pictures.
THUMB = 72
#: Cells of a field with gaps that are drawn one by one.
_MOST_CELLS = 4000


@dataclass(frozen=True, eq=False)
class Sight:
    """A number of a trace.

    Attributes:
        trace: the forward pass.
        spot: the number's place.
    """

    trace: "Trace"
    spot: Spot

    @cached_property
    def node(self) -> "Node":
        """The layer."""
        return self.trace.node(self.spot.layer)

    @property
    def has_maps(self) -> bool:
        """Whether the layer's results are maps (C, H, W)."""
        return len(self.node.shape) == 4

    @cached_property
    def plane(self) -> NDArray[np.float64]:
        """The map of the number, (H, W); of what has no maps all numbers, row by row."""
        values = np.asarray(self.trace.value(self.node)[0], np.float64)
        if self.has_maps:
            found: NDArray[np.float64] = values[self.spot.at[0]]
            return found
        columns = min(values.size, max(8, ceil(sqrt(values.size) * 1.6)))
        folded = np.full(ceil(values.size / columns) * columns, np.nan)
        folded[: values.size] = values.ravel()
        return folded.reshape(-1, columns)

    @cached_property
    def scale(self) -> Scale:
        """What the shades of :attr:`plane` stand for."""
        return scale_of(np.nan_to_num(self.plane))

    def picture(self) -> Pixels:
        """The map, a pixel a number."""
        return self.scale.apply(np.nan_to_num(self.plane))

    def grid(self, crop: Crop) -> Grid:
        """The numbers of a part of the map."""
        rows = slice(crop.top, crop.bottom)
        columns = slice(crop.left, crop.right)
        part = np.nan_to_num(self.plane[rows, columns])
        return Grid(crop, part[..., None], self.scale.apply(part))

    @property
    def cell(self) -> tuple[int, int]:
        """Where the number is in :attr:`plane`."""
        if self.has_maps:
            return self.spot.at[1], self.spot.at[2]
        flat = int(np.ravel_multi_index(self.spot.at, self.node.shape[1:]))
        y, x = divmod(flat, int(self.plane.shape[1]))
        return y, x

    def beside(self, y: int, x: int) -> "Sight | None":
        """The number in another cell of the map; None where there is none."""
        if not (0 <= y < self.plane.shape[0] and 0 <= x < self.plane.shape[1]):
            return None
        if self.has_maps:
            return self.at(self.spot.at[0], y, x)
        flat = y * self.plane.shape[1] + x
        if flat >= self.node.count:
            return None
        return self.at(*(int(each) for each in np.unravel_index(flat, self.node.shape[1:])))

    def at(self, *place: int) -> "Sight":
        """Another number of the layer; in the same map what is drawn of it is not drawn again."""
        other = Sight(self.trace, Spot(self.spot.layer, place))
        if not self.has_maps or place[0] == self.spot.at[0]:
            other.__dict__.update(plane=self.plane, scale=self.scale)  # the cached ones
        return other

    @cached_property
    def account(self) -> "Account":
        """How the number came about, the largest terms first."""
        from pellucid.explain import account

        return account(self.trace, self.node.index, self.spot.at).sorted()

    def below(self, term: int) -> "Sight":
        """The number that a term of the account reads.

        Raises:
            UsageError: nothing is below it.
        """
        found = self.account.down(term)
        return Sight(self.trace, Spot(found.name, tuple(found.at[1:])))

    @cached_property
    def field(self) -> "Field | None":
        """What the number sees of the picture, exactly; None where that is not known."""
        from pellucid.explain import receptive_field

        before = len(self.node.shape) < 2 or self.node.index < self.trace.input.index
        try:
            return None if before else receptive_field(self.trace, self.node.index, self.spot.at)
        except UsageError:  # an operation on the way of which nothing is known
            return None

    def marks(self, look: str = "window") -> list[Mark]:
        """What it sees, drawn on the picture: exactly if that is known by now, else its hull."""
        exact = self.__dict__.get("field")
        if exact is not None:
            return _marks(exact.shown, look)
        if self.node.operation == "pixels":
            _, y, x = self.spot.at
            return [Mark((), (y, x, 1, 1), look)]
        frame = hull(self.trace, self.node.index, self.spot.at)
        return [] if frame is None else [Mark((), frame, look)]

    def tiles(self) -> list[Tile]:
        """The layer's maps, to choose from."""
        if not self.has_maps:
            return []
        values = np.abs(self.trace.value(self.node)[0]).max(axis=(1, 2))
        signed = "±" if bool((self.trace.value(self.node) < 0).any()) else ""
        return [
            Tile(str(place), f"{signed}{number(float(most))}", label=f"map {place}")
            for place, most in enumerate(values)
        ]

    def thumbs(self) -> list[Pixels]:
        """The pictures of :meth:`tiles`."""
        from pellucid.explain import feature_maps

        if not self.has_maps:
            return []
        maps = feature_maps(self.trace, self.node.index, [0])
        return [small(maps.map(channel)) for channel in range(len(maps.values))]


def small(picture: Pixels) -> Pixels:
    """A map's picture (H, W, 3), no larger than is shown."""
    return fit(picture, THUMB, THUMB) if max(picture.shape[:2]) > THUMB else picture


def _marks(area: "Area", look: str) -> list[Mark]:
    box = area.box
    if box is None:
        return []
    frame = (box.top, box.left, box.height, box.width)
    gaps = area.count < box.height * box.width and area.count <= _MOST_CELLS
    cells = [(y, x) for y, left, end in area.spans() for x in range(left, end)] if gaps else []
    return [Mark(cells, frame, look)]
