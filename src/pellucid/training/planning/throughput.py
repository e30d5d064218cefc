"""How fast this machine trains a network: measured, not guessed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor, nn

from pellucid.launch import place
from pellucid.models import channels_last
from pellucid.training.choices.recipe import Precision, Recipe
from pellucid.training.learning.steps import Stepper
from pellucid.training.workers.device import autocast, best_device

#: Steps that are timed; fewer, but more than the first, where they take longer than these seconds.
_TIMED, _LEAST_TIMED, _TIMED_SECONDS = 5, 2, 5.0
#: Turns of the two precisions.
_PRECISION_ROUNDS = 12
#: Images in a timed step: more cost no less each.
_MOST_IMAGES = 128
#: bfloat16 must be this much faster before its rounding is worth having.
_WORTH_ROUNDING = 1.2


@dataclass(frozen=True, slots=True)
class Throughput:
    """Seconds an image, measured on this machine with this recipe's batches.

    Attributes:
        train: of a training step, augmentation included, on the mean of a whole training.
        score: of a forward pass in evaluation mode.
        answer: of the same as the user gets it, in float32 on the CPU, and by one worker.
        early: cost of a step with smaller images beside that of a later one.
    """

    train: float
    score: float
    answer: float
    early: float = 1.0


def measure(recipe: Recipe, *, answer: float | None = None) -> Throughput:
    """Time real steps of a recipe on random images (the network is thrown away).

    The quickest of a few counts: the first warms up caches, and another program that wakes up in
    between must not make the plan timid. A machine that stays busy is met by the loop, which
    shortens the training where it has to.

    Where several workers share the batches, this one is measured alone, and the others are taken to
    be as fast and never to wait: again the loop meets what is different.
    """
    trial, workers = _Trial(recipe), place().size
    train, score, early = _quickest(trial.train), _quickest(trial.score), 1.0
    if recipe.progressive is not None:
        early = _quickest(trial.train_early) / train
        train *= replace(recipe.progressive, cost=early).mean_cost()
    if answer is None:
        answer = _quickest(trial.answer)
    return Throughput(train / workers, score / workers, answer, early)


@cache
def faster_precision() -> Precision:
    """bfloat16 where this machine convolves clearly faster in it, else float32.

    Asked of one fixed, ample convolution and its gradients, not of the network to be trained: the
    gain is about 2 with hardware for it and below 1 without, so that the answer, on which the
    outcome of a training depends, is always the same on one machine. The two take turns and their
    quickest rounds are compared, so that another program that wakes up does not decide.
    """
    device = best_device()
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    convolution = channels_last(nn.Conv2d(64, 64, 3, padding=1))
    images = torch.zeros(32, 64, 16, 16).contiguous(memory_format=torch.channels_last)
    images.requires_grad_()

    def seconds(precision: Precision) -> float:
        begin = time.perf_counter()
        with autocast(precision, device):
            result: Tensor = convolution(images)
        result.float().sum().backward()  # type: ignore[no-untyped-call]
        return time.perf_counter() - begin

    rounds = [(seconds("float32"), seconds("bfloat16")) for _ in range(_PRECISION_ROUNDS)]
    slow, fast = (min(times) for times in zip(*rounds, strict=True))
    return "bfloat16" if slow >= _WORTH_ROUNDING * fast else "float32"


def _quickest(timed: Callable[[], float]) -> float:
    begin = time.perf_counter()
    times: list[float] = []
    while len(times) < _TIMED:
        if len(times) >= _LEAST_TIMED and time.perf_counter() - begin > _TIMED_SECONDS:
            break
        times.append(timed())
    return min(times)


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
        self._device = best_device()
        self._network = channels_last(recipe.architecture.build()).to(self._device)
        self._stepper = Stepper(self._network, recipe)

    def train(self, progress: float = 0.75) -> float:
        begin = time.perf_counter()
        self._stepper.step(self._images, self._labels, progress, self._generator)
        return (time.perf_counter() - begin) / self._count

    def train_early(self) -> float:
        return self.train(0.0)

    def score(self) -> float:
        return self._forward(self._recipe.precision)

    def answer(self) -> float:
        """Moves the network to where it answers: nothing else can be timed after this."""
        self._device = torch.device("cpu")
        self._network.cpu()
        return self._forward("float32")

    def _forward(self, precision: Precision) -> float:
        batch = self._images.permute(0, 3, 1, 2).float().to(self._device)
        begin = time.perf_counter()
        with torch.inference_mode(), autocast(precision, self._device):
            scores: Tensor = self._network.eval()(batch)
        scores.cpu()  # a GPU is asked for the answer, so that its time is counted
        return (time.perf_counter() - begin) / self._count
