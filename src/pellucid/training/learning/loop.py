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
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.averaging import WeightAverage
from pellucid.training.learning.best import BestWeights
from pellucid.training.learning.checkpoint import by_group, flat
from pellucid.training.learning.feed import Batch, CachedFeed, Feed, Images
from pellucid.training.learning.hopeless import refuse_to_go_on
from pellucid.training.learning.pace import is_due, keep_to_the_time
from pellucid.training.learning.position import Position
from pellucid.training.learning.score import Scorer
from pellucid.training.learning.start import Start
from pellucid.training.learning.steps import Stepper
from pellucid.training.learning.whitening import whiten_first_layer
from pellucid.training.workers.device import best_device
from pellucid.training.workers.distributed import ALONE, World

#: About so many times over a training the averaged weights are scored on the validation images.
CHECKS = 25
#: With fewer epochs than these, nobody can tell that nothing is being learnt.
_MANY = 5


@dataclass(frozen=True)
class Means:
    """What a training is carried out with.

    Attributes:
        world: the workers that train together.
        feed: gives the batches; None takes the training images that are decoded already.
        compiled: see :class:`~pellucid.training.learning.steps.Stepper`.
    """

    world: World = ALONE
    feed: Feed | None = None
    compiled: bool = False


class Loop:
    """A training under way.

    Attributes:
        recipe: what is done.
        position: how far it is.
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
            allowed: seconds of training; where steps turn out to take longer or shorter than was
                planned, fewer or more of them are made, and the last epoch need not be whole.
            start: the weights to begin with, which stay the best until others classify more
                validation images rightly; None for random ones.
            give_up: stop with an error where random weights learn nothing.
            means: what it is done with; None for one worker and the images in memory.
        """
        means = means or Means()
        self.recipe = recipe
        self._allowed = allowed
        self._give_up = give_up and start is None and recipe.epochs >= _MANY
        self._world, device = means.world, best_device()
        self._network = _network(recipe, start)
        if recipe.whitening and start is None:
            whiten_first_layer(self._network, images, recipe.preprocessing)
        self._network.to(device)
        score = Scorer(self._network, recipe, images, self._world)
        self._stepper = Stepper(self._network, recipe, self._world, compiled=means.compiled)
        self._feed = means.feed or CachedFeed(images, recipe.seed, self._world, device)
        self._steps_per_epoch = recipe.steps_per_epoch(self._feed.count)
        self.position = Position(total=recipe.epochs * self._steps_per_epoch)
        self._average = WeightAverage(
            self._network, decay=1 - 1 / max(recipe.averaging * self.position.total, 1)
        )
        floor = None
        if start is not None:
            self.position.seconds, floor = start.seconds, start.accuracy
        self._best = BestWeights(self._average, score, len(images.val), floor)

    @property
    def best(self) -> dict[str, Tensor]:
        """The weights that are kept so far, by name."""
        return self._best.tensors

    def best_network(self) -> nn.Module:
        """A network of its own with the weights that are kept, in evaluation mode, on the CPU."""
        network = channels_last(self.recipe.architecture.build())
        network.load_state_dict(self.best)
        return network.eval()

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
        return self.position.finished

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
            while not (stopped or self.finished) and (count := self._step(batches)):
                advance(count)
                stopped = stop()
            if self.finished or self.position.step % self._steps_per_epoch == 0:
                yield self._end_epoch()

    def tensors(self) -> dict[str, Tensor]:
        """Everything a checkpoint needs besides the position."""
        return flat(
            {
                "network": self._network.state_dict(),
                "average": self._average.tensors,
                "best": self.best,
                "optimiser": self._stepper.state(),
            }
        )

    def restore(self, position: Position, tensors: dict[str, Tensor]) -> None:
        """Go back to a checkpoint.

        Raises:
            CheckpointError: the tensors do not fit the network.
        """
        groups = by_group(tensors)
        try:
            self._network.load_state_dict(groups["network"])
            for name, value in groups["average"].items():
                self._average.tensors[name].copy_(value)
            self._stepper.restore(groups.get("optimiser", {}))
            self._best.tensors = groups["best"]
        except (RuntimeError, KeyError, ValueError) as error:
            raise CheckpointError(f"the checkpoint does not fit the network: {error}") from error
        self._best.accuracy = position.best
        self._average.steps = position.step
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
        progressive = self.recipe.progressive
        position.small += progressive is not None and position.progress < progressive.until
        position.count(loss, right, batch.share.total)
        position.spend(time.perf_counter() - begin)
        if self._allowed is not None and is_due(position, self._steps_per_epoch):
            clock = position.seconds, position.epoch_seconds
            position.seconds, position.epoch_seconds = self._world.first_says(clock)
            keep_to_the_time(position, self._allowed, self._steps_per_epoch, progressive)
        return batch.share.total

    def _end_epoch(self) -> dict[str, Any]:
        position = self.position
        epoch = math.ceil(position.step / self._steps_per_epoch)
        begin = time.perf_counter()
        check = self._best.check() if self._is_check(epoch) else None
        position.best = self._best.accuracy
        position.spend(time.perf_counter() - begin)
        row = position.end_epoch(epoch, rate=self._stepper.rate(), check=check)
        if self._give_up:
            refuse_to_go_on(position, self._feed)
        return row

    def _is_check(self, epoch: int) -> bool:
        every = max(1, self.recipe.epochs // CHECKS)
        return epoch % every == 0 or self.finished


def _network(recipe: Recipe, start: Start | None) -> nn.Module:
    """The network as the first step finds it: random weights by the seed, or those of a start."""
    torch.manual_seed(recipe.seed)
    network = channels_last(recipe.architecture.build())
    if start is not None:
        network.load_state_dict(start.tensors)
    return network
