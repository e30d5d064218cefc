"""Batches from shards that are read anew each epoch: decoded as they come, and never all held."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray

from pellucid.data.preprocessing import Preprocessing
from pellucid.data.shards.index import Shards
from pellucid.data.shards.stream import Lane, Piece
from pellucid.data.share import Share
from pellucid.errors import ImageError, TrainingError, UsageError
from pellucid.images.read import decode_image
from pellucid.threads import cores, in_turn
from pellucid.training.learning.feed import Batch
from pellucid.training.workers.distributed import ALONE, World


class StreamFeed:
    """A :class:`~pellucid.training.learning.feed.Feed` of shards.

    Images that cannot be decoded are named once and left out of their batch.

    Args:
        shards: to learn from.
        preprocessing: how an image is fitted.
        seed: with the epoch's number, fixes the order.
        lanes: see :mod:`pellucid.data.shards.stream`; must stay the same while a training lasts.
        complain: told of an image that is left out.
        world: the workers that share each batch; each has some of the lanes.

    Raises:
        UsageError: there are more workers than lanes.
    """

    def __init__(
        self,
        shards: Shards,
        preprocessing: Preprocessing,
        seed: int,
        *,
        lanes: int,
        complain: Callable[[str], None],
        world: World = ALONE,
    ) -> None:
        if world.place.size > lanes:
            raise UsageError(
                f"this training began with {lanes} lanes of shards, one worker each at most: go on "
                f"with at most {lanes} workers, not {world.place.size}."
            )
        self.count = shards.samples
        self.class_counts = torch.tensor(shards.counts)
        self._preprocessing = preprocessing
        self._complain, self._named = complain, set[str]()
        self._world = world
        self._lanes = [Lane(shards, seed, number, lanes) for number in range(lanes)][
            world.share(lanes).slice
        ]
        self._threads = max(1, cores() // world.place.local_size)

    def batches(self, epoch: int, steps: int, done: int) -> Iterator[Batch]:
        """See :class:`~pellucid.training.learning.feed.Feed`; the next batch is read meanwhile."""
        lanes = [lane.parts(epoch, steps) for lane in self._lanes]

        def pieces() -> list[Piece]:
            return [piece for lane in lanes for piece in next(lane)]

        for _ in range(done):
            pieces()
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(lambda: self._decode(pieces()))
            for step in range(done, steps):
                images, labels = coming.result()
                if step + 1 < steps:
                    coming = ahead.submit(lambda: self._decode(pieces()))
                yield Batch(
                    torch.from_numpy(images), torch.from_numpy(labels), self._share(len(labels))
                )

    def _decode(self, pieces: list[Piece]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Images (n, H, W, C) and labels (n,) of those that can be used."""
        record = self._preprocessing
        shape = (len(pieces), record.height, record.width, record.channels)
        images, labels = np.zeros(shape, np.uint8), np.full(len(pieces), -1)

        def work(index: int) -> None:
            piece = pieces[index]
            if piece.label is None:
                self._leave_out(piece.name, f"{piece.name}: it has no class that is known.")
                return
            try:
                images[index] = record.fit(decode_image(piece.data, piece.name).pixels)
                labels[index] = piece.label
            except ImageError as error:
                self._leave_out(piece.name, str(error))

        if pieces:
            in_turn(len(pieces), lambda: work, self._threads)
        good = labels >= 0
        return images[good], labels[good]

    def _leave_out(self, name: str, why: str) -> None:
        if name not in self._named:
            self._named.add(name)
            self._complain(f"Left out: {why}")

    def _share(self, count: int) -> Share:
        """Which rows of the batch these are, once all have said how many they have."""
        place = self._world.place
        counts = self._world.sums(*(count * (rank == place.rank) for rank in range(place.size)))
        if min(counts) < 1:
            raise TrainingError(
                "a worker has no usable image for a batch: the batch is too small for so many "
                "workers, or the shards are damaged; `pellucid audit` lists bad images."
            )
        begin = round(sum(counts[: place.rank]))
        return Share(begin, begin + count, round(sum(counts)))
