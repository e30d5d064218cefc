"""What a training that begins with weights that have learnt before does, and how long it takes.

First a new head on frozen features, on images as large as the time and the images allow; then, if
there is time, fine-tuning. What a pass costs is measured on this machine.
"""

import math
import time
from dataclasses import dataclass, replace

import numpy as np
import torch

from pellucid.data.augmentation import Augmentation
from pellucid.data.catalogue import Catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.probe import Probe, probe
from pellucid.errors import UsageError
from pellucid.models import Architecture, channels_last
from pellucid.training.choices.origin import Beginning
from pellucid.training.choices.recipe import Recipe, Tuning
from pellucid.training.choices.rules import batch_size, wanted_epochs
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning.common import Common
from pellucid.training.planning.plan import MARGIN, Counts, Plan, network_macs
from pellucid.training.planning.prepare import Prepared
from pellucid.training.planning.throughput import faster_precision, measure
from pellucid.training.pretrained.features import BATCH, FrozenTrunk, last_layer

#: Sides of the input that are chosen from, in pixels.
SIDES = (128, 160, 192, 224)
#: Images are enlarged at most so many times.
MOST_ENLARGED = 1.75
#: Share of the time that the frozen features and the final judgement may take.
FROZEN_SHARE = 0.5
#: Fine-tuning is planned where at least so many seconds and epochs are left for it.
LEAST_TUNING, LEAST_EPOCHS = 20.0, 2
#: Of fine-tuning: peak learning rate of the last layers, images a step at most, epochs at most
#: where no minutes were asked for.
RATE, MOST_BATCH, USUAL_EPOCHS = 5e-4, 64, 6
#: Passes over all features that fitting heads of several strengths takes, about.
_HEAD_PASSES, _PASS_PRODUCTS = 200, 30e9


@dataclass(frozen=True)
class Pace:
    """Seconds an image, measured on this machine.

    Attributes:
        features: of the frozen trunk.
        scores: of the network as it is judged in the end, in float32.
    """

    features: float
    scores: float


def choose_input(found: Beginning, catalogue: Catalogue, wishes: Wishes) -> Preprocessing:
    """How images are fitted for a network that has learnt before.

    Raises:
        UsageError: a size was asked for, and the network does not take any.
    """
    record = found.preprocessing
    if not found.any_side:
        if wishes.size not in (None, record.height):
            raise UsageError(
                f"the weights in {found.origin.path} go with images of {record.width}×"
                f"{record.height}: leave --size out."
            )
        return record
    side = wishes.size or _affordable_side(found, probe(catalogue), len(catalogue), wishes.budget)
    return replace(record, height=side, width=side)


def transfer_plan(
    found: Beginning, prepared: Prepared, common: Common, wishes: Wishes, left: float
) -> Plan:
    """Everything that such a training does.

    Args:
        found: what it begins with.
        prepared: the images, fitted.
        common: what follows from the data; the mean and spread of the weights' own go before.
        wishes: ``epochs`` are of fine-tuning.
        left: seconds for everything that is still to come; infinite where epochs were asked for.
    """
    train, val, test = (len(getattr(prepared.splits, part)) for part in ("train", "val", "test"))
    recipe = _recipe(found, prepared, common, wishes)
    pace = measure_pace(recipe)
    frozen = (train * (1 + recipe.augmentation.flip) + val) * pace.features
    frozen += _head_seconds(recipe, train)
    left -= Counts(train, val, test).judged * pace.scores
    throughput, epochs = None, 0
    if val and (wishes.epochs is not None or left - frozen >= LEAST_TUNING):
        throughput = measure(recipe, answer=pace.scores)
        per_epoch = train * throughput.train + val * throughput.score
        epochs = _epochs(wishes, (left * (1 - MARGIN) - frozen) / per_epoch, train)
    tuning = 0.0 if throughput is None else epochs * per_epoch
    recipe = replace(
        recipe,
        epochs=epochs,
        augmentation=common.augmentation(wishes, epochs),
    )
    allowed = None if wishes.minutes is None else left
    return Plan(recipe, frozen + tuning, allowed, network_macs(recipe), throughput)


def _epochs(wishes: Wishes, fitting: float, images: int) -> int:
    if wishes.epochs is not None:
        return wishes.epochs
    epochs = math.floor(fitting)
    if wishes.minutes is None:
        epochs = min(epochs, USUAL_EPOCHS)
    most = math.ceil(wanted_epochs(images, wishes.budget))
    return min(epochs, most) if epochs >= LEAST_EPOCHS else 0


def measure_pace(recipe: Recipe) -> Pace:
    """Time a batch of each kind; the quicker of two, since the first warms up caches."""
    record = recipe.preprocessing
    network = channels_last(recipe.architecture.sample(0)).eval()
    trunk = FrozenTrunk(network, record, recipe.precision)
    batch = np.zeros((BATCH, record.height, record.width, record.channels), np.uint8)
    noise = torch.zeros(BATCH, record.channels, record.height, record.width)
    noise = noise.contiguous(memory_format=torch.channels_last)
    features, scores = [], []
    for _ in range(2):
        begin = time.perf_counter()
        trunk(batch)
        middle = time.perf_counter()
        with torch.inference_mode():
            network(noise)
        features.append(middle - begin)
        scores.append(time.perf_counter() - middle)
    return Pace(min(features) / BATCH, min(scores) / BATCH)


def _affordable_side(found: Beginning, look: Probe, images: int, budget: float) -> int:
    """The largest side at which features and judgement take their share of the time."""
    most = MOST_ENLARGED * min(look.height, look.width)
    sides = [side for side in SIDES if side <= most] or [SIDES[0]]
    if math.isinf(budget) or len(sides) == 1:
        return sides[-1]
    record = replace(found.preprocessing, height=sides[0], width=sides[0])
    pace = measure_pace(_bare(found.architecture(2), record))
    each = 2 * pace.features + 0.3 * pace.scores  # all images are scored, three in ten judged
    fitting = [
        side for side in sides if images * each * (side / sides[0]) ** 2 <= FROZEN_SHARE * budget
    ]
    return max(fitting, default=sides[0])


def _bare(architecture: Architecture, record: Preprocessing) -> Recipe:
    """A recipe with nothing that depends on the data."""
    return Recipe(
        architecture=architecture,
        preprocessing=record,
        augmentation=Augmentation(),
        epochs=0,
        batch_size=MOST_BATCH,
        optimiser="adamw",
        learning_rate=RATE,
        label_smoothing=0.1,
        class_weights=None,
        averaging=0.1,
        precision=faster_precision(),
        seed=0,
    )


def _recipe(found: Beginning, prepared: Prepared, common: Common, wishes: Wishes) -> Recipe:
    bare = _bare(found.architecture(len(prepared.catalogue.classes)), prepared.geometry)
    return replace(
        bare,
        augmentation=common.augmentation(wishes, 0),
        batch_size=min(batch_size(len(prepared.splits.train)), MOST_BATCH),
        class_weights=common.class_weights,
        seed=wishes.seed,
        origin=found.origin,
        tuning=Tuning(),
    )


def _head_seconds(recipe: Recipe, images: int) -> float:
    """Of fitting heads of several strengths, roughly: it is little beside the features."""
    last = last_layer(recipe.architecture.outline())
    products = images * (1 + recipe.augmentation.flip) * last.weight.flatten(1).numel()
    return 1 + _HEAD_PASSES * 2 * products / _PASS_PRODUCTS
