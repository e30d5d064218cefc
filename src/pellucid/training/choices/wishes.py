"""What a user may ask of a training; everything that is not asked for is planned."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from pellucid.errors import UsageError

Color = Literal["auto", "gray", "rgb"]
Flip = Literal["auto", "none", "horizontal"]
Augment = Literal["auto", "none", "light", "strong", "search"]
Balance = Literal["auto", "none", "weights"]

#: The network that is trained from scratch where none is named.
USUAL_NETWORK = "compact"
#: Minutes at most for a training for which neither minutes nor epochs were asked.
DEFAULT_MINUTES = 3.0
_WEEK = 7 * 24 * 60
_RANGES = {
    "epochs": (1, 1_000_000),
    "size": (8, 1024),
    "width": (1, 512),
    "seed": (0, 2**32 - 1),
    "folds": (2, 100),
}
_CHOICES = {
    "color": get_args(Color),
    "flip": get_args(Flip),
    "augment": get_args(Augment),
    "balance": get_args(Balance),
}


@dataclass(frozen=True)
class Wishes:
    """What the user asked for; None leaves it to the plan.

    Attributes:
        minutes: of the whole process, start to report.
        epochs: passes over the training images, instead of minutes.
        size: side of the square input, in pixels.
        width: feature maps of the first stage.
        model: registered name of the network; ``auto`` is the pretrained one where its weights
            are installed and fit the images, else :data:`USUAL_NETWORK`.
        pretrained: weights that have learnt before may be used where they fit.
        weights: a file of weights, a run folder or a bundle to begin with; None for none.
        color: channels of the input.
        augment: strength of the random variations; ``search`` chooses it by validation.
        flip: whether images may be mirrored.
        balance: whether rare classes weigh more.
        seed: of everything random.
        folds: of a cross-validation before the training proper; None for none.
        learning_curve: train on parts of the images too, to see what more images would give.
        stream: read training images from their shards anew each epoch, and keep none.

    Raises:
        UsageError: a value is out of range or unknown (names of networks are looked up later).
    """

    minutes: float | None = None
    epochs: int | None = None
    size: int | None = None
    width: int | None = None
    model: str = "auto"
    pretrained: bool = True
    weights: str | None = None
    color: Color = "auto"
    augment: Augment = "auto"
    flip: Flip = "auto"
    balance: Balance = "auto"
    seed: int = 0
    folds: int | None = None
    learning_curve: bool = False
    stream: bool = False

    def __post_init__(self) -> None:
        if self.minutes is not None and self.epochs is not None:
            raise UsageError("minutes and epochs exclude each other: give one of them.")
        if self.minutes is not None and not 0 < self.minutes <= _WEEK:
            raise UsageError(f"minutes is more than 0 and at most a week, not {self.minutes:g}.")
        if self.weights is not None and not self.pretrained:
            raise UsageError("--weights and --from-scratch exclude each other: give one of them.")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise UsageError(f"{name} is {least:,} to {most:,}, not {value:,}.")
        for name, known in _CHOICES.items():
            value = getattr(self, name)
            if value not in known:
                raise UsageError(f"{name} is one of {', '.join(known)}, not {value!r}.")

    @property
    def network(self) -> str:
        """Name of the network that is trained from scratch."""
        return USUAL_NETWORK if self.model == "auto" else self.model

    @property
    def budget(self) -> float:
        """Seconds that the whole process may take; infinite where epochs were asked for."""
        if self.epochs is not None:
            return math.inf
        return 60 * (DEFAULT_MINUTES if self.minutes is None else self.minutes)
