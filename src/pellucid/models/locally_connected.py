"""``locally_connected``: local windows as in a CNN, but no weight is shared.

LeCun 1989, Generalization and network design strategies, sets five networks against each other on
16×16 digits. Net-3 has two layers of units that see 3×3 and 5×5 windows, two and one pixels apart,
each unit with weights of its own; Net-4 shares them, has fewer parameters, and generalises better.
This is Net-3 at any size, and with several maps.

======  ==========================================  ===========================
layer   what                                        maps at 28×28
======  ==========================================  ===========================
local1  unshared 5×5, stride 2, same padding, ReLU  first width × 14×14
local2  unshared 3×3, stride 2, same padding, ReLU  second width × 7×7
scores  flatten, linear                             K
======  ==========================================  ===========================

Deviations: 5×5 before 3×3, both at stride 2, since the pictures are larger; ReLU in place of tanh;
several maps a layer.
"""

from torch import nn

from pellucid.errors import UsageError
from pellucid.layers import FullyConnected, UnsharedConv2d, named
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network
from pellucid.models.registry import SMALL_IMAGES, register

_KERNELS = (5, 3, 3, 3)


@register("locally_connected", usual=SMALL_IMAGES)
def locally_connected(
    classes: int,
    channels: int,
    height: int,
    width: int,
    *,
    widths: tuple[int, ...] | list[int] = (8, 16),
    dropout: float = 0.2,
) -> Network:
    """Unshared convolutions. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels.
        width: of the input, in pixels.
        widths: feature maps of each layer, one to four layers.
        dropout: share of the last feature maps' units dropped while training.

    >>> network = locally_connected(classes=10, channels=1, height=28, width=28)
    >>> [tuple(p.shape) for p in network.trunk.local2.parameters()]  # 7·7 positions, 3·3·8 inputs
    [(49, 72, 16), (49, 1, 16)]
    """
    if not 1 <= len(widths) <= len(_KERNELS):
        raise UsageError(
            f"locally_connected: widths has one to {len(_KERNELS)} layers, found {len(widths)}."
        )
    layers: dict[str, nn.Module] = {}
    maps, size = channels, (height, width)
    for number, (wide, kernel) in enumerate(zip(widths, _KERNELS, strict=False), 1):
        local = UnsharedConv2d(maps, wide, size, kernel, stride=2, padding="same")
        layers |= {f"local{number}": local, f"relu{number}": nn.ReLU(inplace=True)}
        maps, size = wide, local.output_size
    layers["dropout"] = nn.Dropout(dropout)
    head = FullyConnected((maps, *size), classes)
    network = Network("locally_connected", channels, named(layers), head)
    initialise_he(network)
    return network
