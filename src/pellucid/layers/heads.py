"""Heads: from a trunk's feature maps to class scores. Each fits any trunk.

==========================  ===================================================  ================
head                        what                                                 parameters
==========================  ===================================================  ================
:class:`GlobalAverage`      one map per class, averaged (Lin 2013, section 3.2)  C·K + K
:class:`GlobalAverageLinear`  average each map, then a linear layer (Szegedy     C·K + K
                            2015, section 5)
:class:`FullyConnected`     flatten, hidden layers, a linear layer (Krizhevsky   C·H·W·first + …
                            2012, section 3.5)
==========================  ===================================================  ================

The first two compute the same where nothing lies between: the mean of a linear map is the linear
map of the mean. The first shows where each class is seen; the second does with K·C multiply-adds.

The layer that makes the scores runs in float32 even where the trunk runs in bfloat16.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from pellucid.errors import UsageError
from pellucid.layers.named import named


class GlobalAverage(nn.Module):
    """Class maps averaged into class scores (global average pooling, Lin 2013, section 3.2).

    A class's score is the mean of its map, so the map says exactly what each place adds to it.
    The weights start at zero: all classes score the same before the first step.

    Shapes: (N, inputs, H, W) to class maps (N, K, H, W) to scores (N, K).

    Args:
        inputs: C, feature maps of the trunk.
        classes: K.
        dropout: share of feature maps dropped before the class maps, in [0, 1).
        rectify: whether ReLU follows the class maps, as in the paper's mlpconv; scores are then
            never below zero, and the weights must not start at zero.

    >>> GlobalAverage(64, 10)(torch.zeros(2, 64, 7, 7)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self, inputs: int, classes: int, *, dropout: float = 0.0, rectify: bool = False
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(dropout)
        self.maps = nn.Conv2d(inputs, classes, 1)
        self.relu = nn.ReLU(inplace=True) if rectify else nn.Identity()
        _set_zero(self.maps)

    def forward(self, x: Tensor) -> Tensor:
        with _without_autocast(x):
            maps: Tensor = self.relu(self.maps(self.dropout(_precise(x))))  # (N, K, H, W)
        return maps.mean((2, 3))


class GlobalAverageLinear(nn.Module):
    """Each map's average, then a linear layer (GoogLeNet's form, Szegedy 2015, section 5).

    Shapes: (N, inputs, H, W) to (N, inputs) to scores (N, K).

    Args:
        inputs: C, feature maps of the trunk.
        classes: K.
        dropout: share of the averages dropped, in [0, 1).

    >>> GlobalAverageLinear(1024, 1000, dropout=0.4)(torch.zeros(2, 1024, 7, 7)).shape
    torch.Size([2, 1000])
    """

    def __init__(self, inputs: int, classes: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        with _without_autocast(x):
            averages = self.dropout(_precise(x).mean((2, 3)))  # (N, C)
            scores: Tensor = self.scores(averages)
        return scores


class FullyConnected(nn.Module):
    """Flatten, hidden layers with activation and dropout, a linear layer (AlexNet's form).

    Shapes: (N, C, H, W) to (N, C·H·W) to scores (N, K); for maps of one size only.

    Args:
        inputs: (C, H, W) of the trunk's feature maps.
        classes: K.
        hidden: units of each hidden layer; may be empty.
        dropout: share of a hidden layer's units dropped, in [0, 1).
        activation: makes what follows each hidden layer.

    >>> head = FullyConnected((256, 6, 6), 1000, hidden=[4096, 4096], dropout=0.5)
    >>> sum(p.numel() for p in head.parameters())  # of AlexNet's 61 million
    58631144
    """

    def __init__(
        self,
        inputs: tuple[int, int, int],
        classes: int,
        *,
        hidden: Sequence[int] = (),
        dropout: float = 0.0,
        activation: Callable[[], nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        self.inputs = tuple(inputs)
        channels, height, width = inputs
        widths = [channels * height * width, *hidden]
        layers: dict[str, nn.Module] = {}
        for number, (before, after) in enumerate(pairwise(widths), 1):
            layers[f"linear{number}"] = nn.Linear(before, after)
            layers[f"activation{number}"] = activation()
            layers[f"dropout{number}"] = nn.Dropout(dropout)
        self.hidden = named(layers)
        self.scores = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        if tuple(x.shape[1:]) != self.inputs:
            expected, found = ("×".join(map(str, s)) for s in (self.inputs, x.shape[1:]))
            raise UsageError(
                f"fully connected head: expected N×{expected} feature maps, found N×{found}: the "
                "network was built for another size of input."
            )
        features = self.hidden(x.flatten(1))  # (N, hidden[-1])
        with _without_autocast(x):
            scores: Tensor = self.scores(_precise(features))
        return scores


def _precise(x: Tensor) -> Tensor:
    """In float32, unless it is more precise already."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _without_autocast(x: Tensor) -> torch.autocast:
    return torch.autocast("cuda" if x.is_cuda else "cpu", enabled=False)


def _set_zero(layer: nn.Conv2d) -> None:
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
