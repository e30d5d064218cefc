"""How fast this machine trains a network: measured, not guessed."""

import time
from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from pellucid.models import Architecture, channels_last
from pellucid.training.recipe import Recipe
from pellucid.training.steps import Stepper, autocast

#: Steps that are timed.
_TIMED = 5
#: Images in a timed step: more cost no less each.
_MOST_IMAGES = 128
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
    """Time real steps of a recipe on random images (the network is thrown away).

    The quickest of a few counts: the first warms up caches, and another program that wakes up in
    between must not make the plan timid. A machine that stays busy is met by the loop, which
    shortens the training where it has to.
    """
    trial = _Trial(recipe)
    return Throughput(
        min(trial.train() for _ in range(_TIMED)), min(trial.score() for _ in range(_TIMED))
    )


def faster_precision(recipe: Recipe) -> Recipe:
    """The recipe in bfloat16 where that is clearly faster on this machine, else in float32.

    The two are timed in turns and their quickest steps compared, so that another program that
    wakes up in between does not decide.
    """
    rounded = replace(recipe, precision="bfloat16")
    exact = replace(recipe, precision="float32")
    trials = [_Trial(rounded), _Trial(exact)]
    rounds = [[trial.train() for trial in trials] for _ in range(_TIMED)]
    fast, slow = (min(times) for times in zip(*rounds, strict=True))
    return rounded if slow >= _WORTH_ROUNDING * fast else exact


class _Trial:
    """A recipe's network on random images, to be timed; times are seconds an image."""

    def __init__(self, recipe: Recipe) -> None:
        record = recipe.preprocessing
        self._count = min(recipe.batch_size, _MOST_IMAGES)
        size = (self._count, record.height, record.width, record.channels)
        self._generator = torch.Generator().manual_seed(0)
        self._images = torch.randint(0, 256, size, generator=self._generator, dtype=torch.uint8)
        self._labels = torch.zeros(self._count, dtype=torch.int64)
        self._recipe = recipe
        self._network = channels_last(recipe.architecture.build())
        self._stepper = Stepper(self._network, recipe)

    def train(self) -> float:
        begin = time.perf_counter()
        self._stepper.step(self._images, self._labels, 0.5, self._generator)
        return (time.perf_counter() - begin) / self._count

    def score(self) -> float:
        batch = self._images.permute(0, 3, 1, 2).float()
        begin = time.perf_counter()
        with torch.inference_mode(), autocast(self._recipe.precision):
            self._network.eval()(batch)
        return (time.perf_counter() - begin) / self._count


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
