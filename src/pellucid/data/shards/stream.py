"""The samples of a set of shards in an order drawn anew each epoch, from a bounded memory.

Samples of an epoch, shard after shard in a shuffled order of shards, are cut into *lanes* of equal
length. Each lane has a reader and a shuffle buffer of its own, and gives its part of every batch.
A worker has some of the lanes. So what a batch holds does not depend on the number of workers, and
each worker reads its part of the data only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pellucid.data.shards.index import Shard, Shards
from pellucid.data.shards.tar import TarSample
from pellucid.data.share import Share

#: Samples, and bytes of their files, that all lanes together hold.
BUFFER_SAMPLES, BUFFER_BYTES = 8192, 1 << 28


@dataclass(frozen=True, slots=True)
class Piece:
    """One sample on its way to a batch.

    Attributes:
        name: for messages.
        data: content of the image's file.
        label: index of its class; None where it has none that is known.
    """

    name: str
    data: bytes
    label: int | None


@dataclass(frozen=True)
class Lane:
    """One of the lanes of an epoch.

    Attributes:
        shards: of all samples.
        seed: with the epoch's number, fixes every order.
        number: which lane, from 0.
        lanes: how many.
    """

    shards: Shards
    seed: int
    number: int
    lanes: int

    @property
    def range(self) -> Share:
        """Which of the epoch's samples it has."""
        return Share.of(self.shards.samples, self.number, self.lanes)

    def parts(self, epoch: int, steps: int) -> Iterator[list[Piece]]:
        """Its part of each batch of an epoch."""
        pieces = self._shuffled(epoch)
        for begin, end in pairwise(self.cuts(steps)):
            yield [next(pieces) for _ in range(end - begin)]

    def cuts(self, steps: int) -> list[int]:
        """Where batches begin and end. Lanes take turns at giving one sample more.

        >>> shards = Shards("x", ("a", "b"), (Shard("s", None, (5, 5)),), True)
        >>> [Lane(shards, 0, n, 2).cuts(2) for n in (0, 1)]
        [[0, 2, 5], [0, 3, 5]]
        """
        count = len(self.range)
        inner = [int(step * count / steps + self.number / self.lanes) for step in range(1, steps)]
        return [0, *inner, count]

    def _shuffled(self, epoch: int) -> Iterator[Piece]:
        """Its samples through a buffer: each that comes takes the place of a random one."""
        rng = np.random.default_rng([self.seed, epoch, 1, self.number])
        most, most_bytes = BUFFER_SAMPLES // self.lanes, BUFFER_BYTES // self.lanes
        held: list[Piece] = []
        size = 0
        for piece in self._ordered(epoch):
            held.append(piece)
            size += len(piece.data)
            while len(held) > max(most, 1) or (size > most_bytes and len(held) > 1):
                place = int(rng.integers(len(held)))
                held[place], held[-1] = held[-1], held[place]
                size -= len(held[-1].data)
                yield held.pop()
        for place in rng.permutation(len(held)).tolist():
            yield held[place]

    def _ordered(self, epoch: int) -> Iterator[Piece]:
        """Its samples as they lie in the shards, which come in the epoch's order."""
        shards, mine, before = self.shards, self.range, 0
        order = np.random.default_rng([self.seed, epoch, 0]).permutation(len(shards.shards))
        for shard in (shards.shards[index] for index in order.tolist()):
            begin, end = mine.begin - before, mine.end - before
            before += shard.samples
            if begin >= shard.samples or end <= 0:
                continue
            for place, sample in enumerate(shards.samples_of(shard)):
                if begin <= place < end:
                    yield _piece(shard, sample, shards)
                if place + 1 == end < shard.samples:
                    break  # the rest is another lane's


def _piece(shard: Shard, sample: TarSample, shards: Shards) -> Piece:
    name = f"{shard.name.rpartition('/')[2]}/{sample.key}"
    return Piece(name, sample.image, shards.label(sample))


def lanes_for(workers: int) -> int:
    """Lanes of a training that so many workers begin: one each, 8 at least.

    With more, some workers would have two, and all would wait for these at every step.

    >>> [lanes_for(n) for n in (1, 9, 100)]
    [8, 9, 100]
    """
    return max(8, workers)
