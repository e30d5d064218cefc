"""``alexnet_small``: AlexNet's idea at 28 to 128 pixels.

Krizhevsky, Sutskever and Hinton 2012 (see :mod:`pellucid.models.alexnet`): five convolutions, the
second, fourth and fifth in two towers; overlapping 3×3 pooling after the first, second and fifth;
a fully connected head with dropout, which holds most of the parameters.

======  ===========================================  ===============  ===============
layer   what                                         maps at 28×28    maps at 128×128
======  ===========================================  ===============  ===============
conv1   5×5, stride s; norm, ReLU, 3×3 pooling /2    32×28×28         32×32×32
conv2   5×5, two towers; norm, ReLU, 3×3 pooling /2  64×13×13         64×15×15
conv3   3×3, across both towers; norm, ReLU          96×6×6           96×7×7
conv4   3×3, two towers; norm, ReLU                  96×6×6           96×7×7
conv5   3×3, two towers; norm, ReLU, 3×3 pooling /2  64×6×6           64×7×7
fc6     linear, ReLU, dropout 0.5                    256              256
fc7     linear, ReLU, dropout 0.5                    256              256
fc8     linear                                       K                K
======  ===========================================  ===============  ===============

The stride s is such that conv1's maps have about 32 pixels a side. Deviations: a sixth to a third
of the maps; batch norm (which the paper could not know) in place of response normalisation and
He's initial weights, since a few thousand images are too few to train without. ``norm=False`` puts
the response normalisation back where the paper has it.
"""

from torch import nn

from pellucid.layers import ConvUnit, FullyConnected, LocalResponseNorm, named, output_size
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network, stem_stride
from pellucid.models.registry import SMALL_IMAGES, register


@register("alexnet_small", usual=SMALL_IMAGES)
def alexnet_small(
    classes: int, channels: int, height: int, width: int, *, norm: bool = True, dropout: float = 0.5
) -> Network:
    """AlexNet's idea, small. Shapes: (N, channels, height, width) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels.
        width: of the input, in pixels.
        norm: batch norm; without it, local response normalisation.
        dropout: share of the hidden units dropped while training.

    Raises:
        UsageError: the input is too small.

    >>> network = alexnet_small(classes=10, channels=1, height=28, width=28)
    >>> sum(p.numel() for p in network.parameters())
    285674
    """

    def response() -> nn.Module:
        return nn.Identity() if norm else LocalResponseNorm()

    stride = stem_stride(height, width)
    trunk = named(
        {
            "conv1": ConvUnit(channels, 32, 5, stride=stride, padding=2, norm=norm),
            "norm1": response(),
            "pool1": nn.MaxPool2d(3, stride=2),
            "conv2": ConvUnit(32, 64, 5, padding=2, groups=2, norm=norm),
            "norm2": response(),
            "pool2": nn.MaxPool2d(3, stride=2),
            "conv3": ConvUnit(64, 96, 3, padding=1, norm=norm),
            "conv4": ConvUnit(96, 96, 3, padding=1, groups=2, norm=norm),
            "conv5": ConvUnit(96, 64, 3, padding=1, groups=2, norm=norm),
            "pool5": nn.MaxPool2d(3, stride=2),
        }
    )
    size = output_size(trunk, (height, width), "alexnet_small")
    head = FullyConnected((64, *size), classes, hidden=(256, 256), dropout=dropout)
    network = Network("alexnet_small", channels, trunk, head)
    initialise_he(network)
    return network
