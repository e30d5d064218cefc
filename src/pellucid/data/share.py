"""One worker's part of what all workers do together."""

from dataclasses import dataclass

from pellucid.errors import UsageError


@dataclass(frozen=True, slots=True)
class Share:
    """Items ``begin`` … ``end`` - 1 of ``total``, e.g. the rows of a batch that one worker has.

    The shares of all workers are contiguous, in the order of their ranks, and differ by at most
    one item. Random numbers are drawn for all items and cut to a share, so that they do not
    depend on the number of workers.

    >>> [Share.of(7, rank, 3) for rank in range(3)]
    [Share(begin=0, end=3, total=7), Share(begin=3, end=5, total=7), Share(begin=5, end=7, total=7)]
    """

    begin: int
    end: int
    total: int

    @classmethod
    def of(cls, total: int, rank: int, size: int) -> "Share":
        """The share of one of ``size`` workers."""
        least, more = divmod(total, size)
        begin = rank * least + min(rank, more)
        return cls(begin, begin + least + (rank < more), total)

    @classmethod
    def whole(cls, total: int) -> "Share":
        """All of it."""
        return cls(0, total, total)

    @property
    def slice(self) -> slice:
        """To index what has ``total`` items."""
        return slice(self.begin, self.end)

    def __len__(self) -> int:
        return self.end - self.begin


def enough_for_all(images: int, workers: int) -> None:
    """Make sure that each worker has something of each batch.

    Args:
        images: of the smallest batch.
        workers: how many.

    Raises:
        UsageError: they have not.
    """
    if images < workers:
        raise UsageError(
            f"{workers} workers share batches of {images} images, and each needs one at least: "
            f"start at most {images} workers."
        )
