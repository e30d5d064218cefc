"""From the network's input to the picture as it was read, without a trace of that picture."""

from types import MappingProxyType

import numpy as np
import torch

from pellucid.capture import Graph, Node
from pellucid.data.preprocessing import Preprocessing
from pellucid.explain.prelude import picture_prelude
from pellucid.explain.sight.area import Area
from pellucid.explain.sight.ends import area_of
from pellucid.explain.sight.follow import backwards
from pellucid.explain.sight.place import seed
from pellucid.images.raw import Pixels
from pellucid.images.read import Picture


def input_area(graph: Graph, node: Node, at: tuple[int, ...]) -> Area:
    """The pixels of the network's input that a position sees, in a graph of the network alone.

    Raises:
        UsageError: an operation on the way of which nothing is known.
    """
    source = graph.nodes[graph.inputs[0]]
    found = backwards(graph, node.index, seed(node, at), {source.index})
    return area_of(found.get(source.index), source)


def on_original(area: Area, pixels: Pixels, preprocessing: Preprocessing) -> Area:
    """An area of the network's input as the pixels of the picture that it is made of.

    Args:
        area: of the input.
        pixels: (H, W, C), the picture.
        preprocessing: from picture to input.

    >>> record = Preprocessing("gray", 2, 2, (0.5,), (0.5,))
    >>> print(on_original(Area(np.eye(2, dtype=bool)), np.zeros((4, 6, 1), np.uint8), record))
    4×6 (rows 0 to 3, columns 0 to 5), 12 of its 24 positions
    """
    picture = Picture(pixels, "array", "array", bytes(16))
    prelude = picture_prelude(picture, preprocessing, torch.float32)
    first, last = prelude.nodes[0], prelude.nodes[-1]
    graph = Graph("", prelude.nodes, (0,), (last.index,), (), MappingProxyType({}))
    mask = np.broadcast_to(area.mask, last.shape)
    return area_of(backwards(graph, last.index, mask, {0}).get(0), first)
