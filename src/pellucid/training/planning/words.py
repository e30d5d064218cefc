"""The plan in words."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np

from pellucid.data.symmetry import MirrorTest
from pellucid.models import Architecture
from pellucid.text import counted, duration
from pellucid.training.choices.recipe import Recipe
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.start import Start
from pellucid.training.planning.plan import Plan, network_totals
from pellucid.training.planning.prepare import Prepared


def plan_sentences(
    plan: Plan, prepared: Prepared, mirror: MirrorTest, wishes: Wishes
) -> tuple[str, ...]:
    """What is going to happen and why, in a few short sentences."""
    data, given, *choices = data_sentences(plan.recipe, prepared, mirror, wishes)
    if plan.recipe.origin is None:
        work = [_work(plan, prepared.train_count, wishes)]
    else:
        work = [*transfer_sentences(plan, prepared)]
    return (data, given, _network(plan), *work, *choices)


def data_sentences(
    recipe: Recipe, prepared: Prepared, mirror: MirrorTest, wishes: Wishes
) -> tuple[str, ...]:
    """What holds for any network: the images, the input, then what was chosen for the data."""
    flip, balance = _flip(recipe, mirror, wishes), _balance(recipe, prepared)
    always = _data(prepared, wishes), _input(recipe, prepared)
    return (*always, *(sentence for sentence in (flip, balance) if sentence))


def _data(prepared: Prepared, wishes: Wishes) -> str:
    splits = prepared.splits
    own = any(sample.split is not None for sample in prepared.catalogue.samples)
    if prepared.catalogue.stream is not None:
        source = (
            "Training images are read from their shards anew each epoch; mean, spread and symmetry "
            f"come from the first {len(splits.train):,}."
        )
        return f"{_parts(prepared)}. {source}"
    source = splits.how if own else f"Drawn by class, with seed {wishes.seed}."
    return f"{_parts(prepared)}. {source}"


def _parts(prepared: Prepared) -> str:
    splits = prepared.splits
    choose = f"{len(splits.val):,} to choose the best weights by, " if len(splits.val) else ""
    return (
        f"{len(prepared.catalogue.classes)} classes: {prepared.train_count:,} images to learn "
        f"from, {choose}{len(splits.test):,} to test on"
    )


def _input(recipe: Recipe, prepared: Prepared) -> str:
    record, good = recipe.preprocessing, prepared.scan.good
    height = int(np.median(prepared.scan.heights[good]))
    width = int(np.median(prepared.scan.widths[good]))
    kind = "gray" if record.channels == 1 else "RGB"
    if (height, width) == (record.height, record.width):
        return f"Input: {record.width}×{record.height} {kind}, as the images are."
    return (
        f"Input: {record.width}×{record.height} {kind}; the images, of {width}×{height} pixels in "
        "the median, are scaled to it."
    )


def _network(plan: Plan) -> str:
    architecture: Architecture = plan.recipe.architecture
    parameters = network_totals(architecture, plan.recipe.preprocessing).parameters
    widths = architecture.arguments.get("widths")
    stages = f" with stages of {'-'.join(map(str, widths))} feature maps" if widths else ""
    return (
        f"Network: {architecture.name}{stages}, {parameters:,} parameters, "
        f"{plan.macs / 1e6:,.1f} million multiply-adds an image."
    )


def _work(plan: Plan, images: int, wishes: Wishes) -> str:
    recipe, throughput = plan.recipe, plan.throughput
    assert throughput is not None
    end = datetime.now() + timedelta(seconds=plan.before + plan.seconds)
    steps = recipe.epochs * recipe.steps_per_epoch(images)
    late = ""
    if wishes.minutes is not None and plan.before + plan.seconds > 60 * wishes.minutes:
        late = " One pass over the images does not fit the time asked for."
    return (
        f"{counted(recipe.epochs, 'epoch')} of batches of {min(recipe.batch_size, images)} "
        f"({counted(steps, 'step')}) in {recipe.precision} at "
        f"{1 / throughput.train:,.0f} images/s, as measured: about "
        f"{duration(plan.seconds)}, until {end:%H:%M:%S}.{late}{_smaller_first(recipe)}"
    )


def _smaller_first(recipe: Recipe) -> str:
    progressive, record = recipe.progressive, recipe.preprocessing
    if progressive is None:
        return ""
    height, width = progressive.size(record.height, record.width)
    return f" The first {progressive.until:.0%} of the steps see images of {height}×{width}."


def transfer_sentences(plan: Plan, prepared: Prepared) -> Iterator[str]:
    """What a training does that begins with weights that have learnt before, and until when."""
    recipe = plan.recipe
    assert recipe.origin is not None
    source = (
        "trained on ImageNet, 1.3 million photographs of 1,000 classes, since these images are "
        "photographs in size (--from-scratch does without)"
        if recipe.origin.pretrained
        else f"of {recipe.origin.path}"
    )
    yield (
        f"It begins with the weights {source}. First only a new head is fitted, by logistic "
        "regression on features that are computed once"
        + (", of each image and its mirror image." if recipe.augmentation.flip else ".")
    )
    end = f"until {datetime.now() + timedelta(seconds=plan.seconds):%H:%M:%S}."
    if not recipe.epochs:
        why = "no time is left" if len(prepared.splits.val) else "no validation images could judge"
        yield f"No fine-tuning follows, since {why} for it: about {duration(plan.seconds)}, {end}"
        return
    assert plan.throughput is not None
    yield (
        f"Then {counted(recipe.epochs, 'epoch')} of fine-tuning in {recipe.precision} at "
        f"{1 / plan.throughput.train:,.0f} images/s or more, the upper half of the layers first, "
        f"kept only if better on the validation images: in all about {duration(plan.seconds)}, "
        f"{end}"
    )


def start_sentence(start: Start) -> str:
    """What the head on frozen features is worth."""
    row = start.row
    found = "" if start.accuracy is None else f", {start.accuracy:.1%} of the validation images"
    return (
        f"Frozen features of {start.facts['images']:,} images and a new head "
        f"(λ {start.facts['strength']:.2g}): {row['accuracy']:.1%} of them right{found}, after "
        f"{duration(row['seconds'])}."
    )


def kept_sentence(loop: Loop, start: Start) -> str:
    """Whether fine-tuning was worth it."""
    assert start.accuracy is not None
    if loop.is_better_than_start:
        return (
            f"Fine-tuning is kept: it reached {loop.position.best:.1%} on the validation images, "
            f"{start.accuracy:.1%} with frozen features."
        )
    return (
        "Fine-tuning is not kept: it never classified more validation images rightly than the "
        f"{start.accuracy:.1%} of the frozen features."
    )


def _flip(recipe: Recipe, mirror: MirrorTest, wishes: Wishes) -> str:
    if wishes.flip != "auto" or not mirror.queries or wishes.augment == "none":
        return ""
    verdict = "Images are mirrored at random" if recipe.augmentation.flip else "No mirroring"
    return (
        f"{verdict}: of {mirror.queries:,} images, mirrored examples cost a nearest-neighbour "
        f"test {mirror.lost} and won it {mirror.won}."
    )


def _balance(recipe: Recipe, prepared: Prepared) -> str:
    if recipe.class_weights is None:
        return ""
    counts = prepared.train_counts
    counts = counts[counts > 0]
    ratio = counts.max() / counts.min()
    return (
        f"Classes are unequal ({math.floor(ratio)} to 1), so an image weighs 1/√n in the loss, "
        "n being the number of images of its class."
    )
