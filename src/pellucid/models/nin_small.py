"""``nin_small``: Network in Network's idea at 28 to 128 pixels.

Lin, Chen and Yan 2013 (see :mod:`pellucid.models.nin`): three mlpconv blocks with overlapping
pooling between them, one map per class, averaged.

========  =====================================  =============  ===============
layer     what                                   at 28×28       at 128×128
========  =====================================  =============  ===============
mlpconv1  5×5, stride s: 64, 48, 32              32×28×28       32×32×32
pool1     3×3 max /2, rounding up; dropout 0.1   32×14×14       32×16×16
mlpconv2  5×5: 64, 64, 64                        64×14×14       64×16×16
pool2     3×3 max /2, rounding up; dropout 0.1   64×7×7         64×8×8
mlpconv3  3×3: 96, 96                            96×7×7         96×8×8
head      1×1 to K class maps, mean of each      K              K
========  =====================================  =============  ===============

The stride s is such that mlpconv1's maps have about 32 pixels a side. Deviations: a third to a
half of the maps; batch norm after every convolution; no ReLU on the class maps, so that a score
may be below zero; dropout 0.1 where the paper has 0.5, which is for longer trainings.
"""

from torch import nn

from pellucid.layers import GlobalAverage, MlpConv, named, output_size
from pellucid.layers.initialise import initialise_he
from pellucid.models.network import Network, stem_stride
from pellucid.models.registry import SMALL_IMAGES, register


@register("nin_small", usual=SMALL_IMAGES)
def nin_small(
    classes: int, channels: int, height: int, width: int, *, norm: bool = True, dropout: float = 0.1
) -> Network:
    """Network in Network's idea, small. Shapes: (N, channels, H, W) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels; sets the stride, larger inputs are taken too.
        width: of the input, in pixels; likewise.
        norm: whether batch norm follows every convolution of the trunk.
        dropout: share of values dropped after each pooling while training.

    >>> network = nin_small(classes=10, channels=1, height=28, width=28)
    >>> sum(p.numel() for p in network.parameters())
    132138
    """
    stride = stem_stride(height, width)
    trunk = named(
        {
            "mlpconv1": MlpConv(channels, (64, 48, 32), 5, stride=stride, padding=2, norm=norm),
            "pool1": nn.MaxPool2d(3, stride=2, ceil_mode=True),
            "dropout1": nn.Dropout(dropout),
            "mlpconv2": MlpConv(32, (64, 64, 64), 5, padding=2, norm=norm),
            "pool2": nn.MaxPool2d(3, stride=2, ceil_mode=True),
            "dropout2": nn.Dropout(dropout),
            "mlpconv3": MlpConv(64, (96, 96), 3, padding=1, norm=norm),
        }
    )
    output_size(trunk, (height, width), "nin_small")
    initialise_he(trunk)
    return Network("nin_small", channels, trunk, GlobalAverage(96, classes))
