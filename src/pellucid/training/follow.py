"""What the workers of a training do that are not the first."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pellucid.data.cache import PixelCache, load_pixels
from pellucid.data.catalogue import Catalogue
from pellucid.data.open import open_catalogue
from pellucid.data.splits import Splits
from pellucid.errors import DataError, PellucidError, TrainingError, WorkerError
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.feed import Images
from pellucid.training.learning.interrupt import interruptible
from pellucid.training.learning.loop import Loop, Means
from pellucid.training.learning.position import Position
from pellucid.training.learning.start import Start
from pellucid.training.learning.stream import StreamFeed
from pellucid.training.planning.prepare import fingerprint_of
from pellucid.training.run import Run
from pellucid.training.workers.distributed import World
from pellucid.watch import Watcher


@dataclass(frozen=True)
class Job:
    """What the first worker decided, for the others.

    Attributes:
        folder: of the run.
        data: what names the data set, on every machine.
        fingerprint: of its content.
        labels: (N,) class of each image.
        splits: of the images.
        recipe: what to do.
        allowed: seconds of training; None where the epochs are fixed.
        lanes: of the stream of training images; None where they are decoded beforehand.
        compiled: whether the network is compiled.
        start: the weights to begin with; None for random ones.
        saved: the checkpoint to go on from; None at the start.
    """

    folder: Path
    data: str
    fingerprint: str
    labels: NDArray[np.intp]
    splits: Splits
    recipe: Recipe
    allowed: float | None
    lanes: int | None
    compiled: bool
    start: Start | None
    saved: tuple[Position, dict[str, Tensor]] | None


def loop_for(
    job: Job, catalogue: Catalogue, pixels: PixelCache, world: World, watch: Watcher
) -> Loop:
    """The training of a job, where it is to go on.

    Args:
        job: what to do.
        catalogue: the data set, as this worker reads it.
        pixels: its fitted images.
        world: the workers.
        watch: told of streamed images that are left out.

    Raises:
        CheckpointError: the checkpoint does not fit the network.
        UsageError: there are more workers than the stream has lanes.
    """
    feed = None
    if catalogue.stream is not None and job.lanes is not None:
        feed = StreamFeed(
            catalogue.stream.shards,
            job.recipe.preprocessing,
            job.recipe.seed,
            lanes=job.lanes,
            complain=watch.message,
            world=world,
        )
    images = Images.of(pixels, job.labels, job.splits)
    means = Means(world, feed, job.compiled)
    loop = Loop(job.recipe, images, job.allowed, start=job.start, means=means)
    if job.saved is not None:
        loop.restore(*job.saved)
    return loop


def follow(world: World, watch: Watcher) -> Run:
    """Train along with the first worker, and write nothing.

    Args:
        world: the workers.
        watch: told only what no other worker can know.

    Returns:
        The first worker's run; its folder may be on another machine.

    Raises:
        WorkerError: another worker is gone.
        TrainingError: something is wrong here alone, so that only this worker can say so.
    """
    with interruptible(patient=True) as stopped:
        job: Job | Run = world.hear()
        if isinstance(job, Run):
            return job  # there was nothing left to do, or a stop came first
        world.folder = str(job.folder)
        try:
            catalogue, pixels = _in_turn(world, job)
        except WorkerError:
            raise
        except PellucidError as error:
            raise TrainingError(f"{world.place.words}: {error}") from error
        loop = loop_for(job, catalogue, pixels, world, watch)
        _learn_along(world, loop, stopped)
    run: Run = world.hear()
    return run


def _learn_along(world: World, loop: Loop, stopped: Callable[[], bool]) -> None:
    """All epochs, hearing after each whether the first worker could save."""
    try:
        for _ in loop.epochs(stop=lambda: world.any(stopped()), advance=lambda count: None):
            world.hear()
    except WorkerError:
        raise
    except TrainingError:
        sys.exit(1)  # all workers came to it together, and the first says so


def _in_turn(world: World, job: Job) -> tuple[Catalogue, PixelCache]:
    """The images: on each machine one worker decodes them, and the others use its file.

    The first worker did so before it told the job.
    """
    decodes = world.place.local_rank == 0
    images = _images(job) if decodes else None
    world.wait()
    return images or _images(job)


def _images(job: Job) -> tuple[Catalogue, PixelCache]:
    """The images of the job, as this machine has them.

    Raises:
        DataError: they are not those of the first worker.
    """
    catalogue = open_catalogue(job.data, stream=job.lanes is not None)
    scan, pixels = load_pixels(catalogue, job.recipe.preprocessing, memory_limit=0)
    if (
        len(catalogue) != len(job.labels)
        or fingerprint_of(catalogue, scan, job.splits) != job.fingerprint
    ):
        raise DataError(
            f"the images in {job.data} are not those that the first worker has: each machine needs "
            "the same data under the same name."
        )
    return catalogue, pixels
