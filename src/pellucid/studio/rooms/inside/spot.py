"""A number of a trace, as an address names it: ``layer@c,y,x``."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pellucid.errors import UsageError

if TYPE_CHECKING:
    from pellucid.capture import Node
    from pellucid.explain import Trace

#: Steps that a trail keeps, at most; from longer ones the first are left out.
LONGEST = 40


class Spot(NamedTuple):
    """A number's place.

    Attributes:
        layer: name of the node.
        at: the position in its result, without N.
    """

    layer: str
    at: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.layer}@{','.join(map(str, self.at))}"

    @property
    def position(self) -> str:
        """The position as the address has it."""
        return ",".join(map(str, self.at))


def spot_of(trace: "Trace", layer: str, at: str) -> Spot:
    """The number that an address means; without a layer or a position, a strong one.

    Raises:
        UsageError: there is no such layer or position.
    """
    node = trace.node(layer) if layer else last_layer(trace)
    sizes = node.shape[1:]
    if not at:
        return Spot(trace.names[node.index], strongest(trace, node))
    words = at.split(",")
    numbers = tuple(int(word) for word in words if word.isascii() and word.isdigit())
    inside = all(place < size for place, size in zip(numbers, sizes, strict=False))
    if not len(words) == len(numbers) == len(sizes) or not inside:
        shape = " × ".join(map(str, sizes))
        raise UsageError(
            f"expected a position in {trace.names[node.index]}, which is {shape} (from 0 on), "
            f"found '{at}'."
        )
    return Spot(trace.names[node.index], numbers)


def trail_of(trace: "Trace", trail: str) -> tuple[Spot, ...]:
    """The numbers of a trail.

    Raises:
        UsageError: one of them does not exist.
    """
    parts = [part.rpartition("@") for part in trail.split(";") if part]
    return tuple(spot_of(trace, layer, at) for layer, _, at in parts)


def written(trail: tuple[Spot, ...]) -> str:
    """A trail as the address has it."""
    return ";".join(map(str, trail[-LONGEST:]))


def strongest(trace: "Trace", node: "Node") -> tuple[int, ...]:
    """The position of a node's largest value."""
    values = np.nan_to_num(trace.value(node)[0])
    return tuple(int(place) for place in np.unravel_index(int(values.argmax()), values.shape))


def last_layer(trace: "Trace") -> "Node":
    """The last of the network's main layers, or what it returns where none has maps."""
    from pellucid.report.explained_layers import main_layers

    return next(iter(main_layers(trace)[::-1]), trace.output)
