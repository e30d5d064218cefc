"""What a trunk that stays as it is makes of every image, computed once."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pellucid.data.cache import PixelCache
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.models.fold import folded
from pellucid.training.workers.device import autocast, best_device

#: Images at once: with more, the maps of a layer leave the cache.
BATCH = 32


class FrozenTrunk:
    """A network up to the layer that makes the scores, which must be linear in what it gets.

    Args:
        network: in evaluation mode; it is left as it is.
        preprocessing: of its input.
        precision: of the pass.

    Attributes:
        width: C, features an image.

    Raises:
        UsageError: the scores are no linear function of the last layer's input, averaged.
    """

    def __init__(
        self,
        network: nn.Module,
        preprocessing: Preprocessing,
        precision: Literal["bfloat16", "float32"],
    ) -> None:
        self._network = folded(network)
        self._record, self._precision = preprocessing, precision
        self._seen: list[Tensor] = []
        last = last_layer(self._network)
        self._check(last)
        last.register_forward_pre_hook(lambda layer, inputs: self._seen.append(inputs[0]))
        self._device = best_device()
        self._network.to(self._device)
        self.width = last.weight.shape[1]

    def features(
        self,
        pixels: PixelCache,
        indices: NDArray[np.intp],
        *,
        mirrored: bool = False,
        stopped: Callable[[], bool] = lambda: False,
        advance: Callable[[int], None] = lambda _: None,
    ) -> NDArray[np.float32] | None:
        """Features of images.

        Args:
            pixels: all fitted images.
            indices: (n,) which.
            mirrored: of the images mirrored left-right.
            stopped: asked after every batch.
            advance: told the number of images of every batch.

        Returns:
            (n, C); None where a stop was asked for.
        """
        parts = [np.zeros((0, self.width), np.float32)]
        for begin in range(0, len(indices), BATCH):
            batch = pixels.gather(indices[begin : begin + BATCH])
            parts.append(self(batch[:, :, ::-1] if mirrored else batch))
            advance(len(batch))
            if stopped():
                return None
        return np.concatenate(parts)

    def __call__(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (N, C) of fitted images (N, H, W, C)."""
        tensor = torch.from_numpy(self._record.tensor(np.ascontiguousarray(batch)))
        tensor = tensor.to(self._device, memory_format=torch.channels_last)
        self._seen.clear()
        with torch.inference_mode(), autocast(self._precision, self._device):
            self._network(tensor)
        values: NDArray[np.float32] = _averaged(self._seen[0]).cpu().numpy()
        return values

    def _check(self, last: nn.Linear | nn.Conv2d) -> None:
        """Compare the scores of noise, by random weights, with the product that they should be."""
        record, seen, source = self._record, [], torch.Generator().manual_seed(0)
        for parameter in last.parameters():
            nn.init.normal_(parameter, generator=source)
        noise = torch.randn(2, record.channels, record.height, record.width, generator=source)
        hook = last.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
        with torch.inference_mode():
            scores = self._network(noise)
            hook.remove()
            linear = False
            if len(seen) == 1 and last.weight[0, 0].numel() == 1:
                weight = last.weight.flatten(1)
                bias = 0.0 if last.bias is None else last.bias
                found = _averaged(seen[0]) @ weight.T + bias
                bound = 1e-3 * float(scores.abs().max() + 1e-3)
                linear = found.shape == scores.shape and torch.allclose(found, scores, atol=bound)
        if not linear:
            raise UsageError(
                "the scores of this network are no linear function of its last layer's input, so "
                "that no new head can be fitted to its features: choose other weights, or train "
                "--from-scratch."
            )


def last_layer(network: nn.Module) -> nn.Linear | nn.Conv2d:
    """The layer that makes the scores: the last convolution or linear layer.

    Raises:
        UsageError: there is none.
    """
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    if not layers:
        raise UsageError("this network has no convolution or linear layer.")
    return layers[-1]


def _averaged(x: Tensor) -> Tensor:
    """(N, C) of (N, C), or of maps (N, C, H, W)."""
    x = x.float()
    return x.mean((2, 3)) if x.ndim == 4 else x
