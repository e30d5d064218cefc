"""The plan: size, width and number of epochs that fit the data, the machine and the time.

The input is as large as the images are, as long as a network of modest width gets the epochs that
the data wants; then the network is as wide as the time allows at those epochs. What a step costs
is measured on this machine, not guessed.
"""

import math
from dataclasses import dataclass, replace

from pellucid.data.augmentation import Augmentation
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import UsageError
from pellucid.ledger import Totals, ledger
from pellucid.models import Architecture, arguments_for
from pellucid.models.compact import MODEST_WIDTH, stage_widths
from pellucid.training.choices.recipe import Progressive, Recipe
from pellucid.training.choices.rules import affordable_batch, batch_size, wanted_epochs
from pellucid.training.choices.wishes import Wishes
from pellucid.training.learning.steps import suited_optimiser
from pellucid.training.planning.throughput import Throughput, faster_precision, measure

SIZES = (32, 48, 64, 96, 128, 160, 192, 224)
#: Multiples of 16, the floats of a vector register: between them, lanes stay idle.
WIDTHS = (16, 32, 48, 64, 96, 128)
#: Seconds grow by this power of the multiply-adds with the width, since wider layers come nearer to
#: the processor's rate (`benchmarks/step.py`).
WIDER = 0.85
#: Widest first stage for fewer training images than these.
SMALL_DATA, SMALL_DATA_WIDTH = 2000, 64
#: Smaller images are enlarged: the network halves its input at least once.
SMALLEST_SIZE = 8
#: Images up to this size, if all alike, are taken as they are.
NATIVE_SIZE = 64
#: Share of the time kept free, since a machine is never as quiet as when it was measured.
MARGIN = 0.02
#: Seconds of training where reading the images took all the time there was.
LEAST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Images by what they are for: to learn from, to choose weights by, to test on."""

    train: int
    val: int
    test: int

    @property
    def judged(self) -> int:
        """Images that the finished network answers: for its temperature, and for the test."""
        return self.val + (self.test or self.val)


@dataclass(frozen=True)
class Plan:
    """What is going to be trained, and for how long.

    Attributes:
        recipe: all choices.
        seconds: the training should take.
        allowed: seconds that all trainings shall take; None where no minutes were asked for.
        macs: multiply-adds of one forward pass on one image.
        throughput: on which ``seconds`` rests; None where only a head is fitted.
        sentences: the plan in words, a few short sentences.
        search: the strength of the augmentation is chosen by validation.
        before: seconds that other trainings should take before this one.
    """

    recipe: Recipe
    seconds: float
    allowed: float | None
    macs: int
    throughput: Throughput | None
    sentences: tuple[str, ...] = ()
    search: bool = False
    before: float = 0.0

    def later(self, seconds: float) -> "Plan":
        """The plan where so many of the seconds that were allowed are over: planning takes some."""
        if self.allowed is None:
            return self
        allowed = max(self.allowed - seconds, LEAST_SECONDS)
        return replace(self, allowed=allowed, seconds=min(self.seconds, allowed))


def choose_size(
    wishes: Wishes, images: int, channels: int, typical: tuple[int, int], alike: bool
) -> tuple[int, int]:
    """Height and width of the input.

    Args:
        wishes: ``size`` overrides all.
        images: to train on, about.
        channels: of the input.
        typical: median height and width of the images, in pixels.
        alike: all images (of a sample) have that size.

    Raises:
        UsageError: the network does not take such small images, or not so many channels.
    """
    given = _given_size(wishes, typical, alike)
    if given is not None:
        if (why := refusal(wishes.network, channels, *given)) is not None:
            raise why
        return given
    fitting = _fitting_sizes(wishes.network, channels, min(typical))
    if math.isinf(wishes.budget):
        side = max((size for size in fitting if size <= NATIVE_SIZE), default=fitting[0])
        return side, side
    recipes = [draft(wishes, 2, plain_record(channels, side, side), images) for side in fitting]
    cost = measure(recipes[0]).train / network_macs(recipes[0])
    images_seen = images * wanted_epochs(images, wishes.budget)
    affordable = [
        side
        for side, recipe in zip(fitting, recipes, strict=True)
        if images_seen * cost * network_macs(recipe) <= wishes.budget
    ]
    side = max(affordable, default=fitting[0])
    return side, side


def _given_size(wishes: Wishes, typical: tuple[int, int], alike: bool) -> tuple[int, int] | None:
    """Height and width where they are asked for, or are those of small images."""
    if wishes.size is not None:
        return wishes.size, wishes.size
    if alike and max(typical) <= NATIVE_SIZE:
        return max(typical[0], SMALLEST_SIZE), max(typical[1], SMALLEST_SIZE)
    return None


def _fitting_sizes(model: str, channels: int, side: int) -> list[int]:
    """Sizes no larger than the images that a network takes.

    Raises:
        UsageError: there is none; the sentence is about the largest.
    """
    sizes = [size for size in SIZES if size <= side] or [SIZES[0]]
    refusals = [refusal(model, channels, size, size) for size in sizes]
    fitting = [size for size, why in zip(sizes, refusals, strict=True) if why is None]
    if not fitting and refusals[-1] is not None:
        raise refusals[-1]
    return fitting


def refusal(model: str, channels: int, height: int, width: int) -> UsageError | None:
    """Why a network does not take an input of this size; None where it does."""
    try:
        arguments = arguments_for(model, classes=2, channels=channels, height=height, width=width)
        Architecture(model, arguments).outline()
    except UsageError as error:
        return error
    return None


def fit_budget(wishes: Wishes, recipe: Recipe, counts: Counts, seconds: float) -> Plan:
    """Width and epochs of a recipe, so that the training takes the seconds it has.

    Args:
        wishes: ``epochs`` and ``width`` override the rules.
        recipe: everything else is decided; of modest width.
        counts: of the images.
        seconds: for the training and for the evaluation after it; infinite where epochs were
            asked for.
    """
    wanted = wanted_epochs(counts.train, wishes.budget)
    if wishes.network == "compact":
        width = wishes.width or _affordable_width(
            recipe, counts.train * wanted, counts.train, seconds
        )
        recipe = widen(recipe, width)
    return fit_epochs(wishes, recipe, counts, seconds)


def fit_epochs(wishes: Wishes, recipe: Recipe, counts: Counts, seconds: float) -> Plan:
    """Epochs of a recipe whose network is settled; see :func:`fit_budget` for the arguments."""
    throughput = measure(recipe)
    per_epoch = counts.train * throughput.train + counts.val * throughput.score + 0.05
    seconds -= counts.val * throughput.score + counts.judged * throughput.answer
    if wishes.epochs is not None:
        epochs = wishes.epochs
    else:
        epochs = max(1, round(seconds * (1 - MARGIN) / per_epoch))
        if wishes.minutes is None:
            epochs = min(epochs, math.ceil(wanted_epochs(counts.train, wishes.budget)))
    recipe = replace(recipe, epochs=epochs)
    if wishes.minutes is not None and recipe.progressive is not None:
        recipe = replace(recipe, progressive=replace(recipe.progressive, cost=throughput.early))
    allowed = None if wishes.minutes is None else max(seconds, LEAST_SECONDS)
    # A last epoch that does not fit is cut short.
    taken = epochs * per_epoch if allowed is None else min(epochs * per_epoch, allowed)
    return Plan(recipe, taken, allowed, network_macs(recipe), throughput)


def draft(wishes: Wishes, classes: int, record: Preprocessing, images: int) -> Recipe:
    """A recipe of modest width for one epoch, with nothing that depends on the labels yet."""
    return draft_for(_plain_architecture(wishes.network, classes, record), wishes, record, images)


def _plain_architecture(model: str, classes: int, record: Preprocessing) -> Architecture:
    """A network with its options at their defaults."""
    arguments = arguments_for(
        model,
        classes=classes,
        channels=record.channels,
        height=record.height,
        width=record.width,
    )
    return Architecture(model, arguments)


def draft_for(
    architecture: Architecture, wishes: Wishes, record: Preprocessing, images: int
) -> Recipe:
    """A network's recipe for one epoch, with nothing that depends on the labels yet."""
    optimiser = suited_optimiser(architecture.build())
    batch = batch_size(images)
    if architecture.name != "compact":  # whose batches follow from the data alone
        batch = min(batch, affordable_batch(network_totals(architecture, record).macs))
    return Recipe(
        architecture=architecture,
        preprocessing=record,
        augmentation=Augmentation(),
        epochs=1,
        batch_size=batch,
        optimiser=optimiser,
        learning_rate=0.1 if optimiser == "muon" else 1e-3,
        label_smoothing=0.1,
        class_weights=None,
        averaging=0.04,
        precision=faster_precision(),
        seed=wishes.seed,
        whitening=architecture.name == "compact",
        progressive=Progressive() if architecture.name == "compact" else None,
    )


def widen(recipe: Recipe, width: int) -> Recipe:
    """The recipe with a ``compact`` network whose first stage has so many feature maps."""
    record = recipe.preprocessing
    widths = stage_widths(width, record.height, record.width)
    arguments = {**recipe.architecture.arguments, "widths": widths}
    return replace(recipe, architecture=Architecture("compact", arguments))


def plain_record(channels: int, height: int, width: int) -> Preprocessing:
    """The preprocessing of an input whose mean and spread are not known yet."""
    half = (0.5,) * channels
    return Preprocessing("gray" if channels == 1 else "rgb", height, width, mean=half, std=half)


def network_macs(recipe: Recipe) -> int:
    """Multiply-adds of the recipe's network on one image."""
    return network_totals(recipe.architecture, recipe.preprocessing).macs


def network_totals(architecture: Architecture, record: Preprocessing) -> Totals:
    """Parameters and work of a network on one image."""
    shape = (1, record.channels, record.height, record.width)
    return ledger(architecture.outline(), shape).totals


def _affordable_width(recipe: Recipe, images_seen: float, images: int, seconds: float) -> int:
    if math.isinf(seconds):
        return MODEST_WIDTH
    cost, macs = measure(recipe).train, network_macs(recipe)

    def taken(width: int) -> float:
        return images_seen * cost * math.pow(network_macs(widen(recipe, width)) / macs, WIDER)

    largest = SMALL_DATA_WIDTH if images < SMALL_DATA else WIDTHS[-1]
    affordable = [width for width in WIDTHS if width <= largest and taken(width) <= seconds]
    return max(affordable, default=WIDTHS[0])
