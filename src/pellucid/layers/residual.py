"""A residual block: what the layers inside find is added to what came in."""

from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor, nn


class Residual(nn.Sequential):
    """Layers after one another, and their input added to their output (He et al. 2015).

    Shapes: (N, C, H, W) to (N, C, H, W): the layers keep the shape.

    Args:
        layers: by name.

    >>> import torch
    >>> Residual({"relu": nn.ReLU()})(torch.tensor([1.0, -1.0]))
    tensor([ 2., -1.])
    """

    def __init__(self, layers: Mapping[str, nn.Module]) -> None:
        super().__init__(OrderedDict(layers))

    def forward(self, x: Tensor) -> Tensor:
        inside = x
        for layer in self:
            inside = layer(inside)
        return x + inside
