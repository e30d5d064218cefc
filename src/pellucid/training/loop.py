"""The training loop: epochs of steps, a check after some, and a checkpoint after each.

Everything random in step *s* comes from a generator seeded by (seed, s), and the order of epoch
*e* from (seed, e). A training that was stopped after any step therefore goes on exactly as if it
had not been. Several workers go through the same steps, each with its share of every batch.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pellucid.errors import CheckpointError, TrainingError
from pellucid.models import channels_last
from pellucid.training.averaging import WeightAverage
from pellucid.training.checkpoint import Position
from pellucid.training.device import best_device
from pellucid.training.distributed import ALONE, World
from pellucid.training.feed import Batch, CachedFeed, Feed, Images
from pellucid.training.hopeless import refuse_to_go_on
from pellucid.training.recipe import Recipe
from pellucid.training.score import Scorer
from pellucid.training.start import Start
from pellucid.training.steps import Stepper

#: About so many times over a training the averaged weights are scored on the validation images.
CHECKS = 25
#: Epochs before the last from which the pace is taken.
_PACE = 2
#: So many times the epochs left must fit before more are made: small gains are not worth a
#: schedule that wavers.
_SLACK = 1.15
#: With fewer epochs than these, nobody can tell that nothing is being learnt.
_MANY = 5


@dataclass(frozen=True)
class Means:
    """What a training is carried out with.

    Attributes:
        world: the workers that train together.
        feed: gives the batches; None takes the training images that are decoded already.
        compiled: see :class:`~pellucid.training.steps.Stepper`.
    """

    world: World = ALONE
    feed: Feed | None = None
    compiled: bool = False


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
        start: Start | None = None,
        give_up: bool = True,
        means: Means | None = None,
    ) -> None:
        """Prepare the first step.

        Args:
            recipe: what to do.
            images: to do it on.
            allowed: seconds of training; where epochs turn out to take longer or shorter than was
                planned, fewer or more of them are made.
            start: the weights to begin with, which stay the best until others classify more
                validation images rightly; None for random ones.
            give_up: stop with an error where random weights learn nothing.
            means: what it is done with; None for one worker and the images in memory.
        """
        self.recipe = recipe
        self._allowed = allowed
        self.images = images
        means = means or Means()
        self._world, device = means.world, best_device()
        self._floor = None if start is None else start.accuracy
        self._give_up = give_up and start is None
        torch.manual_seed(recipe.seed)
        self._network = channels_last(recipe.architecture.build())
        if start is not None:
            self._network.load_state_dict(start.tensors)
        self._network.to(device)
        self._scorer = Scorer(self._network, recipe, images, self._world)
        self._stepper = Stepper(self._network, recipe, self._world, compiled=means.compiled)
        self._feed = means.feed or CachedFeed(images, recipe.seed, self._world, device)
        self._steps_per_epoch = recipe.steps_per_epoch(self._feed.count)
        spent = 0.0 if start is None else start.seconds
        self.position = Position(total=recipe.epochs * self._steps_per_epoch, seconds=spent)
        decay = 1 - 1 / max(recipe.averaging * self.position.total, 1)
        self._average = WeightAverage(self._network, decay)
        self.best: dict[str, Tensor] = self._average.snapshot()

    @property
    def is_better_than_start(self) -> bool:
        """Some validation of this training was better than that of its start."""
        return self.position.best is not None

    @property
    def images_per_epoch(self) -> int:
        """Images to learn from."""
        return self._feed.count

    @property
    def finished(self) -> bool:
        """All steps are done."""
        return self.position.step >= self.position.total

    def epochs(
        self, *, stop: Callable[[], bool], advance: Callable[[int], None]
    ) -> Iterator[dict[str, Any]]:
        """Train on, yielding the history's row of every epoch that ends.

        Args:
            stop: asked after every step; true ends the iteration there.
            advance: told the number of images of every step, over all workers.

        Raises:
            TrainingError: the loss is no number any more, or nothing is being learnt.
        """
        stopped = False
        while not self.finished and not stopped:
            batches = self._batches()
            while not stopped and (count := self._step(batches)):
                advance(count)
                stopped = stop()
            if self.position.step % self._steps_per_epoch == 0:
                yield self._end_epoch()

    def tensors(self) -> dict[str, Tensor]:
        """Everything a checkpoint needs besides the position."""
        groups = {
            "network": self._network.state_dict(),
            "average": self._average.tensors,
            "best": self.best,
            "optimiser": self._stepper.state(),
        }
        return {
            f"{group}/{name}": t.cpu() for group, ts in groups.items() for name, t in ts.items()
        }

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

    def _batches(self) -> Iterator[Batch]:
        """The batches of the epoch under way that are still to come."""
        epoch, done = divmod(self.position.step, self._steps_per_epoch)
        return self._feed.batches(epoch, self._steps_per_epoch, done)

    def _step(self, batches: Iterator[Batch]) -> int:
        """Take the next batch; the number of its images, 0 where there is none."""
        begin = time.perf_counter()
        position = self.position
        batch = next(batches, None)
        if batch is None:
            return 0
        seed = int(np.random.SeedSequence([self.recipe.seed, position.step]).generate_state(1)[0])
        loss, right = self._stepper.step(
            batch.images,
            batch.labels,
            position.progress,
            torch.Generator().manual_seed(seed),
            batch.share,
        )
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss became {loss} at step {position.step + 1} of {position.total}: try "
                "another --seed; the checkpoint of the last epoch is kept."
            )
        self._average.update(self._network)
        position.average_steps = self._average.steps
        position.step += 1
        count = batch.share.total
        position.loss += loss * count
        position.right += right
        position.seen += count
        self._spend(time.perf_counter() - begin)
        return count

    def _spend(self, seconds: float) -> None:
        self.position.seconds += seconds
        self.position.epoch_seconds += seconds

    def _end_epoch(self) -> dict[str, Any]:
        position = self.position
        epoch = position.step // self._steps_per_epoch
        clock = position.seconds, position.epoch_seconds
        position.seconds, position.epoch_seconds = self._world.first_says(clock)
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
        if self._give_up and self.recipe.epochs >= _MANY:
            refuse_to_go_on(position, self._feed)
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
        accuracy, loss = self._scorer(self._average.tensors)
        if self._floor is not None and accuracy <= self._floor:
            return accuracy, loss
        best = self.position.best
        noise = math.sqrt(accuracy * (1 - accuracy) / len(self.images.val))
        if best is None or accuracy + noise >= best:
            self.position.best = max(accuracy, best or 0.0)
            self.best = self._average.snapshot()
        return accuracy, loss


def network_with(recipe: Recipe, weights: dict[str, Tensor]) -> nn.Module:
    """The recipe's network in evaluation mode with the weights given."""
    network = channels_last(recipe.architecture.build())
    network.load_state_dict(weights)
    return network.eval()
