"""How weights do on the validation images while a training lasts."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.workers.device import autocast, device_of
from pellucid.training.workers.distributed import World

_BATCH = 256


class Scorer:
    """Scores weights on the validation images; each worker looks at its share of them.

    Args:
        network: takes the weights; it is copied, and its copy stays on its device.
        recipe: of the training.
        images: its validation images are looked at.
        world: the workers.
    """

    def __init__(self, network: nn.Module, recipe: Recipe, images: Images, world: World) -> None:
        self._network = copy.deepcopy(network).eval()
        self._device = device_of(network)
        self._recipe, self._images, self._world = recipe, images, world

    def __call__(self, weights: Mapping[str, Tensor]) -> tuple[float, float]:
        """Accuracy and mean cross-entropy, in nats, of weights by name."""
        self._network.load_state_dict(weights)
        val, right, loss = self._images.val, 0, 0.0
        mine = val[self._world.share(len(val)).slice]
        for begin in range(0, len(mine), _BATCH):
            images, labels = self._images.at(mine[begin : begin + _BATCH])
            labels = labels.to(self._device)
            batch = torch.from_numpy(self._recipe.preprocessing.tensor(images.numpy()))
            batch = batch.to(self._device, torch.get_default_dtype())
            with torch.inference_mode(), autocast(self._recipe.precision, self._device):
                scores = self._network(batch).float()
            right += int((scores.argmax(1) == labels).sum())
            loss += float(functional.cross_entropy(scores, labels, reduction="sum"))
        rights, loss = self._world.sums(right, loss)
        return rights / len(val), loss / len(val)
