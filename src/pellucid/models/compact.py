"""``compact``: the default network, shaped for a CPU.

Not from one paper; each part has its source:

=========  ==========================================================  =======================
part       what                                                        from
=========  ==========================================================  =======================
stem       4×4 convolution, stride 2: half the resolution at once,     early downsampling:
           where convolutions are memory-bound                         GoogLeNet (2015), table 1
stage      3×3 convolution, 2×2 max pooling (not in the first stage),  VGG (2014) stages;
           batch norm, ReLU; then one more 3×3 convolution, batch      pooling before the norm
           norm, ReLU. Widths double until ``MAX_WIDTH``               to halve its work
head       dropout, 1×1 convolution to one map per class, mean of      Network in Network (Lin
           each map: global average pooling straight to the scores     2013), section 3.2
=========  ==========================================================  =======================

All convolutions but the head's have no bias (batch norm brings one). The class score is the mean
of the class map, so the class activation map of this network is exact.
"""

import torch
from torch import Tensor, nn

from pellucid.errors import UsageError
from pellucid.models.registry import register

#: No stage is wider than this: beyond it small data sets gain nothing and the optimiser slows.
MAX_WIDTH = 512
#: Stages are added while the smaller side of the feature maps is at least this.
SMALLEST_MAP = 6


class Stage(nn.Module):
    """Two 3×3 convolutions with batch norm and ReLU; optional 2×2 max pooling after the first.

    Shapes: (N, inputs, H, W) to (N, outputs, H, W), or (N, outputs, ⌊H/2⌋, ⌊W/2⌋) with pooling.
    """

    def __init__(self, inputs: int, outputs: int, *, pool: bool) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.pool = nn.MaxPool2d(2) if pool else nn.Identity()
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.first_norm(self.pool(self.first(x))))
        features: Tensor = self.relu(self.second_norm(self.second(x)))
        return features


class Head(nn.Module):
    """Class maps averaged into class scores (global average pooling, Lin 2013, section 3.2).

    Shapes: (N, inputs, H, W) to class maps (N, K, H, W) to scores (N, K).
    """

    def __init__(self, inputs: int, classes: int, *, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        self.maps = nn.Conv2d(inputs, classes, 1)
        nn.init.zeros_(self.maps.weight)
        nn.init.zeros_(self.maps.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        # Scores are summed in float32 even where the trunk runs in bfloat16.
        with torch.autocast("cuda" if x.is_cuda else "cpu", enabled=False):
            maps: Tensor = self.maps(self.dropout(x.float()))
        return maps.mean((2, 3))


@register("compact")
class Compact(nn.Module):
    """The default network (see the module's text for its parts).

    Shapes: (N, channels, H, W) to class scores (N, classes).

    Args:
        classes: K, number of classes.
        channels: C of the input, 1 or 3.
        widths: feature maps of each stage, at least one.
        dropout: share of feature maps dropped before the head, in [0, 1).

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
        self.head = Head(widths[-1], classes, dropout=dropout)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.stages(self.stem(x)))
        return scores


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
