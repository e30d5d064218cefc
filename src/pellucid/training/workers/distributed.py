"""Several processes train one network, as if they were one.

Each worker holds the whole network and computes with its share of each batch. Gradients are sums
over the batch, so the workers' sums are added up, and then all take the same step: the batch is
the same whatever the number of workers, and so are the weights, up to the order of float sums. What
looks at the whole batch is in :mod:`pellucid.training.workers.whole_batch`.

The first worker alone decides, writes and prints. The others get what it decided, and hear after
every epoch whether it could save.
"""

import atexit
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from functools import cache
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous

from pellucid.data.share import Share
from pellucid.errors import TrainingError, WorkerError
from pellucid.launch import Place, place
from pellucid.threads import cores
from pellucid.training.workers.whole_batch import WholeBatch

#: Others wait while the first reads the images. That a worker died shows at once, by its
#: connections; the clock need not tell.
_PATIENCE = timedelta(days=2)


class World:
    """All workers of a training, seen from one of them. With one worker nothing is sent.

    Attributes:
        place: which worker this is.
        folder: the run's, for sentences, once it is known.

    Args:
        place: which worker this is.
        store: torch's table that all workers share (``torch.distributed.Store``), where there
            are several.
    """

    def __init__(self, place: Place, store: Any = None) -> None:
        self.place = place
        self.folder = "RUN"
        self._store = store

    @property
    def alone(self) -> bool:
        """There is one worker."""
        return self.place.size == 1

    def share(self, total: int) -> Share:
        """This worker's part of so many items."""
        return Share.of(total, self.place.rank, self.place.size)

    def whole_batch(self, share: Share) -> AbstractContextManager[object]:
        """The context in which a network runs on a share of a batch."""
        return nullcontext() if self.alone else WholeBatch(share, self._add_up)

    def add_gradients(self, network: nn.Module, *others: float) -> list[float]:
        """Sum the gradients of all workers, in one message, and further numbers with them.

        Returns:
            The sums of ``others``.
        """
        if self.alone:
            return list(others)
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        last = torch.tensor(others, dtype=gradients[0].dtype, device=gradients[0].device)
        message = torch.cat([*(g.flatten() for g in gradients), last])
        self._add_up(message)
        parts = torch.split(message, [*(g.numel() for g in gradients), len(others)])
        for gradient, part in zip(gradients, parts[:-1], strict=True):
            gradient.copy_(part.view(gradient.shape))
        return [float(value) for value in parts[-1].tolist()]

    def sums(self, *numbers: float) -> list[float]:
        """Sums over all workers."""
        if self.alone:
            return list(numbers)
        message = torch.tensor(numbers, dtype=torch.float64)
        self._add_up(message)
        return [float(number) for number in message.tolist()]

    def any(self, here: bool) -> bool:
        """Whether it holds for any worker: all get the same answer."""
        return bool(self.sums(here)[0])

    def first_says(self, values: Iterable[float]) -> list[float]:
        """The first worker's numbers, for all."""
        return self.sums(*(value if self.place.first else 0.0 for value in values))

    def tell(self, value: Any) -> None:
        """From the first worker to the others, in :meth:`hear`."""
        if not self.alone:
            self._talk(lambda: dist.broadcast_object_list([value], src=0))

    def hear(self) -> Any:
        """What the first worker tells; this process ends quietly where that has failed."""
        box = [None]
        self._talk(lambda: dist.broadcast_object_list(box, src=0))
        if isinstance(box[0], _Failed):
            sys.exit(1)  # the first worker says why
        return box[0]

    def telling(self, work: Callable[[], Any]) -> None:
        """The first worker does something, and tells the others its result, or that it failed."""
        with self.deciding():
            result = work()
        self.tell(result)

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """What the first worker does while the others wait: where it fails, they end quietly."""
        try:
            yield
        except BaseException:
            with suppress(WorkerError):
                self.tell(_Failed())
            raise

    def wait(self) -> None:
        """Go on when all workers are here."""
        self.sums(0)

    def _add_up(self, tensor: Tensor) -> None:
        self._talk(lambda: dist.all_reduce(tensor))

    def _talk(self, message: Callable[[], object]) -> None:
        """Send or receive.

        Raises:
            WorkerError: another worker is gone, and this one is the first to notice; those that
                notice later end quietly.
        """
        try:
            message()
        except (RuntimeError, ValueError) as error:  # ValueError: the group was closed meanwhile
            if not self._is_first_to_notice():
                sys.exit(1)
            raise WorkerError(
                f"a worker has ended or cannot be reached any more ({self.place.words} noticed), "
                "so the training stops. What was saved after the last epoch is kept: to go on, "
                f"start any number of workers with -m pellucid train --resume {self.folder}"
            ) from error

    def _is_first_to_notice(self) -> bool:
        if self._store is None:
            return True
        try:
            return int(self._store.add("pellucid/noticed", 1)) == 1
        except RuntimeError:  # the store went with the first worker
            return self.place.rank == 1


class _Failed:
    """In place of a result: there is none."""


#: The only worker.
ALONE = World(Place())


@cache
def join() -> World:
    """Meet the other workers, if the launcher started some.

    CPUs talk through gloo, GPUs through NCCL. The cores of a machine are shared out among its
    workers, unless OMP_NUM_THREADS says otherwise (torchrun itself sets it to 1).

    Raises:
        TrainingError: they cannot be met.
    """
    here = place()
    if here.size == 1:
        return ALONE
    if os.environ.get("OMP_NUM_THREADS", "1") == "1":
        torch.set_num_threads(max(1, cores() // here.local_size))
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    try:
        store, rank, size = next(iter(rendezvous("env://", timeout=_PATIENCE)))
        store.set_timeout(_PATIENCE)
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=_PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"{here.words} cannot meet the others: {error}.") from error
    atexit.register(_leave)
    return World(here, store)


def _leave() -> None:
    with suppress(RuntimeError, AssertionError):  # left already
        dist.destroy_process_group()
