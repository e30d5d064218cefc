"""One training step, and the optimisers it uses."""

from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import SGD, AdamW, Optimizer

from pellucid.data.share import Share
from pellucid.models import Network
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.optimiser import Muon
from pellucid.training.learning.schedule import one_cycle
from pellucid.training.learning.tuning import Tuner
from pellucid.training.workers.device import autocast, device_of
from pellucid.training.workers.distributed import ALONE, World

#: SGD takes what Muon cannot: norms, biases and the layer that makes the scores.
_SGD_RATE = 0.05
#: What an auxiliary head's loss counts beside the head's (Szegedy 2015, section 5).
AUXILIARY_WEIGHT = 0.3


class Stepper:
    """Carries a network through training steps, on the device where its weights are.

    Args:
        network: trained in place.
        recipe: what to do.
        world: the workers that share each batch.
        compiled: let ``torch.compile`` make the network's forward pass.

    Attributes:
        network: the one given.
        optimisers: in a fixed order.
    """

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        world: World = ALONE,
        *,
        compiled: bool = False,
    ) -> None:
        self.network = network
        self.recipe = recipe
        self._world = world
        self._device = device_of(network)
        if compiled:
            network.compile()
        self._tuner = None if recipe.tuning is None else Tuner(network, recipe.tuning)
        if self._tuner is None:
            self.optimisers = make_optimisers(
                network,
                recipe.optimiser,
                recipe.learning_rate,
                torch.bfloat16 if recipe.precision == "bfloat16" else None,
            )
        else:
            self.optimisers = [self._tuner.optimiser(recipe.learning_rate)]
        self._peaks = [[group["lr"] for group in o.param_groups] for o in self.optimisers]
        record = recipe.preprocessing
        gain, offset = record.affine()
        self._gain = torch.from_numpy(gain).view(1, -1, 1, 1).to(self._device)
        self._offset = torch.from_numpy(offset).view(1, -1, 1, 1).to(self._device)
        weights = recipe.class_weights
        self._class_weights = None if weights is None else torch.tensor(weights).to(self._device)

    def step(
        self,
        images: Tensor,
        labels: Tensor,
        progress: float,
        generator: torch.Generator,
        share: Share | None = None,
    ) -> tuple[float, int]:
        """Vary, predict, compare, improve.

        Args:
            images: (n, H, W, C) uint8, this worker's part of the batch.
            labels: (n,) int64.
            progress: share of the training done, in [0, 1]; sets the learning rate.
            generator: fixes the variations and (through torch's global one) dropout.
            share: which rows of the batch these are; None: all of it.

        Returns:
            The mean loss over the batch and the number of images classified rightly, in the
            whole batch.
        """
        torch.manual_seed(generator.initial_seed())
        share = share or Share.whole(len(images))
        labels = labels.to(self._device, non_blocking=True)
        self.network.train()
        if self._tuner is not None:
            self._tuner.prepare(progress)
        loss, scores = self.loss(images, labels, progress, generator, share)
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        right = (scores.argmax(1) == labels).sum()
        total, rights = self._world.add_gradients(self.network, loss.item(), right.item())
        self.set_rate(one_cycle(progress))
        for optimiser in self.optimisers:
            optimiser.step()
        return total, round(rights)

    def loss(
        self,
        images: Tensor,
        labels: Tensor,
        progress: float,
        generator: torch.Generator,
        share: Share,
    ) -> tuple[Tensor, Tensor]:
        """This worker's part of the batch's mean loss, and the scores (n, K); see :meth:`step`."""
        images = images.to(self._device, non_blocking=True)
        varied = self.recipe.augmentation(images, generator, share)
        batch = varied.mul_(self._gain).add_(self._offset)
        progressive = self.recipe.progressive
        if progressive is not None and progress < progressive.until:
            record = self.recipe.preprocessing
            batch = shrunk(batch, progressive.size(record.height, record.width))
        with autocast(self.recipe.precision, self._device), self._world.whole_batch(share):
            scores, others = _all_scores(self.network, batch)
        loss = self._loss(scores, labels, share)
        for auxiliary in others:
            loss = loss + AUXILIARY_WEIGHT * self._loss(auxiliary, labels, share)
        return loss, scores

    def _loss(self, scores: Tensor, labels: Tensor, share: Share) -> Tensor:
        """Sum over the rows here, divided by the rows of the whole batch."""
        precise = scores.to(torch.promote_types(scores.dtype, torch.float32))
        each = functional.cross_entropy(
            precise, labels, label_smoothing=self.recipe.label_smoothing, reduction="none"
        )
        if self._class_weights is not None:
            each = each * self._class_weights[labels]
        return each.sum() / share.total

    def set_rate(self, factor: float) -> None:
        """Set every learning rate to its peak times the factor."""
        for optimiser, peaks in zip(self.optimisers, self._peaks, strict=True):
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * factor

    def rate(self) -> float:
        """The learning rate of the last step (of the first optimiser)."""
        return float(self.optimisers[0].param_groups[0]["lr"])

    def state(self) -> dict[str, Tensor]:
        """The optimisers' tensors by name: ``OPTIMISER/PARAMETER/NAME``."""
        return {
            f"{i}/{index}/{name}": value
            for i, optimiser in enumerate(self.optimisers)
            for index, entry in optimiser.state_dict()["state"].items()
            for name, value in entry.items()
            if isinstance(value, Tensor)
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take back what :meth:`state` gave."""
        for i, optimiser in enumerate(self.optimisers):
            entries: dict[int, dict[str, Any]] = {}
            for key, value in tensors.items():
                which, index, name = key.split("/")
                if int(which) == i:
                    entries.setdefault(int(index), {})[name] = value
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": entries, "param_groups": groups})


def _all_scores(network: nn.Module, batch: Tensor) -> tuple[Tensor, list[Tensor]]:
    """The scores, and those of auxiliary heads where the network has some; each (N, K)."""
    if isinstance(network, Network) and network.auxiliary:
        scores, others = network.auxiliary_scores(batch)
        return scores, list(others.values())
    return network(batch), []


def shrunk(batch: Tensor, size: tuple[int, int]) -> Tensor:
    """Smaller images: bilinear, each pixel from as many as it stands for, so that none alias.

    Args:
        batch: (N, C, H, W).
        size: height and width of the images returned.
    """
    small = functional.interpolate(batch, size, mode="bilinear", antialias=True)
    return small.contiguous(memory_format=torch.channels_last)


def suited_optimiser(network: nn.Module) -> Literal["muon", "adamw"]:
    """Muon where batch norm makes the scale of filters irrelevant, AdamW elsewhere."""
    norms = any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in network.modules())
    return "muon" if norms else "adamw"


def make_optimisers(
    network: nn.Module,
    name: Literal["muon", "adamw"],
    rate: float,
    precision: torch.dtype | None = torch.bfloat16,
) -> list[Optimizer]:
    """The optimisers of a network's parameters, at their peak learning rates."""
    if name == "adamw":
        return [AdamW(network.parameters(), lr=rate, weight_decay=0.05, betas=(0.9, 0.95))]
    filters = list(_hidden_filters(network))
    taken = {id(parameter) for parameter in filters}
    others = [p for p in network.parameters() if id(p) not in taken]
    sgd = SGD(others, lr=_SGD_RATE, momentum=0.9, nesterov=True)
    return [Muon(filters, lr=rate, dtype=precision), sgd] if filters else [sgd]


def _hidden_filters(network: nn.Module) -> Iterator[Tensor]:
    """Weights of all convolutions but the one that makes the scores (the last layer)."""
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    for layer in layers[:-1]:
        if isinstance(layer, nn.Conv2d):
            yield layer.weight
