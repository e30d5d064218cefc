"""The training loop: epochs of steps, a check after some, and a checkpoint after each.

Everything random in step *s* comes from a generator seeded by (seed, s), and the order of epoch
*e* from (seed, e). A training that was stopped after any step therefore goes on exactly as if it
had not been.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pellucid.data.cache import PixelCache
from pellucid.errors import CheckpointError, TrainingError
from pellucid.models import channels_last
from pellucid.training.averaging import WeightAverage
from pellucid.training.checkpoint import Position
from pellucid.training.recipe import Recipe
from pellucid.training.start import Start
from pellucid.training.steps import Stepper, autocast

#: About so many times over a training the averaged weights are scored on the validation images.
CHECKS = 25
#: Share of the training after which accuracy must have left chance behind.
HOPELESS_AFTER = 0.4
_SCORE_BATCH = 256
#: Epochs before the last from which the pace is taken.
_PACE = 2
#: So many times the epochs left must fit before more are made: small gains are not worth a
#: schedule that wavers.
_SLACK = 1.15


@dataclass(frozen=True)
class Images:
    """The images of a training.

    Attributes:
        pixels: all of them.
        labels: (N,) int64, of all.
        train: indices to learn from.
        val: indices to choose the best weights by; may be empty.
    """

    pixels: PixelCache
    labels: Tensor
    train: NDArray[np.intp]
    val: NDArray[np.intp]


class Loop:
    """A training under way.

    Attributes:
        position: how far it is.
        best: the best averaged weights so far, by name; the last where nothing validates.
    """

    def __init__(
        self,
        recipe: Recipe,
        images: Images,
        allowed: float | None = None,
        *,
        give_up: bool = True,
        start: Start | None = None,
    ) -> None:
        """Prepare the first step.

        Args:
            recipe: what to do.
            images: to do it on.
            allowed: seconds of training; where epochs turn out to take longer or shorter than was
                planned, fewer or more of them are made.
            give_up: stop with an error where nothing is being learnt.
            start: the weights to begin with, which stay the best until others classify more
                validation images rightly; None for random ones.
        """
        self.recipe = recipe
        self._allowed = allowed
        self._give_up = give_up
        self.images = images
        torch.manual_seed(recipe.seed)
        self._network = channels_last(recipe.architecture.build())
        self._floor: float | None = None
        if start is not None:
            self._network.load_state_dict(start.tensors)
            self._floor = start.accuracy
        self._scorer = copy.deepcopy(self._network).eval()
        self._stepper = Stepper(self._network, recipe)
        self._steps_per_epoch = recipe.steps_per_epoch(len(images.train))
        self.position = Position(total=recipe.epochs * self._steps_per_epoch)
        decay = 1 - 1 / max(recipe.averaging * self.position.total, 1)
        self._average = WeightAverage(self._network, decay)
        self.best: dict[str, Tensor] = self._average.snapshot()

    @property
    def is_better_than_start(self) -> bool:
        """Some validation of this training was better than that of its start."""
        return self.position.best is not None

    @property
    def finished(self) -> bool:
        """All steps are done."""
        return self.position.step >= self.position.total

    def epochs(
        self, *, stop: Callable[[], bool], advance: Callable[[int], None]
    ) -> Iterator[dict[str, Any]]:
        """Train on, yielding the history's row of every epoch that ends.

        Args:
            stop: asked after every step; true ends the iteration there, or where that was the
                last step of an epoch, after the next.
            advance: told the number of images of every step.

        Raises:
            TrainingError: the loss is no number any more, or nothing is being learnt.
        """
        while not self.finished:
            for batch in self._batches():
                self._step(batch)
                advance(len(batch))
                if stop() and self.position.step % self._steps_per_epoch:
                    return
            yield self._end_epoch()

    def tensors(self) -> dict[str, Tensor]:
        """Everything a checkpoint needs besides the position."""
        groups = {
            "network": self._network.state_dict(),
            "average": self._average.tensors,
            "best": self.best,
            "optimiser": self._stepper.state(),
        }
        return {f"{group}/{name}": t for group, ts in groups.items() for name, t in ts.items()}

    def restore(self, position: Position, tensors: dict[str, Tensor]) -> None:
        """Go back to a checkpoint.

        Raises:
            CheckpointError: the tensors do not fit the network.
        """
        groups: dict[str, dict[str, Tensor]] = {"network": {}, "average": {}, "best": {}}
        for key, value in tensors.items():
            group, name = key.split("/", 1)
            groups.setdefault(group, {})[name] = value
        try:
            self._network.load_state_dict(groups["network"])
            for name, value in groups["average"].items():
                self._average.tensors[name].copy_(value)
            self._stepper.restore(groups.get("optimiser", {}))
        except (RuntimeError, KeyError, ValueError) as error:
            raise CheckpointError(f"the checkpoint does not fit the network: {error}") from error
        self.best = groups["best"]
        self._average.steps = position.average_steps
        self.position = position

    def _batches(self) -> Iterator[NDArray[np.intp]]:
        """The batches of the epoch under way that are still to come."""
        epoch, done = divmod(self.position.step, self._steps_per_epoch)
        order = np.random.default_rng([self.recipe.seed, epoch]).permutation(self.images.train)
        yield from np.array_split(order, self._steps_per_epoch)[done:]

    def _step(self, batch: NDArray[np.intp]) -> None:
        begin = time.perf_counter()
        position = self.position
        seed = int(np.random.SeedSequence([self.recipe.seed, position.step]).generate_state(1)[0])
        loss, right = self._stepper.step(
            torch.from_numpy(self.images.pixels.gather(batch)),
            self.images.labels[torch.from_numpy(batch)],
            position.progress,
            torch.Generator().manual_seed(seed),
        )
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss became {loss} at step {position.step + 1} of {position.total}: try "
                "another --seed; the checkpoint of the last epoch is kept."
            )
        self._average.update(self._network)
        position.average_steps = self._average.steps
        position.step += 1
        position.loss += loss * len(batch)
        position.right += right
        position.seen += len(batch)
        self._spend(time.perf_counter() - begin)

    def _spend(self, seconds: float) -> None:
        self.position.seconds += seconds
        self.position.epoch_seconds += seconds

    def _end_epoch(self) -> dict[str, Any]:
        position = self.position
        epoch = position.step // self._steps_per_epoch
        self._keep_to_the_time(epoch)
        begin = time.perf_counter()
        check = self._check() if self._is_check(epoch) else None
        self._spend(time.perf_counter() - begin)
        row = {
            "epoch": epoch,
            "seconds": round(position.epoch_seconds, 3),
            "loss": position.loss / position.seen,
            "accuracy": position.right / position.seen,
            "val_loss": None if check is None else check[1],
            "val_accuracy": None if check is None else check[0],
            "learning_rate": self._stepper.rate(),
            "images_per_second": round(position.seen / max(position.epoch_seconds, 1e-9), 1),
        }
        position.history.append(row)
        position.loss, position.right, position.seen = 0.0, 0, 0
        position.epoch_seconds = 0.0
        self._give_up_if_hopeless(row)
        return row

    def _keep_to_the_time(self, epoch: int) -> None:
        """Make as many epochs as fit, at the pace of the last few."""
        if self._allowed is None or self.finished:
            return
        position = self.position
        recent = [row["seconds"] for row in position.history[-_PACE:]] + [position.epoch_seconds]
        pace = sum(recent) / len(recent)
        left = position.total // self._steps_per_epoch - epoch
        fitting = max(1, int((self._allowed - position.seconds) / pace))
        if not left <= fitting <= left * _SLACK:
            position.end_after((epoch + fitting) * self._steps_per_epoch)

    def _is_check(self, epoch: int) -> bool:
        every = max(1, self.recipe.epochs // CHECKS)
        return epoch % every == 0 or self.finished

    def _check(self) -> tuple[float, float] | None:
        """Score the averaged weights; keep them unless they are clearly worse than the best.

        Later weights are better in expectation, since the learning rate falls to the end, and a
        few validation images tell little: so earlier weights stay only where the later ones lose
        by more than one standard error (Breiman et al. 1984, section 3.4.3).
        """
        if not len(self.images.val):
            self.best = self._average.snapshot()
            return None
        accuracy, loss = self._score(self.images.val)
        if self._floor is not None and accuracy <= self._floor:
            return accuracy, loss
        best = self.position.best
        noise = math.sqrt(accuracy * (1 - accuracy) / len(self.images.val))
        if best is None or accuracy + noise >= best:
            self.position.best = max(accuracy, best or 0.0)
            self.best = self._average.snapshot()
        return accuracy, loss

    def _score(self, indices: NDArray[np.intp]) -> tuple[float, float]:
        self._scorer.load_state_dict(self._average.tensors)
        right, loss = 0, 0.0
        for begin in range(0, len(indices), _SCORE_BATCH):
            chosen = indices[begin : begin + _SCORE_BATCH]
            labels = self.images.labels[torch.from_numpy(chosen)]
            batch = self.recipe.preprocessing.tensor(self.images.pixels.gather(chosen))
            with torch.inference_mode(), autocast(self.recipe.precision):
                scores = self._scorer(torch.from_numpy(batch)).float()
            right += int((scores.argmax(1) == labels).sum())
            loss += float(functional.cross_entropy(scores, labels, reduction="sum"))
        return right / len(indices), loss / len(indices)

    def _give_up_if_hopeless(self, row: dict[str, Any]) -> None:
        """Stop once it is plain that the labels cannot be told from the images."""
        train = self.images.labels[torch.from_numpy(self.images.train)]
        chance = float(train.bincount().max()) / len(train)
        noise = 2.5 * math.sqrt(chance * (1 - chance) / len(train))
        done = self.position.progress
        scores = [row["accuracy"]] + [r["val_accuracy"] or 0.0 for r in self.position.history]
        if (
            self._give_up
            and done >= HOPELESS_AFTER
            and self.recipe.epochs >= 5
            and max(scores) <= chance + noise
        ):
            raise TrainingError(
                f"after {done:.0%} of the training the accuracy is {row['accuracy']:.1%}, no "
                f"better than always naming the most frequent class ({chance:.1%}): the labels "
                "seem to have nothing to do with the images. Look at `pellucid audit`."
            )


def network_with(recipe: Recipe, weights: dict[str, Tensor]) -> nn.Module:
    """The recipe's network in evaluation mode with the weights given."""
    network = channels_last(recipe.architecture.build())
    network.load_state_dict(weights)
    return network.eval()
