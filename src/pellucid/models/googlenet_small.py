"""``googlenet_small``: GoogLeNet's idea at 28 to 128 pixels.

Szegedy et al. 2015 (see :mod:`pellucid.models.googlenet`): a stem that shrinks early, Inception
modules with dimension reduction and pooling between them, an average for a head.

============  ===================================  =============  ===============
layer         what                                 at 28×28       at 128×128
============  ===================================  =============  ===============
conv1         5×5, stride s                        32×28×28       32×32×32
pool1         3×3 max /2, rounding up              32×14×14       32×16×16
inception_2a  16; 24, 32; 8, 16; 16                80×14×14       80×16×16
inception_2b  32; 32, 48; 8, 24; 24                128×14×14      128×16×16
pool2         3×3 max /2, rounding up              128×7×7        128×8×8
inception_3a  48; 48, 96; 12, 32; 32               208×7×7        208×8×8
inception_3b  64; 64, 128; 16, 48; 48              288×7×7        288×8×8
head          mean of each map, dropout, linear    K              K
============  ===================================  =============  ===============

The numbers are those of :class:`pellucid.layers.InceptionWidths`: 1×1; 3×3 reduce, 3×3; 5×5
reduce, 5×5; projection. The stride s is such that conv1's maps have about 32 pixels a side.
Deviations: four modules of about a quarter of the width; batch norm after every convolution, in
place of response normalisation and the auxiliary heads: both helped gradients through a deep
network, and this one is shallow and normalised.
"""

from torch import nn

from pellucid.layers import ConvUnit, GlobalAverageLinear, Inception, InceptionWidths
from pellucid.models.googlenet import assemble, overlapping_pool
from pellucid.models.network import Network, stem_stride
from pellucid.models.registry import SMALL_IMAGES, register

WIDTHS = {
    "2a": InceptionWidths(16, 24, 32, 8, 16, 16),
    "2b": InceptionWidths(32, 32, 48, 8, 24, 24),
    "3a": InceptionWidths(48, 48, 96, 12, 32, 32),
    "3b": InceptionWidths(64, 64, 128, 16, 48, 48),
}


@register("googlenet_small", usual=SMALL_IMAGES)
def googlenet_small(
    classes: int, channels: int, height: int, width: int, *, norm: bool = True, dropout: float = 0.2
) -> Network:
    """GoogLeNet's idea, small. Shapes: (N, channels, H, W) to scores (N, classes).

    Args:
        classes: K.
        channels: of the input.
        height: of the input, in pixels; sets the stride, larger inputs are taken too.
        width: of the input, in pixels; likewise.
        norm: whether batch norm follows every convolution.
        dropout: share of the averages dropped while training.

    >>> network = googlenet_small(classes=10, channels=1, height=28, width=28)
    >>> sum(p.numel() for p in network.parameters())
    245906
    """
    stride = stem_stride(height, width)
    layers: dict[str, nn.Module] = {
        "conv1": ConvUnit(channels, 32, 5, stride=stride, padding=2, norm=norm),
        "pool1": overlapping_pool(),
    }
    maps = 32
    for name, widths in WIDTHS.items():
        if name == "3a":
            layers["pool2"] = overlapping_pool()
        layers[f"inception_{name}"] = Inception(maps, widths, norm=norm)
        maps = widths.outputs
    head = GlobalAverageLinear(maps, classes, dropout=dropout)
    return assemble("googlenet_small", channels, (height, width), layers, head)
