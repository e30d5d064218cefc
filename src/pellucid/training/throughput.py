"""How fast this machine trains a network: measured, not guessed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pellucid.models import Architecture, channels_last
from pellucid.training.recipe import Recipe
from pellucid.training.steps import Stepper, autocast

#: Steps that are timed; one more before them warms up caches and just-in-time kernels.
_TIMED_STEPS = 3
#: bfloat16 must be this much faster before its rounding is worth having.
_WORTH_ROUNDING = 1.2


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds an image, measured on this machine with this recipe's batches.

    Attributes:
        train: of a training step, augmentation included.
        score: of a forward pass in evaluation mode.
    """

    train: float
    score: float


def measure(recipe: Recipe) -> Throughput:
    """Time real steps of a recipe on random images (the network is thrown away)."""
    record = recipe.preprocessing
    size = (recipe.batch_size, record.height, record.width, record.channels)
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, size, generator=generator, dtype=torch.uint8)
    labels = torch.zeros(recipe.batch_size, dtype=torch.int64)
    network = channels_last(recipe.architecture.build())
    stepper = Stepper(network, recipe)

    def train() -> None:
        stepper.step(images, labels, 0.5, generator)

    batch = images.permute(0, 3, 1, 2).float()

    def score() -> None:
        with torch.inference_mode(), autocast(recipe.precision):
            network.eval()(batch)

    return Throughput(
        _seconds(train) / recipe.batch_size,
        _seconds(score) / recipe.batch_size,
    )


def faster_precision(recipe: Recipe) -> Recipe:
    """The recipe in bfloat16 where that is clearly faster on this machine, else in float32."""
    rounded = replace(recipe, precision="bfloat16")
    exact = replace(recipe, precision="float32")
    gain = measure(exact).train / measure(rounded).train
    return rounded if gain >= _WORTH_ROUNDING else exact


def count_macs(architecture: Architecture, channels: int, height: int, width: int) -> int:
    """Multiply-adds of one forward pass on one image (torch's own counter, on meta tensors)."""
    with torch.device("meta"):
        network = architecture.build().eval()
        image = torch.empty(1, channels, height, width)
    with FlopCounterMode(display=False) as counter:
        network(image)
    return int(counter.get_total_flops()) // 2


def count_parameters(network: nn.Module) -> int:
    """Weights and biases, each shared one counted once."""
    return sum(parameter.numel() for parameter in network.parameters())


def _seconds(action: Callable[[], None]) -> float:
    action()
    times = []
    for _ in range(_TIMED_STEPS):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return median(times)
