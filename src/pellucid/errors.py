"""Every exception that Pellucid raises on purpose.

::

    PellucidError              exit code 1 on the command line
    ├── UsageError             a wrong argument; also a ValueError; exit code 2
    ├── DataError              a data set that cannot be used as it is
    │   └── ImageError         one image that cannot be read
    ├── RunError               a run folder that cannot be used
    │   ├── BundleError        a damaged, foreign or unknown bundle
    │   └── CheckpointError    a damaged or foreign checkpoint
    ├── TrainingError          a training that cannot go on
    │   └── WorkerError        another worker of the same training is gone
    ├── StorageError           a file cannot be written: disk full, no permission
    ├── ParityError            two ways of predicting give different answers
    └── ServiceError           a server cannot start: port in use, no permission

A message is one sentence: what was expected, what was found, where, and what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class PellucidError(Exception):
    """Base of all errors that Pellucid raises on purpose."""


class UsageError(PellucidError, ValueError):
    """An argument is wrong: fix the call."""


class DataError(PellucidError):
    """A data set cannot be used as it is: fix the files."""


class ImageError(DataError):
    """One image cannot be read.

    Attributes:
        fault: the kind of damage, one of the keys of :data:`FAULTS`.
    """

    def __init__(self, message: str, fault: str) -> None:
        super().__init__(message)
        self.fault = fault


class RunError(PellucidError):
    """A run folder cannot be used."""


class BundleError(RunError):
    """A bundle is damaged, foreign, or of a schema that this version does not know."""


class CheckpointError(RunError):
    """A checkpoint is damaged or belongs to something else."""


class TrainingError(PellucidError):
    """A training cannot go on."""


class WorkerError(TrainingError):
    """Another worker of the same training is gone."""


class StorageError(PellucidError):
    """A file cannot be written: disk full, no permission."""


class ParityError(PellucidError):
    """Two ways of predicting give different answers.

    Attributes:
        parity: what was compared and found, as plain values.
    """

    def __init__(self, message: str, parity: dict[str, Any]) -> None:
        super().__init__(message)
        self.parity = parity


class ServiceError(PellucidError):
    """A server cannot start: port in use, no permission."""


#: What can be wrong with one image: the keys are stable words for machines (``--json``).
FAULTS = {
    "empty": "the file has zero bytes",
    "truncated": "the file ends before the image does",
    "broken": "the content cannot be decoded",
    "not-an-image": "the content is not an image, whatever the name says",
    "bomb": "too many pixels to decode safely",
    "unreadable": "the file cannot be opened",
    "missing": "the file does not exist",
    "non-finite": "the image has NaN or infinite values",
}


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that does not exist, with the nearest known one.

    >>> str(unknown_name("model", "compcat", ["compact", "nin"]))
    "unknown model 'compcat'; did you mean 'compact'? Known: compact, nin."
    """
    choices = sorted(known)
    near = get_close_matches(name, choices, n=1)
    hint = f" did you mean '{near[0]}'?" if near else ""
    return UsageError(f"unknown {kind} '{name}';{hint} Known: {', '.join(choices)}.")
