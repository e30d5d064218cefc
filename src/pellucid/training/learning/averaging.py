"""A running average of a network's weights, which generalises better than the last step's.

Polyak & Juditsky (1992); with exponential forgetting, as in Tarvainen & Valpola (2017).
"""

import torch
from torch import Tensor, nn


class WeightAverage:
    """average ← average + (1 − decay) · (weights − average), buffers of batch norm included.

    Args:
        network: its present weights are the first average.
        decay: in [0, 1); the average looks back about 1 / (1 − decay) steps.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.tensors = {name: value.clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take the network's weights in; early steps weigh more, so that the start is forgotten."""
        self.steps += 1
        share = max(1 - self.decay, 1 / (self.steps + 1) ** 0.5)
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.tensors[name].lerp_(value, share)
            else:
                self.tensors[name].copy_(value)

    def snapshot(self) -> dict[str, Tensor]:
        """A copy of the averaged weights by name."""
        return {name: value.clone() for name, value in self.tensors.items()}
