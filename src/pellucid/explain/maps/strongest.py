"""The strongest places of a class map: where, how much, and which pixels of the picture."""

from typing import NamedTuple

import numpy as np

from pellucid.explain.maps.result import ClassMap
from pellucid.explain.sight.area import Box


class Spot(NamedTuple):
    """One place of a class map.

    Attributes:
        y: row of the map.
        x: column of the map.
        value: of the map there; negative where it speaks against the class.
        adds: what it adds to the score; None of methods whose values add up to nothing.
        box: of the picture that was read, the pixels that the place lies over.
    """

    y: int
    x: int
    value: float
    adds: float | None
    box: Box


def strongest(found: ClassMap, most: int = 5) -> tuple[Spot, ...]:
    """The places farthest from 0, the farthest first; those of value 0 are left out.

    Args:
        found: a class map.
        most: so many places at most.

    >>> import torch
    >>> from pellucid.explain import trace_network
    >>> from pellucid.explain.maps import input_gradient
    >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    >>> network[1].weight.data[0] = torch.tensor([1.0, -2.0, 0.0, 0.0])
    >>> for spot in strongest(input_gradient(trace_network(network, torch.ones(1, 1, 2, 2)), 0)):
    ...     print(spot.y, spot.x, spot.value, spot.box)
    0 1 -2.0 1×1 (rows 0 to 0, columns 1 to 1)
    0 0 1.0 1×1 (rows 0 to 0, columns 0 to 0)
    """
    order = np.argsort(-np.abs(found.values), axis=None, kind="stable")[:most]
    places = zip(*np.unravel_index(order, found.values.shape), strict=True)
    return tuple(spot_at(found, int(y), int(x)) for y, x in places if found.values[y, x] != 0)


def spot_at(found: ClassMap, y: int, x: int) -> Spot:
    """One place of a class map.

    Args:
        found: a class map.
        y: row of it.
        x: column of it.
    """
    value = float(found.values[y, x])
    # The score is the mean of the values by one method, and their sum by the other.
    parts = {"cam": found.values.size, "integrated": 1}.get(found.method)
    return Spot(y, x, value, None if parts is None else value / parts, _under(found, y, x))


def _under(found: ClassMap, y: int, x: int) -> Box:
    """The pixels of the picture below a cell: the cells are its equal tiles."""
    height, width = found.values.shape
    place = found.place
    top, bottom = (place.top + row * place.rows // height for row in (y, y + 1))
    left, right = (place.left + column * place.columns // width for column in (x, x + 1))
    return Box(top, max(bottom, top + 1), left, max(right, left + 1))
