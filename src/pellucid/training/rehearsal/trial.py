"""A training whose network only answers for images that it has not learnt from.

Folds, candidates of a search and the points of a learning curve are all such trainings. What one
came to lies in ``trials/NAME.npz`` of the run folder until the run is finished, and is not
computed again when an interrupted run goes on.
"""

import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import CheckpointError
from pellucid.evaluation.judge import answers
from pellucid.storage import atomic, write_bytes
from pellucid.training.choices.recipe import Recipe
from pellucid.training.learning.checkpoint import load_checkpoint, save_checkpoint
from pellucid.training.learning.feed import Images
from pellucid.training.learning.loop import Loop
from pellucid.training.learning.tied import tie_of
from pellucid.training.outcome.verdict import trained
from pellucid.training.planning.prepare import Prepared
from pellucid.training.run import TRIALS

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Trial:
    """What to train, and whom to ask about what.

    Attributes:
        name: of its files.
        recipe: of the training.
        train: (n,) images to learn from.
        asked: (m,) images to answer for.
        keep: its checkpoint stays, since it may become the run's own training.
        give_up: stop with an error where nothing is learnt.
    """

    name: str
    recipe: Recipe
    train: Indices
    asked: Indices
    keep: bool = False
    give_up: bool = True

    @property
    def work(self) -> int:
        """Images that it sees while it trains."""
        return self.recipe.epochs * len(self.train)


@dataclass(frozen=True)
class Outcome:
    """What a trial came to.

    Attributes:
        asked: (m,) images that were asked about.
        probabilities: (m, K) float32, what its network answered.
        epochs: passes that it made.
        seconds: of its training and its answers.
    """

    asked: Indices
    probabilities: NDArray[np.float32]
    epochs: int
    seconds: float


def run_trial(
    folder: Path,
    trial: Trial,
    prepared: Prepared,
    allowed: float | None,
    *,
    stopped: Callable[[], bool],
    advance: Callable[[int], None],
) -> Outcome | None:
    """Train from where it was left, and answer.

    Args:
        folder: of the run.
        trial: what to do.
        prepared: the images; their validation images choose the best weights, as always.
        allowed: seconds of training; None where the epochs are fixed.
        stopped: asked after every step.
        advance: told the number of images seen.

    Returns:
        The answers; None where it was stopped, and its state is saved.

    Raises:
        CheckpointError: what was kept of it is damaged.
        TrainingError: the training cannot go on.
        StorageError: the run folder cannot be written.
    """
    if has_outcome(folder, trial):
        return outcome(folder, trial)
    splits = replace(prepared.splits, train=trial.train)
    images = Images.of(prepared.pixels, prepared.labels, splits)
    loop = Loop(trial.recipe, images, allowed, give_up=trial.give_up)
    place, tie = folder / TRIALS / trial.name, tie_of(trial.recipe, prepared.fingerprint)
    saved = load_checkpoint(place, tie)
    if saved is not None:
        loop.restore(*saved)
    for _ in loop.epochs(stop=stopped, advance=advance):
        pass
    if not loop.finished or trial.keep:
        save_checkpoint(place, loop.position, loop.tensors(), tie)
    if not loop.finished:
        return None
    begin = time.perf_counter()
    predictor = trained(loop.best_network(), trial.recipe, prepared)
    given = answers(predictor, prepared.pixels, trial.asked)
    found = Outcome(
        trial.asked,
        given,
        len(loop.position.history),
        loop.position.seconds + time.perf_counter() - begin,
    )
    _save(_file(folder, trial.name), found)
    if not trial.keep:
        shutil.rmtree(place, ignore_errors=True)
    return found


def has_outcome(folder: Path, trial: Trial) -> bool:
    """The trial is finished."""
    return _file(folder, trial.name).exists()


def outcome(folder: Path, trial: Trial) -> Outcome:
    """What a finished trial came to.

    Raises:
        CheckpointError: the file is damaged, or of another trial.
    """
    path = _file(folder, trial.name)
    try:
        with np.load(path) as file:
            epochs, seconds = file["effort"].tolist()
            found = Outcome(file["asked"], file["probabilities"], int(epochs), float(seconds))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}): remove it to make this training again."
        ) from error
    if not np.array_equal(found.asked, trial.asked):
        raise CheckpointError(f"{path} is of other images: remove it to make this training again.")
    return found


def copy_outcome(folder: Path, name: str, other: str) -> None:
    """Let a finished trial's outcome be that of another, too.

    Raises:
        StorageError: it cannot be written.
    """
    if not _file(folder, other).exists():
        write_bytes(_file(folder, other), _file(folder, name).read_bytes())


def remove_trials(folder: Path) -> None:
    """What trials left in a run folder goes, once the run is finished."""
    shutil.rmtree(folder / TRIALS, ignore_errors=True)


def _file(folder: Path, name: str) -> Path:
    return folder / TRIALS / f"{name}.npz"


def _save(path: Path, found: Outcome) -> None:
    effort = np.array([found.epochs, found.seconds])
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, asked=found.asked, probabilities=found.probabilities, effort=effort)
