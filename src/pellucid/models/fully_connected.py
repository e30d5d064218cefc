"""``fully_connected``: every unit sees every pixel. The network that CNNs are measured against.

Not from one paper; in form the two-layer Net-2 of LeCun 1989 (Generalization and network design
strategies), with the units, ReLU and dropout of today. It knows nothing of images: shuffle the
pixels, the same way in all of them, and it learns as well.

=======  ===============================  =========================
layer    what                             parameters
=======  ===============================  =========================
flatten  C×H×W pixels to one row
hidden   each: linear, ReLU, dropout      (inputs + 1)·units
scores   linear                           (units + 1)·K
=======  ===============================  =========================
"""

from torch import nn

from pellucid.layers import FullyConnected
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network
from pellucid.models.registry import SMALL_IMAGES, register


@register("fully_connected", usual=SMALL_IMAGES)
def fully_connected(
    classes: int,
    channels: int,
    height: int,
    width: int,
    *,
    hidden: tuple[int, ...] | list[int] = (256, 128),
    dropout: float = 0.2,
) -> Network:
    """Hidden layers on the pixels. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels.
        width: of the input, in pixels.
        hidden: units of each hidden layer; none gives a linear classifier.
        dropout: share of a hidden layer's units dropped while training.

    >>> network = fully_connected(classes=10, channels=1, height=28, width=28)
    >>> sum(p.numel() for p in network.parameters())  # 785·256 + 257·128 + 129·10
    235146
    """
    head = FullyConnected((channels, height, width), classes, hidden=hidden, dropout=dropout)
    initialise_he(head)
    return Network("fully_connected", channels, nn.Sequential(), head)
