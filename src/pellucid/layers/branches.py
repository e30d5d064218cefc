"""Modules side by side on one input, their feature maps stacked."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Branches(nn.Module):
    """Modules side by side; their outputs are concatenated along the channels.

    Shapes: (N, C, H, W) to (N, C₁ + C₂ + …, H', W'); all branches make maps of one size.

    Args:
        branches: by name, in the order in which their maps are stacked.

    >>> sides = Branches({"wide": nn.Conv2d(2, 3, 3, padding=1), "same": nn.Identity()})
    >>> sides(torch.zeros(1, 2, 4, 4)).shape
    torch.Size([1, 5, 4, 4])
    """

    def __init__(self, branches: Mapping[str, nn.Module]) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], 1)  # (N, ΣCᵢ, H', W')
