"""What PyTorch's launcher says about this process: one worker of how many, on how many machines.

``torchrun --nproc-per-node N -m pellucid …`` starts N processes on each machine and tells each by
environment variables which one it is
(https://docs.pytorch.org/docs/stable/elastic/run.html#environment-variables).
"""

import os
import socket
from dataclasses import dataclass

from pellucid.errors import UsageError

_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")


@dataclass(frozen=True, slots=True)
class Place:
    """This process among the workers of a training.

    Attributes:
        rank: 0 for the first worker, which alone writes and prints.
        size: workers in all.
        local_rank: 0 for the first worker on this machine.
        local_size: workers on this machine.

    >>> Place().first, Place(rank=3, size=4, local_rank=1, local_size=2).first
    (True, False)
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes and prints for all."""
        return self.rank == 0

    @property
    def words(self) -> str:
        """Which worker this is, for a sentence.

        >>> Place(rank=3, size=4).words.split(" on ")[0]
        'worker 3 of 4'
        """
        return f"worker {self.rank} of {self.size} on {socket.gethostname()}"


def place() -> Place:
    """Where this process stands; the only worker where nothing was launched.

    Raises:
        UsageError: some of the launcher's variables are set and others are missing or no numbers.
    """
    if "RANK" not in os.environ or "MASTER_ADDR" not in os.environ:
        return Place()
    try:
        return Place(*(int(os.environ[name]) for name in _VARIABLES))
    except (KeyError, ValueError) as error:
        raise UsageError(
            f"RANK is set, so {', '.join(_VARIABLES[1:])} are to be numbers too ({error}): start "
            "the workers by torchrun, or unset RANK."
        ) from error
