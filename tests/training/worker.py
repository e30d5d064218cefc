"""One worker of a training, for test_distributed.py: a process that meets the others over gloo.

Arguments: where to write, then settings of the recipe as JSON. The tests import it too, to train
the same with one process.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from pellucid.data.augmentation import Augmentation
from pellucid.data.cache import MemoryPixels
from pellucid.models import Architecture
from pellucid.training.choices.recipe import Recipe, Tuning
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.feed import Batch, CachedFeed, Images
from pellucid.training.learning.loop import Loop, Means
from pellucid.training.learning.start import Start
from pellucid.training.planning.plan import draft, plain_record
from pellucid.training.workers.distributed import ALONE, World, join

#: Divides into batches of 17 and 18: shares differ by one.
TRAIN, VAL, SIDE, CLASSES = 70, 20, 16, 3


class Noted(CachedFeed):
    """A feed that keeps what it gave."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.given: list[torch.Tensor] = []

    def batches(self, epoch: int, steps: int, done: int) -> Iterator[Batch]:
        for batch in super().batches(epoch, steps, done):
            self.given.append(batch.images.flatten(1)[:, :2].clone())
            yield batch


def images() -> Images:
    """Noise with stripes, whose first two values number the image."""
    rng = np.random.default_rng(0)
    count = TRAIN + VAL
    labels = np.arange(count) % CLASSES
    pixels = rng.integers(0, 120, (count, SIDE, SIDE, 1))
    for index, label in enumerate(labels):
        pixels[index, label :: 3 + label] += 100
        pixels[index, 0, 0, 0], pixels[index, 0, 1, 0] = index, 7
    cache = MemoryPixels(pixels.shape)
    for index, image in enumerate(pixels.astype(np.uint8)):
        cache.put(index, image)
    order = rng.permutation(count)
    return Images(cache, torch.from_numpy(labels), order[VAL:], order[:VAL])


def recipe(model: str = "compact", **settings: Any) -> Recipe:
    """A recipe in float32, whose sums are the only thing that may differ."""
    plain = draft(Wishes(seed=5, model=model), CLASSES, plain_record(1, SIDE, SIDE), TRAIN)
    arguments = dict(plain.architecture.arguments) | settings.pop("arguments", {})
    return replace(
        plain,
        architecture=Architecture(model, arguments),
        augmentation=Augmentation(flip=True, shift=0.1, zoom=0.2, brightness=0.1, cutout=0.2),
        batch_size=18,
        class_weights=(0.5, 1.0, 1.5),
        precision="float32",
        **settings,
    )


def train(settings: dict[str, Any], world: World = ALONE) -> tuple[Loop, Noted]:
    """Train to the end; ``stop`` among the settings stops after so many steps.

    In float64, unless ``dtype`` says otherwise: there, sums in another order differ by so little
    that no ReLU and no maximum is decided otherwise.
    """
    torch.set_default_dtype(getattr(torch, settings.pop("dtype", "float64")))
    try:
        return _train(settings, world)
    finally:
        torch.set_default_dtype(torch.float32)


def _train(settings: dict[str, Any], world: World) -> tuple[Loop, Noted]:
    stop, start = settings.pop("stop", None), None
    tuned = settings.pop("tuned", False)
    mine, made = images(), recipe(**settings)
    if tuned:
        weights = made.architecture.sample(1).state_dict()
        start = Start(weights, {"val_accuracy": 0.0, "seconds": 1.0}, {})
        made = replace(made, tuning=Tuning(), learning_rate=1e-3)
    feed = Noted(mine, made.seed, world)
    loop = Loop(made, mine, start=start, means=Means(world, feed))

    def stopped() -> bool:
        # One worker alone asks for it, and all stop.
        last = world.place.rank == world.place.size - 1
        return world.any(last and loop.position.step == stop)

    for _ in loop.epochs(stop=stopped, advance=lambda count: None):
        pass
    return loop, feed


def state(loop: Loop, feed: Noted) -> dict[str, torch.Tensor]:
    """All there is to compare."""
    history = [[row["loss"], row["accuracy"], row["val_loss"]] for row in loop.position.history]
    return {
        **loop.tensors(),
        "history": torch.tensor(history or [[0.0]]),
        "given": torch.cat(feed.given),
        "step": torch.tensor(loop.position.step),
    }


def main() -> None:
    """Train as one of several, and write the state."""
    world = join()
    for name, settings in json.loads(sys.argv[2]).items():
        found = {key: value.contiguous() for key, value in state(*train(settings, world)).items()}
        save_file(found, Path(sys.argv[1]) / f"{name}-{world.place.rank}.safetensors")


if __name__ == "__main__":
    main()
