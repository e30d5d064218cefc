"""The lower end of a trace: the picture as it was read, and what the network takes."""

import numpy as np

from pellucid.capture import Node
from pellucid.errors import UsageError
from pellucid.explain.sight.area import Area
from pellucid.explain.sight.draw import as_picture
from pellucid.explain.sight.links import Mask
from pellucid.explain.trace import Trace
from pellucid.images.raw import Pixels


def network_input(trace: Trace) -> Node:
    """The node that the network itself takes.

    Raises:
        UsageError: it is no image (N, C, H, W).
    """
    node = trace.input
    if len(node.shape) != 4:
        raise UsageError(
            f"expected a network that takes images (N, C, H, W), found an input of "
            f"{'×'.join(map(str, node.shape))}."
        )
    return node


def original_picture(trace: Trace) -> Node | None:
    """The node of the picture as it was read; None where the trace began with a tensor."""
    first = trace.nodes[0]
    return first if first.operation == "pixels" else None


def background(trace: Trace, node: Node) -> Pixels:
    """What areas are drawn on, (H, W, 3): the picture, or the network's input as one."""
    values = trace.value(node)[0]
    if node.operation != "pixels":
        return as_picture(values)
    spread = np.broadcast_to(values.astype(np.uint8), (3, *values.shape[1:]))
    return np.ascontiguousarray(np.moveaxis(spread, 0, 2))


def area_of(mask: Mask | None, node: Node) -> Area:
    """The positions of maps (N, C, H, W) that a mask has in any channel of the first image."""
    return Area(np.zeros(node.shape[2:], np.bool_) if mask is None else mask[0].any(axis=0))
