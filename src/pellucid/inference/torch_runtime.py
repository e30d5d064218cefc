"""The reference: the network as it was trained, run by torch."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.images.raw import Pixels


class TorchRuntime:
    """A torch network with the normalisation before it.

    Args:
        network: (N, C, H, W) float32 to scores (N, K), in evaluation mode.
        preprocessing: its normalisation.

    >>> record = Preprocessing("gray", 1, 2, (0.0,), (1.0,))
    >>> runtime = TorchRuntime(nn.Flatten(), record)
    >>> runtime.scores(np.array([[[[0], [255]]]], np.uint8)).tolist()
    [[0.0, 1.0]]
    """

    name = "torch"

    def __init__(self, network: nn.Module, preprocessing: Preprocessing) -> None:
        self.network, self.preprocessing = network, preprocessing

    def scores(self, batch: Pixels) -> NDArray[np.float32]:
        """See :meth:`pellucid.inference.runtime.Runtime.scores`."""
        tensor = torch.from_numpy(self.preprocessing.tensor(batch))
        with torch.inference_mode():
            found = self.network(tensor.contiguous(memory_format=torch.channels_last))
            scores: NDArray[np.float32] = found.float().numpy()
        return scores

    @contextmanager
    def one_core(self) -> Iterator["TorchRuntime"]:
        """See :meth:`pellucid.inference.runtime.Runtime.one_core`; holds for all of torch."""
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield self
        finally:
            torch.set_num_threads(before)
