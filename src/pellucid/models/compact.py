"""``compact``: the default network, shaped for a CPU.

Not from one paper; each part has its source:

=========  ==========================================================  =======================
part       what                                                        from
=========  ==========================================================  =======================
stem       4×4 convolution, stride 2: half the resolution at once,     early downsampling:
           where convolutions are memory-bound                         GoogLeNet (2015), table 1
stage      3×3 convolution, 2×2 max pooling (not in the first stage),  VGG (2014) stages;
           batch norm, ReLU. Widths double until ``MAX_WIDTH``         pooling before the norm
                                                                       to halve its work
deeper     in each stage two more times (once in the first) a 3×3      residual learning: He et
           convolution, batch norm and ReLU, added to what they see    al. (2015), section 3
head       dropout, 1×1 convolution to one map per class, mean of      Network in Network (Lin
           each map: global average pooling straight to the scores     2013), section 3.2
=========  ==========================================================  =======================

All convolutions but the head's have no bias (batch norm brings one). The class score is the mean
of the class map, so the class activation map of this network is exact.
"""

from torch import Tensor, nn

from pellucid.errors import UsageError
from pellucid.layers import ConvUnit, GlobalAverage, Residual, least_size, named
from pellucid.models.network import check_input
from pellucid.models.registry import SMALL_IMAGES, register

#: Width of the first stage where none is asked for.
MODEST_WIDTH = 32
#: No stage is wider than this: beyond it small data sets gain nothing and the optimiser slows.
MAX_WIDTH = 512
#: Stages are added while the smaller side of the feature maps is at least this.
SMALLEST_MAP = 6


def modest_widths(height: int, width: int) -> dict[str, list[int]]:
    """The arguments that depend on the size of the input, for a network of modest width."""
    return {"widths": stage_widths(MODEST_WIDTH, height, width)}


class Stage(nn.Sequential):
    """3×3 convolution, batch norm and ReLU; then two residual units, or one without pooling.

    Shapes: (N, inputs, H, W) to (N, outputs, H, W), or (N, outputs, ⌊H/2⌋, ⌊W/2⌋) with the 2×2 max
    pooling that follows the convolution. Where there is none, maps are large and a unit is dear.
    """

    def __init__(self, inputs: int, outputs: int, *, pool: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.pool = nn.MaxPool2d(2) if pool else nn.Identity()
        self.norm = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.second = _residual(outputs)
        if pool:
            self.third = _residual(outputs)


def _residual(maps: int) -> Residual:
    return Residual(dict(ConvUnit(maps, maps, 3, padding=1, norm=True).named_children()))


@register("compact", suited=modest_widths, usual=SMALL_IMAGES)
class Compact(nn.Module):
    """The default network (see the module's text for its parts).

    Shapes: (N, channels, H, W) to class scores (N, classes).

    Args:
        classes: K, number of classes.
        channels: C of the input, 1 or 3.
        widths: feature maps of each stage, at least one.
        dropout: share of feature maps dropped before the head, in [0, 1).

    >>> import torch
    >>> network = Compact(classes=10, channels=1, widths=[16, 32])
    >>> network(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self, classes: int, channels: int, widths: list[int], dropout: float = 0.0
    ) -> None:
        super().__init__()
        if not widths:
            raise UsageError("compact: widths needs at least one stage, found none.")
        self.stem = nn.Sequential(
            nn.Conv2d(channels, widths[0], 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        before = [widths[0], *widths[:-1]]
        self.stages = nn.Sequential(
            *(
                Stage(inputs, outputs, pool=index > 0)
                for index, (inputs, outputs) in enumerate(zip(before, widths, strict=True))
            )
        )
        self.head = GlobalAverage(widths[-1], classes, dropout=dropout)
        self.channels = channels
        self.least = least_size(self._trunk())

    def forward(self, x: Tensor) -> Tensor:
        check_input("compact", x, self.channels, self.least, self._trunk)
        scores: Tensor = self.head(self.stages(self.stem(x)))
        return scores

    def _trunk(self) -> nn.Sequential:
        return named({"stem": self.stem, "stages": self.stages})


def stage_widths(width: int, height: int, across: int) -> list[int]:
    """Widths of the stages for an input of height × across pixels, the first being ``width``.

    >>> stage_widths(32, 28, 28)
    [32, 64, 128]
    >>> stage_widths(32, 128, 128)
    [32, 64, 128, 256, 512]
    """
    widths = [min(width, MAX_WIDTH)]
    side = min(height, across) // 2
    while side >= SMALLEST_MAP:
        widths.append(min(widths[-1] * 2, MAX_WIDTH))
        side //= 2
    return widths
