"""The recipe: every choice that, with the data, fixes the outcome of a training."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pellucid.data.augmentation import Augmentation
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import RunError
from pellucid.models import Architecture
from pellucid.training.choices.origin import Origin, origin_from

Precision = Literal["bfloat16", "float32"]


@dataclass(frozen=True)
class Tuning:
    """How a network that has learnt before goes on learning.

    Attributes:
        lowest: the first layer's learning rate as a share of the last one's; between them it
            grows by the same factor from layer to layer (Howard and Ruder 2018, section 3.2).
        upper_first: share of the training in which only the upper half of the layers learns.
    """

    lowest: float = 0.1
    upper_first: float = 0.3


@dataclass(frozen=True)
class Progressive:
    """Smaller images first: a step costs less, and the first ones teach only what is coarse.

    Progressive resizing, as in Tan and Le 2021 (EfficientNetV2, section 4.1), in two sizes.

    Attributes:
        scale: height and width of the smaller images, as a share of the input's, in (0, 1), about:
            they are multiples of 4 pixels, which halve well.
        until: share of the training after which images are as large as the input.
        cost: seconds of a step with smaller images as a share of a later one's; it tells how many
            steps fit into a given time, and nothing else.
    """

    scale: float = 0.75
    until: float = 0.75
    cost: float = 1.0

    def size(self, height: int, width: int) -> tuple[int, int]:
        """Of the smaller images, by that of the input, in pixels.

        >>> Progressive(scale=0.75).size(28, 48)
        (20, 36)
        """
        smaller_height, smaller_width = (
            max(4, 4 * round(side * self.scale / 4)) for side in (height, width)
        )
        return smaller_height, smaller_width

    def mean_cost(self, progress: float = 0.0) -> float:
        """Of all steps that are left at some progress, in later steps.

        >>> round(Progressive(until=0.5, cost=0.6).mean_cost(), 3)
        0.8
        """
        small = max(self.until - progress, 0.0) / max(1 - progress, 1e-9)
        return 1 - small * (1 - self.cost)


@dataclass(frozen=True)
class Recipe:
    """All that a training does, decided before its first step and saved with it.

    Attributes:
        architecture: the network.
        preprocessing: from image to input.
        augmentation: random variations of the training images.
        epochs: passes over the training images.
        batch_size: images a step, about: an epoch is cut into equal batches.
        optimiser: ``muon`` (convolution filters by Muon, the rest by SGD with Nesterov momentum)
            or ``adamw``.
        learning_rate: peak of the optimiser named.
        label_smoothing: share of the target spread over all classes (Szegedy 2016, section 7).
        class_weights: weight of each class in the loss, mean 1 over the training images; None
            where all weigh the same.
        averaging: share of the whole training that the weight average looks back.
        precision: ``bfloat16`` (autocast; weights and sums stay float32) or ``float32``.
        origin: what the network begins with; None for random weights.
        tuning: how it is then trained; None where it begins with random weights.
        seed: of the split, the initial weights, the order, the variations and dropout.
        whitening: random weights begin with first filters computed from the training images
            (:mod:`pellucid.training.learning.whitening`).
        progressive: smaller images first; None for one size throughout.
    """

    architecture: Architecture
    preprocessing: Preprocessing
    augmentation: Augmentation
    epochs: int
    batch_size: int
    optimiser: Literal["muon", "adamw"]
    learning_rate: float
    label_smoothing: float
    class_weights: tuple[float, ...] | None
    averaging: float
    precision: Precision
    seed: int
    origin: Origin | None = None
    tuning: Tuning | None = None
    whitening: bool = False
    progressive: Progressive | None = None

    def steps_per_epoch(self, images: int) -> int:
        """Batches in one pass over so many training images."""
        return max(1, round(images / self.batch_size))

    def to_json(self) -> dict[str, Any]:
        """The recipe as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Recipe":
        """The inverse of :meth:`to_json`.

        Raises:
            RunError: a field is missing, unknown or of the wrong kind.
        """
        try:
            values = dict(record)
            weights = values["class_weights"]
            values["class_weights"] = None if weights is None else tuple(weights)
            values["architecture"] = Architecture(**values["architecture"])
            values["preprocessing"] = Preprocessing.from_json(values["preprocessing"])
            values["augmentation"] = Augmentation(**values["augmentation"])
            values["origin"] = origin_from(values.get("origin"))
            for name, kind in (("tuning", Tuning), ("progressive", Progressive)):
                value = values.get(name)
                values[name] = None if value is None else kind(**value)
            return cls(**values)
        except (KeyError, TypeError) as error:
            raise RunError(f"the recipe of the run cannot be used: {error}.") from error
