"""The Python interface: the same words as the command line."""

import shlex
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.data.audit import Audit
    from pellucid.data.catalogue import Split
    from pellucid.evaluation.result import Evaluation
    from pellucid.inference.predictor import Predictor
    from pellucid.training.run import Run
    from pellucid.training.wishes import Augment, Balance, Color, Flip, Wishes


def train(
    data: str | Path,
    output: str | Path | None = None,
    *,
    minutes: float | None = None,
    epochs: int | None = None,
    size: int | None = None,
    width: int | None = None,
    model: str = "compact",
    seed: int = 0,
    color: "Color" = "auto",
    flip: "Flip" = "auto",
    augment: "Augment" = "auto",
    balance: "Balance" = "auto",
    strict: bool = False,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> "Run":
    """Train a network on a data set and write a run folder with a bundle and a report.

    Args:
        data: a folder per class, a folder of idx files, an NPZ file, or a CSV, TSV or Parquet
            manifest.
        output: the run folder to write; None takes ``runs/NAME-N`` with the next free N.
        minutes: of the whole call; size, width and epochs are planned to fit. Without minutes
            and epochs the plan takes what the data wants, three minutes at most.
        epochs: passes over the training images, instead of minutes.
        size: side of the network's input in pixels; None lets the plan decide.
        width: feature maps of the network's first stage; None lets the plan decide.
        model: name of the network, see :func:`pellucid.models.registered`.
        seed: fixes split, order, augmentation and initialisation.
        color: channels of the input; ``auto`` is gray where no image has colour.
        flip: whether images are mirrored at random; ``auto`` asks the data.
        augment: strength of the random variations; ``auto`` follows the number of epochs.
        balance: whether rare classes weigh more; ``auto``: where the largest class has over
            three times the images of the smallest.
        strict: stop at a file that cannot be used, instead of leaving it out.
        overwrite: replace the run folder if it exists.
        watch: told what happens; None trains silently.

    Returns:
        The run; its status is ``interrupted`` where Ctrl-C stopped it.

    Raises:
        UsageError: an argument is wrong.
        DataError: the data set cannot be used.
        TrainingError: the training cannot go on.
        StorageError: the run folder cannot be written.
    """
    begin = time.monotonic()
    from pellucid.training.wishes import Wishes

    wishes = Wishes(
        minutes=minutes,
        epochs=epochs,
        size=size,
        width=width,
        model=model,
        color=color,
        augment=augment,
        flip=flip,
        balance=balance,
        seed=seed,
    )
    from pellucid.training.train import train_run

    watch = watch or Watcher()
    run = train_run(
        data,
        output,
        wishes,
        strict=strict,
        overwrite=overwrite,
        command=_command(data, output, wishes),
        begin=begin,
        watch=watch,
    )
    return _reported(run, watch)


def resume(run: str | Path, *, watch: Watcher | None = None) -> "Run":
    """Go on with an interrupted training, exactly as if it had never stopped.

    Args:
        run: its folder; data and options are the run's own.
        watch: told what happens.

    Raises:
        RunError: the folder holds no run, or the images have changed since.
    """
    from pellucid.training.train import resume_run

    watch = watch or Watcher()
    return _reported(resume_run(run, watch), watch)


def load(run: str | Path) -> "Predictor":
    """The trained network of a run folder or a bundle folder, ready to predict.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    from pellucid.inference.predictor import load_predictor

    return load_predictor(run)


def evaluate(
    run: str | Path,
    data: str | Path,
    *,
    split: "Split | None" = None,
    watch: Watcher | None = None,
) -> "Evaluation":
    """Judge a trained network on labelled images.

    Args:
        run: a run folder or a bundle folder.
        data: labelled images, as :func:`train` takes them; their classes are among the run's.
        split: which part of them; None takes the test images where the data has a test part of
            its own or is what the run was trained on, and all images elsewhere.
        watch: told what happens.

    Raises:
        DataError: the data cannot be used, has classes that the network does not know, or has
            no such part.
    """
    from pellucid.training.verdict import evaluate_run

    return evaluate_run(Path(run), data, split, watch or Watcher())


def audit(
    data: str | Path, *, seed: int = 0, advance: Callable[[int], None] | None = None
) -> "Audit":
    """Look at a data set as before a training, without training.

    Args:
        data: as :func:`train` takes it.
        seed: of the split, where the data has none of its own.
        advance: told the number of images read since its last call.

    Raises:
        DataError: the data set cannot be used.
    """
    from pellucid.data.audit import audit_data

    return audit_data(data, seed=seed, advance=advance)


def _command(data: str | Path, output: str | Path | None, wishes: "Wishes") -> str:
    """The command line that repeats a training; options at their defaults are left out."""
    from dataclasses import fields

    words = ["pellucid", "train", str(data)]
    if output is not None:
        words += ["--output", str(output)]
    for field in fields(wishes):
        value = getattr(wishes, field.name)
        if value != field.default:
            words += [f"--{field.name}", f"{value:g}" if isinstance(value, float) else str(value)]
    return shlex.join(words)


def _reported(run: "Run", watch: Watcher) -> "Run":
    if run.status == "finished":
        from pellucid.report.page import write_report

        write_report(run.folder)
        watch.done(run)
    return run
