"""The training loop: epochs of steps, a check after some, and a checkpoint after each.

Everything random in step *s* comes from a generator seeded by (seed, s), and the order of epoch
*e* from (seed, e). A training that was stopped after any step therefore goes on exactly as if it
had not been. Several workers go through the same steps, each with its share of every batch.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pellucid.errors import CheckpointError, TrainingError
from pellucid.models import channels_last
from pellucid.training.averaging import WeightAverage
from pellucid.training.checkpoint import Position
from pellucid.training.device import autocast, best_device
from pellucid.training.distributed import ALONE, World
from pellucid.training.feed import Batch, CachedFeed, Feed, Images
from pellucid.training.recipe import Recipe
from pellucid.training.steps import Stepper

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
        world: World = ALONE,
        feed: Feed | None = None,
        compiled: bool = False,
    ) -> None:
        """Prepare the first step.

        Args:
            recipe: what to do.
            images: to do it on.
            allowed: seconds of training; where epochs turn out to take longer or shorter than was
                planned, fewer or more of them are made.
            world: the workers that train together.
            feed: gives the batches; None takes the training images.
            compiled: see :class:`~pellucid.training.steps.Stepper`.
        """
        self.recipe = recipe
        self._allowed = allowed
        self.images = images
        self._world = world
        self._device = best_device()
        torch.manual_seed(recipe.seed)
        self._network = channels_last(recipe.architecture.build()).to(self._device)
        self._scorer = copy.deepcopy(self._network).eval()
        self._stepper = Stepper(self._network, recipe, world, compiled=compiled)
        self._feed = feed or CachedFeed(images, recipe.seed, world, self._device)
        self._steps_per_epoch = recipe.steps_per_epoch(self._feed.count)
        self.position = Position(total=recipe.epochs * self._steps_per_epoch)
        decay = 1 - 1 / max(recipe.averaging * self.position.total, 1)
        self._average = WeightAverage(self._network, decay)
        self.best: dict[str, Tensor] = self._average.snapshot()

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
        best = self.position.best
        noise = math.sqrt(accuracy * (1 - accuracy) / len(self.images.val))
        if best is None or accuracy + noise >= best:
            self.position.best = max(accuracy, best or 0.0)
            self.best = self._average.snapshot()
        return accuracy, loss

    def _score(self, indices: NDArray[np.intp]) -> tuple[float, float]:
        self._scorer.load_state_dict(self._average.tensors)
        right, loss = 0, 0.0
        mine = indices[self._world.share(len(indices)).slice]
        for begin in range(0, len(mine), _SCORE_BATCH):
            chosen = mine[begin : begin + _SCORE_BATCH]
            labels = self.images.labels[torch.from_numpy(chosen)].to(self._device)
            batch = self.recipe.preprocessing.tensor(self.images.pixels.gather(chosen))
            tensor = torch.from_numpy(batch).to(self._device, torch.get_default_dtype())
            with torch.inference_mode(), autocast(self.recipe.precision, self._device):
                scores = self._scorer(tensor).float()
            right += int((scores.argmax(1) == labels).sum())
            loss += float(functional.cross_entropy(scores, labels, reduction="sum"))
        rights, loss = self._world.sums(right, loss)
        return rights / len(indices), loss / len(indices)

    def _give_up_if_hopeless(self, row: dict[str, Any]) -> None:
        """Stop once it is plain that the labels cannot be told from the images."""
        count = self._feed.count
        chance = float(self._feed.class_counts.max()) / count
        noise = 2.5 * math.sqrt(chance * (1 - chance) / count)
        done = self.position.progress
        scores = [row["accuracy"]] + [r["val_accuracy"] or 0.0 for r in self.position.history]
        if done >= HOPELESS_AFTER and self.recipe.epochs >= 5 and max(scores) <= chance + noise:
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
