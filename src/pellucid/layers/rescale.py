"""A fixed change of each channel's scale, without parameters."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Rescale(nn.Module):
    """Each channel times a gain, plus an offset; neither is learnt or saved.

    Shapes: (N, C, H, W) to (N, C, H, W).

    Args:
        gain: one a channel.
        offset: one a channel.

    >>> Rescale([2.0], [1.0])(torch.ones(1, 1, 1, 2))
    tensor([[[[3., 3.]]]])
    """

    gain: Tensor
    offset: Tensor

    def __init__(self, gain: Sequence[float], offset: Sequence[float]) -> None:
        super().__init__()
        for name, values in (("gain", gain), ("offset", offset)):
            self.register_buffer(name, torch.tensor(values).view(1, -1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gain + self.offset
