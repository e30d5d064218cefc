"""What each part of the recipe is worth: trainings with all of them, and with one left out.

The network is the plan's of modest width, on the images as ``pellucid train`` reads them; only the
training is timed. The target is the accuracy on the test images that the whole recipe reaches in
the middle number of epochs; how long each variant takes to it is read off its curve, which is
straight between its trainings in accuracy and the logarithm of seconds.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median

import numpy as np
from rich.table import Table

from pellucid.cli.console import say, stdout, tell
from pellucid.data.augmentation import Augmentation
from pellucid.data.open import open_catalogue
from pellucid.evaluation.judge import answers
from pellucid.inference.card import Card
from pellucid.inference.predictor import Predictor
from pellucid.inference.torch_runtime import TorchRuntime
from pellucid.threads import cores, processor
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.planning.common import Common, common_choices
from pellucid.training.planning.plan import draft, widen
from pellucid.training.planning.prepare import Prepared, prepare_as_wished
from pellucid.watch import Watcher

#: The recipe without one part of it, by the name of that part.
WITHOUT: dict[str, Callable[[Recipe], Recipe]] = {
    "nothing": lambda recipe: recipe,
    "Muon (AdamW)": lambda recipe: replace(recipe, optimiser="adamw", learning_rate=1e-3),
    "bfloat16": lambda recipe: replace(recipe, precision="float32"),
    "whitening": lambda recipe: replace(recipe, whitening=False),
    "smaller images first": lambda recipe: replace(recipe, progressive=None),
    "label smoothing": lambda recipe: replace(recipe, label_smoothing=0.0),
    "weight averaging": lambda recipe: replace(recipe, averaging=0.0),
    "mirroring": lambda recipe: replace(
        recipe, augmentation=replace(recipe.augmentation, flip=False)
    ),
    "all variations": lambda recipe: replace(recipe, augmentation=Augmentation()),
    "small batches (×4)": lambda recipe: replace(recipe, batch_size=4 * recipe.batch_size),
}


@dataclass(frozen=True)
class Point:
    """One training.

    Attributes:
        seconds: of its steps and checks.
        accuracy: on the test images.
    """

    seconds: float
    accuracy: float


def ablate(data: Path, wishes: Wishes, epochs: Sequence[int], runs: int) -> None:
    """Train every variant for every number of epochs, and print the table."""
    prepared = prepare_as_wished(open_catalogue(data), wishes, Watcher())
    common = common_choices(prepared, wishes)
    found: dict[str, dict[int, list[Point]]] = defaultdict(lambda: defaultdict(list))
    for seed in range(wishes.seed, wishes.seed + runs):
        for count in epochs:
            whole = recipe_for(prepared, common, replace(wishes, seed=seed), count)
            for name, without in WITHOUT.items():
                if name != "nothing" and without(whole) == whole:
                    continue
                point = train(prepared, without(whole))
                found[name][count].append(point)
                say(f"{count} epochs without {name}: {point.accuracy:.2%}, {point.seconds:.1f} s")
    show(data, prepared, found)


def recipe_for(prepared: Prepared, common: Common, wishes: Wishes, epochs: int) -> Recipe:
    """The plan's recipe for so many epochs."""
    classes = len(prepared.catalogue.classes)
    recipe = draft(wishes, classes, common.preprocessing, prepared.train_count)
    if wishes.width is not None:
        recipe = widen(recipe, wishes.width)
    return replace(
        recipe,
        epochs=epochs,
        class_weights=common.class_weights,
        augmentation=common.augmentation(wishes, epochs),
    )


def train(prepared: Prepared, recipe: Recipe) -> Point:
    """One training to its end, judged by the predictor."""
    images = Images.of(prepared.pixels, prepared.labels, prepared.splits)
    loop = Loop(recipe, images, give_up=False)
    for _ in loop.epochs(stop=lambda: False, advance=lambda count: None):
        pass
    network, model, test = loop.best_network(), recipe.architecture, prepared.splits.test
    card = Card(
        model.name, model.arguments, recipe.preprocessing, tuple(prepared.catalogue.classes)
    )
    predictor = Predictor(TorchRuntime(network, recipe.preprocessing), card)
    guesses = answers(predictor, prepared.pixels, test).argmax(1)
    return Point(loop.position.seconds, float((guesses == prepared.labels[test]).mean()))


def seconds_to(target: float, points: Sequence[Point]) -> float | None:
    """When a curve through the points reaches an accuracy; None where it never does.

    The curve is the best so far, straight in accuracy over log seconds; where already the first
    point is above the target, its seconds are the answer, which is then an upper bound.

    >>> points = [Point(10, 0.5), Point(1000, 0.9)]
    >>> round(seconds_to(0.7, points)), seconds_to(0.95, points), seconds_to(0.4, points)
    (100, None, 10)
    """
    ordered = sorted(points, key=lambda point: point.seconds)
    reached = np.maximum.accumulate([point.accuracy for point in ordered])
    after = int(np.searchsorted(reached, target))
    if after == len(ordered):
        return None
    if after == 0:
        return ordered[0].seconds
    low, high = reached[after - 1], reached[after]
    share = (target - low) / (high - low)
    begin, end = (math.log(ordered[i].seconds) for i in (after - 1, after))
    return math.exp(begin + share * (end - begin))


def show(data: Path, prepared: Prepared, found: dict[str, dict[int, list[Point]]]) -> None:
    """The table, each row a variant."""
    curves = {
        name: [
            Point(median(p.seconds for p in points), mean(p.accuracy for p in points))
            for points in by_epochs.values()
        ]
        for name, by_epochs in found.items()
    }
    whole = curves["nothing"]
    target = whole[len(whole) // 2].accuracy
    usual = seconds_to(target, whole)
    splits = prepared.splits
    tell(f"{data.name}: {len(splits.train):,} images for training, {len(splits.test):,} for tests")
    tell(f"{processor()}, {cores()} cores; seconds of training alone, to {target:.2%}")
    table = Table()
    table.add_column("without")
    for column in (*(f"{count} epochs" for count in found["nothing"]), "s to target", "×"):
        table.add_column(column, justify="right")
    for name, curve in curves.items():
        took = seconds_to(target, curve)
        table.add_row(
            name,
            *(f"{point.accuracy:.2%} {point.seconds:.0f} s" for point in curve),
            "never" if took is None else f"{took:.1f}",
            "" if took is None or usual is None else f"{took / usual:.2f}",
        )
    stdout().print(table)
