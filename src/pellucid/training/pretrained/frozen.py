"""The first part of a training with weights that have learnt before: only a new head is fitted.

The trunk stays as it is, so that every image goes through it once (and once more mirrored, where
images may be mirrored): then the best linear head takes seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pellucid.models import transplant
from pellucid.training.choices.origin import again
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.learning.start import Start
from pellucid.training.pretrained.features import FrozenTrunk, last_layer
from pellucid.training.pretrained.logistic import Examples, Linear, fit_linear, log_loss
from pellucid.watch import Watcher

#: Multiply-adds of one pass over all features with one head, at most: a second or so.
MOST_PRODUCTS = 20e9
#: Where there are no validation images, one training image in so many chooses the strength.
_CHOOSING = 5


@dataclass(frozen=True)
class Views:
    """The images that a head is fitted to.

    Attributes:
        indices: (n,) of them.
        mirrored: each once more, mirrored.
    """

    indices: NDArray[np.intp]
    mirrored: bool

    @property
    def count(self) -> int:
        """Rows of features."""
        return len(self.indices) * (1 + self.mirrored)


def choose_views(recipe: Recipe, train: NDArray[np.intp], features: int) -> Views:
    """All training images with their mirror images, or as many as one head can be fitted to.

    Args:
        recipe: its augmentation says whether images are mirrored, its seed which are left out.
        train: (n,) the training images.
        features: C, of each.
    """
    classes = recipe.architecture.arguments["classes"]
    most = max(int(MOST_PRODUCTS / (features * classes)), classes)
    if len(train) <= most:
        return Views(train, recipe.augmentation.flip and 2 * len(train) <= most)
    chosen = np.random.default_rng(recipe.seed).permutation(train)[:most]
    return Views(np.sort(chosen), False)


def fit_head(
    recipe: Recipe, images: Images, watch: Watcher, stopped: Callable[[], bool]
) -> Start | None:
    """Fit a new head to the features of the recipe's trunk.

    Args:
        recipe: its origin says which weights.
        images: to learn from, and to choose by.
        watch: told what happens.
        stopped: asked after every batch.

    Returns:
        The start of the training; None where a stop was asked for.

    Raises:
        UsageError: the weights are gone, or the network's scores are not linear in its features.
        CheckpointError: the weights have changed since the run began.
        BundleError: they do not fit the network.
    """
    assert recipe.origin is not None
    begin = time.perf_counter()
    found = again(recipe.origin, recipe.architecture)
    network = transplant(recipe.architecture, found.tensors, recipe.origin.path, recipe.seed)
    trunk = FrozenTrunk(network, recipe.preprocessing, recipe.precision)
    views = choose_views(recipe, images.train, trunk.width)
    features = _features(trunk, views, images, watch, stopped)
    if features is None:
        return None
    watch.stage("fitting the head", None)
    val, train = features
    labels = images.labels.numpy()
    fitted = Examples(train, np.tile(labels[views.indices], 1 + views.mirrored))
    judged = Examples(val, labels[images.val])
    head = _fit(recipe, fitted, judged, stopped)
    if head is None:
        return None
    _put(network, head)
    seconds = time.perf_counter() - begin
    return Start(
        network.state_dict(), _row(head, fitted, judged, seconds), _facts(head, views, train)
    )


def _features(
    trunk: FrozenTrunk,
    views: Views,
    images: Images,
    watch: Watcher,
    stopped: Callable[[], bool],
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Of the validation images, and of all views; None where a stop was asked for."""
    watch.stage("features", views.count + len(images.val))
    found: list[NDArray[np.float32]] = []
    for indices, mirrored in _passes(views, images):
        part = trunk.features(
            images.pixels, indices, mirrored=mirrored, stopped=stopped, advance=watch.advance
        )
        if part is None:
            return None
        found.append(part)
    return found[0], np.concatenate(found[1:])


def _passes(views: Views, images: Images) -> list[tuple[NDArray[np.intp], bool]]:
    """Whose features are computed, the validation images first, and whether mirrored."""
    first = [(images.val, False), (views.indices, False)]
    return [*first, (views.indices, True)] if views.mirrored else first


def _fit(
    recipe: Recipe, fitted: Examples, judged: Examples, stopped: Callable[[], bool]
) -> Linear | None:
    classes = recipe.architecture.arguments["classes"]
    if not len(judged.labels):
        held = np.arange(len(fitted.labels)) % _CHOOSING == 0
        judged = Examples(fitted.features[held], fitted.labels[held])
        fitted = Examples(fitted.features[~held], fitted.labels[~held])
    return fit_linear(fitted, judged, classes, class_weights=recipe.class_weights, stopped=stopped)


def _put(network: nn.Module, head: Linear) -> None:
    """Make a fitted head the layer that makes the scores."""
    last = last_layer(network)
    with torch.no_grad():
        last.weight.copy_(torch.from_numpy(head.weight).view_as(last.weight))
        if last.bias is not None:
            last.bias.copy_(torch.from_numpy(head.bias))


def _row(head: Linear, fitted: Examples, judged: Examples, seconds: float) -> dict[str, object]:
    """As the loop's rows, with epoch 0."""
    learnt = head.scores(fitted.features)
    found = head.scores(judged.features) if len(judged.labels) else None
    return {
        "epoch": 0,
        "seconds": round(seconds, 3),
        "loss": log_loss(learnt, fitted.labels),
        "accuracy": float((learnt.argmax(1) == fitted.labels).mean()),
        "val_loss": None if found is None else log_loss(found, judged.labels),
        "val_accuracy": (
            None if found is None else float((found.argmax(1) == judged.labels).mean())
        ),
        "learning_rate": None,
        "images_per_second": round(len(fitted.labels) / max(seconds, 1e-9), 1),
    }


def _facts(head: Linear, views: Views, train: NDArray[np.float32]) -> dict[str, object]:
    return {
        "strength": head.strength,
        "features": train.shape[1],
        "images": len(views.indices),
        "mirrored": views.mirrored,
    }
