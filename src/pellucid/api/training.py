"""Train, and go on with a training."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from pellucid.api.command import train_command
from pellucid.launch import place
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.training.choices.wishes import Augment, Balance, Color, Flip
    from pellucid.training.run import Run


def train(
    data: str | Path,
    output: str | Path | None = None,
    *,
    minutes: float | None = None,
    epochs: int | None = None,
    size: int | None = None,
    width: int | None = None,
    model: str = "auto",
    pretrained: bool = True,
    weights: str | Path | None = None,
    seed: int = 0,
    color: "Color" = "auto",
    flip: "Flip" = "auto",
    augment: "Augment" = "auto",
    balance: "Balance" = "auto",
    folds: int | None = None,
    learning_curve: bool = False,
    stream: bool = False,
    strict: bool = False,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> "Run":
    """Train a network on a data set and write a run folder with a bundle and a report.

    Args:
        data: a folder per class, a folder of idx files, an NPZ file, a CSV, TSV or Parquet
            manifest, or shards (see :func:`pellucid.data.shards.index.open_shards`).
        output: the run folder to write; None takes ``runs/NAME-N`` with the next free N.
        minutes: of the whole call; size, width and epochs are planned to fit. Without minutes
            and epochs the plan takes what the data wants, three minutes at most.
        epochs: passes over the training images, instead of minutes.
        size: side of the network's input in pixels; None lets the plan decide.
        width: feature maps of the network's first stage; None lets the plan decide.
        model: name of the network, see :func:`pellucid.models.registered`; ``auto`` is the
            pretrained one where its weights are installed and fit the images, else ``compact``.
        pretrained: weights that have learnt before (the extra ``pretrained``) are used where
            nothing speaks against it; the plan says so. False: from scratch.
        weights: begin with these: a run folder or bundle, or a file of torchvision's weights for
            the ``model`` ``alexnet`` or ``googlenet``.
        seed: fixes split, order, augmentation and initialisation.
        color: channels of the input; ``auto`` is gray where no image has colour.
        flip: whether images are mirrored at random; ``auto`` asks the data.
        augment: strength of the random variations; ``auto`` follows the number of epochs;
            ``search`` chooses it by validation, as ``auto`` does with few images and ample
            minutes.
        balance: whether rare classes weigh more; ``auto``: where the largest class has over
            three times the images of the smallest.
        folds: judge the training by a cross-validation of so many folds first; see
            :func:`labels`, too. No image is set apart to choose weights by then, and the network
            learns from all training images in the end.
        learning_curve: train on parts of the images first, to tell what more images would give.
        stream: read the training images of shards anew each epoch, and keep none; so it is always
            with shards that are not files of this machine.
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
    from pellucid.training.choices.wishes import Wishes
    from pellucid.training.train import Call, train_run

    wishes = Wishes(
        minutes=minutes,
        epochs=epochs,
        size=size,
        width=width,
        model=model,
        pretrained=pretrained,
        weights=None if weights is None else str(weights),
        color=color,
        augment=augment,
        flip=flip,
        balance=balance,
        seed=seed,
        folds=folds,
        learning_curve=learning_curve,
        stream=stream,
    )
    watch = watch or Watcher()
    command = train_command(data, output, wishes)
    run = train_run(Call(data, output, wishes, command, begin, strict, overwrite), watch)
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


def _reported(run: "Run", watch: Watcher) -> "Run":
    if run.status == "finished" and place().first:
        from pellucid.report.page import write_report

        write_report(run.folder)
        watch.done(run)
    return run
