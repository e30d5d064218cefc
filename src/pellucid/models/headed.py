"""``headed``: any registered network's trunk with another head.

For head against head on one trunk: flatten and fully connected layers (AlexNet, Krizhevsky 2012,
section 3.5) have a weight for every cell of every map; global average pooling (Network in Network,
Lin 2013, section 3.2; GoogLeNet, Szegedy 2015, section 5) has one for every map and class.

=======  =============================================================  =====================
head     what                                                           parameters
=======  =============================================================  =====================
flatten  C×H×W cells to one row, hidden layer with dropout, linear      (C·H·W + 1)·hidden + …
average  1×1 convolution to one map per class, mean of each             C·K + K
linear   mean of each map, linear                                       C·K + K
=======  =============================================================  =====================
"""

import torch
from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import FullyConnected, GlobalAverage, GlobalAverageLinear
from pellucid.models.registry import SMALL_IMAGES, Architecture, arguments_for, register

HEADS = ("flatten", "average", "linear")
#: Units of the hidden layer of ``flatten``, and the share of them dropped while training.
HIDDEN, DROPOUT = 128, 0.2


@register("headed", usual=SMALL_IMAGES)
def headed(
    classes: int,
    channels: int,
    height: int,
    width: int,
    *,
    network: str = "compact",
    head: str = "average",
) -> nn.Module:
    """A network with another head. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels.
        width: of the input, in pixels.
        network: name of the one that gives the trunk.
        head: ``flatten``, ``average`` or ``linear``.

    Raises:
        UsageError: the head is unknown, the network is, or it has no head to replace.

    >>> networks = [headed(10, 1, 28, 28, head=head) for head in HEADS]
    >>> [sum(p.numel() for p in network.head.parameters()) for network in networks]
    [148874, 1290, 1290]
    """
    if head not in HEADS:
        raise UsageError(f"headed: head is one of {', '.join(HEADS)}, not {head!r}.")
    arguments = arguments_for(
        network, classes=classes, channels=channels, height=height, width=width
    )
    built = Architecture(network, arguments).build()
    maps, rows, columns = _maps(built, Architecture(network, arguments), (channels, height, width))
    if head == "flatten":
        size = (maps, rows, columns)
        built.head = FullyConnected(size, classes, hidden=[HIDDEN], dropout=DROPOUT)
    else:
        built.head = (GlobalAverage if head == "average" else GlobalAverageLinear)(maps, classes)
    return built


def _maps(
    network: nn.Module, architecture: Architecture, size: tuple[int, int, int]
) -> tuple[int, int, int]:
    """Channels, height and width of what the head gets, found without computing."""
    if not isinstance(getattr(network, "head", None), nn.Module):
        raise UsageError(
            f"model '{architecture.name}' has no part called head, so that none can take its place."
        )
    with torch.device("meta"):
        trunk = architecture.build().eval()
        trunk.head = nn.Identity()
        shape = tuple(trunk(torch.empty(1, *size)).shape[1:])
    if len(shape) != 3:
        raise UsageError(
            f"model '{architecture.name}': what its head gets is {'×'.join(map(str, shape))} "
            "values, not feature maps C×H×W."
        )
    return shape
