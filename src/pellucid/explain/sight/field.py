"""The exact receptive field: which pixels of a picture can change one number of a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pellucid.explain.sight.area import Area
from pellucid.explain.sight.draw import highlighted
from pellucid.explain.sight.ends import area_of, background, network_input, original_picture
from pellucid.explain.sight.follow import backwards
from pellucid.explain.sight.place import in_words, position, seed
from pellucid.explain.trace import Trace
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png


@dataclass(frozen=True, eq=False)
class Field:
    """What one position of a layer sees.

    Attributes:
        layer: name of the node.
        at: the position, (c, y, x), (y, x) for all channels, or (feature,).
        place: the same in words.
        input: the pixels of the network's input, (H, W), exactly: with gaps where strides or
            dilations leave some, a cross where branches of 1×7 and 7×1 meet.
        original: the pixels of the picture as it was read, through crop and resize; None where
            the trace began with a tensor.
        background: (H, W, 3) uint8, the picture: the original's if there is one.
    """

    layer: str
    at: tuple[int, ...]
    place: str
    input: Area
    original: Area | None
    background: Pixels

    @property
    def shown(self) -> Area:
        """The area on :attr:`background`."""
        return self.original or self.input

    def picture(self, side: int = 960) -> Pixels:
        """The field outlined on the picture, the rest dimmed, (H, W, 3) uint8.

        Args:
            side: pixels that the picture is fitted into.
        """
        return highlighted(self.background, self.shown.mask, side)

    def to_json(self) -> dict[str, Any]:
        """Everything but the picture; areas as boxes and runs (row, first, after the last)."""
        return {
            "layer": self.layer,
            "at": list(self.at),
            "input": self.input.to_json(),
            "original": None if self.original is None else self.original.to_json(),
        }

    def __str__(self) -> str:
        lines = [f"{self.layer} at {self.place} sees of the network's input {self.input}"]
        if self.original is not None:
            lines.append(f"of the picture {self.original}")
        return "\n".join(lines)

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())


def receptive_field(trace: Trace, layer: int | str, at: int | Sequence[int]) -> Field:
    """The exact receptive field of one position, found node by node back to the pixels.

    Every operation's own index map is followed (:mod:`pellucid.geometry`), so branches, residual
    sums, dilations, padding, transposed convolutions, resizing, slicing and flattening come out as
    they are. It is a matter of structure: a weight that happens to be 0 still counts.

    Args:
        trace: a captured forward pass.
        layer: name or index of a node.
        at: (c, y, x) or (y, x) of maps, an index of a vector.

    Raises:
        UsageError: no such layer or position; an operation on the way of which nothing is known;
            the network's input is no image (N, C, H, W).

    >>> import torch
    >>> from torch import nn
    >>> from pellucid.explain import trace_network
    >>> network = nn.Sequential(nn.Conv2d(1, 4, 3, dilation=2), nn.MaxPool2d(2))
    >>> print(receptive_field(trace_network(network, torch.zeros(1, 1, 16, 16)), "1", (0, 0)))
    1 at y 0, x 0 sees of the network's input 6×6 (rows 0 to 5, columns 0 to 5)
    """
    node = trace.node(layer)
    place = position(node, at)
    source, original = network_input(trace), original_picture(trace)
    wanted = {source.index, source.index if original is None else original.index}
    found = backwards(trace.graph, node.index, seed(node, place), wanted)
    return Field(
        trace.names[node.index],
        place,
        in_words(node, place),
        area_of(found.get(source.index), source),
        None if original is None else area_of(found.get(original.index), original),
        background(trace, source if original is None else original),
    )
