"""How far a training is: its steps, its time, and the sums of the epoch under way."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Position:
    """How far a training is.

    Attributes:
        step: optimiser steps done.
        small: of these, with smaller images.
        total: steps of the whole training, as things stand.
        anchor: the step at which that number was decided …
        anchor_progress: … and the share of the training that was done then.
        loss: sum of the losses over the images of the epoch under way.
        right: images classified rightly in the epoch under way.
        seen: images of the epoch under way.
        seconds: spent training, interruptions left out.
        epoch_seconds: of these, in the epoch under way.
        best: highest accuracy on the validation images so far; None before any.
        history: a row an epoch.

    >>> position = Position(total=4)
    >>> for loss in (2.0, 1.0):
    ...     position.count(loss, right=8, images=16)
    ...     position.spend(0.5)
    >>> row = position.end_epoch(1, rate=0.1, check=(0.75, 0.9))
    >>> row["loss"], row["accuracy"], row["val_accuracy"], row["images_per_second"]
    (1.5, 0.5, 0.75, 32.0)
    >>> position.step, position.seen, position.progress
    (2, 0, 0.5)
    """

    step: int = 0
    small: int = 0
    total: int = 0
    anchor: int = 0
    anchor_progress: float = 0.0
    loss: float = 0.0
    right: int = 0
    seen: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    best: float | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """All steps are done."""
        return self.step >= self.total

    @property
    def progress(self) -> float:
        """Share of the training that is done, in [0, 1]."""
        since = (self.step - self.anchor) / max(self.total - self.anchor, 1)
        return self.anchor_progress + since * (1 - self.anchor_progress)

    def end_after(self, total: int) -> None:
        """Plan for so many steps in all; the schedule runs on from where it is."""
        self.anchor_progress, self.anchor, self.total = self.progress, self.step, total

    def count(self, loss: float, right: int, images: int) -> None:
        """Add a step: its mean loss, and how many of how many images it classified rightly."""
        self.step += 1
        self.loss += loss * images
        self.right += right
        self.seen += images

    def spend(self, seconds: float) -> None:
        """Add to the time."""
        self.seconds += seconds
        self.epoch_seconds += seconds

    def end_epoch(
        self, epoch: int, *, rate: float, check: tuple[float, float] | None
    ) -> dict[str, Any]:
        """The history's new row; the next epoch's sums begin at zero.

        Args:
            epoch: its number, from 1.
            rate: the learning rate of its last step.
            check: accuracy and loss on the validation images; None where they were not looked at.
        """
        accuracy, loss = check or (None, None)
        row = {
            "epoch": epoch,
            "seconds": round(self.epoch_seconds, 3),
            "loss": self.loss / self.seen,
            "accuracy": self.right / self.seen,
            "val_loss": loss,
            "val_accuracy": accuracy,
            "learning_rate": rate,
            "images_per_second": round(self.seen / max(self.epoch_seconds, 1e-9), 1),
        }
        self.history.append(row)
        self.loss, self.right, self.seen, self.epoch_seconds = 0.0, 0, 0, 0.0
        return row
