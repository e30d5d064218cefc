"""A small training that takes a second."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pellucid.data.augmentation import Augmentation
from pellucid.data.cache import MemoryPixels
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.planning.plan import draft, plain_record

COUNT = 90


def stripes(rng: np.random.Generator, count: int = COUNT) -> tuple[NDArray[np.uint8], NDArray]:
    """Noisy pictures (count, 16, 16, 1) of three classes: horizontal, vertical, none."""
    labels = np.arange(count) % 3
    pixels = rng.integers(0, 120, (count, 16, 16, 1))
    for index, label in enumerate(labels):
        phase = rng.integers(4)
        if label == 0:
            pixels[index, phase::4] += 100
        if label == 1:
            pixels[index, :, phase::4] += 100
    return pixels.astype(np.uint8), labels


@pytest.fixture
def images() -> Images:
    pixels, labels = stripes(np.random.default_rng(0))
    cache = MemoryPixels(pixels.shape)
    for index, image in enumerate(pixels):
        cache.put(index, image)
    order = np.random.default_rng(1).permutation(COUNT)
    return Images(cache, torch.from_numpy(labels), order[20:], order[:20])


@pytest.fixture
def recipe() -> Recipe:
    plain = draft(Wishes(seed=5), 3, plain_record(1, 16, 16), COUNT)
    arguments = {**plain.architecture.arguments, "widths": [8, 16], "dropout": 0.1}
    return replace(
        plain,
        architecture=replace(plain.architecture, arguments=arguments),
        augmentation=Augmentation(shift=0.1, brightness=0.1),
        epochs=6,
        batch_size=16,
        precision="bfloat16",
    )


@pytest.fixture
def run_out() -> Callable[..., list]:
    def go(loop: Loop, steps: int | None = None) -> list:
        """Train to the end, or for so many steps more."""
        left = [float("inf") if steps is None else steps]

        def stop() -> bool:
            left[0] -= 1
            return left[0] <= 0

        return list(loop.epochs(stop=stop, advance=lambda count: None))

    return go
