"""``pellucid train``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pellucid.cli.calls import named_data, quoted, resumes
from pellucid.cli.console import say, stdout, tell, tell_json
from pellucid.cli.options import Balance, Color, Flip, Size, Strict
from pellucid.errors import UsageError
from pellucid.launch import place

if TYPE_CHECKING:
    from pellucid.training.run import Run


def command(
    context: typer.Context,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="A folder per class, idx files, NPZ, a CSV or Parquet manifest, or shards.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="RUN", help="Run folder to write  [default: runs/NAME-N]"
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="M", help="Time budget; size, width and epochs are planned to fit."),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Passes over the training images.")
    ] = None,
    size: Size = None,
    width: Annotated[
        int | None,
        typer.Option(metavar="W", help="Feature maps of the network's first stage."),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name of the network  [default: pretrained if it fits, or compact]"
        ),
    ] = "auto",
    pretrained: Annotated[
        bool,
        typer.Option(
            "--pretrained/--from-scratch", help="Begin with weights that know photographs, or not."
        ),
    ] = True,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Begin with those of a run, a bundle, or a torchvision file."
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(metavar="K", help="Fixes splits, order, augmentation and initialisation."),
    ] = 0,
    color: Color = "auto",
    flip: Flip = "auto",
    augment: Annotated[
        Literal["auto", "none", "light", "strong", "search"],
        typer.Option(help="Strength of the random variations; search: chosen by validation."),
    ] = "auto",
    balance: Balance = "auto",
    folds: Annotated[
        int | None,
        typer.Option(metavar="K", help="Cross-validate first; lists suspect labels, too."),
    ] = None,
    learning_curve: Annotated[
        bool,
        typer.Option("--learning-curve", help="Train on parts first: what would more images give?"),
    ] = False,
    stream: Annotated[
        bool,
        typer.Option("--stream", help="Read shards anew each epoch, and keep no training image."),
    ] = False,
    strict: Strict = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run folder if it exists.")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN", help="Go on with an interrupted run, with its data and its options."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run's record as JSON on stdout.")
    ] = False,
) -> None:
    """Train a network and write a run folder with a report.

    Ctrl-C finishes the batch, saves, and says how to go on. Under torchrun, workers on one
    machine or several train together.

    \b
    Examples:
      pellucid train photos/
      pellucid train photos/ --minutes 5 -o runs/five
      pellucid train photos/ --epochs 20 --size 96 --color gray --seed 3
      pellucid train photos/ --weights runs/others
      pellucid train photos/ --folds 5 --learning-curve --minutes 20
      pellucid train --resume runs/five
      pellucid train shards/ --stream
      torchrun --nproc-per-node 4 -m pellucid train photos/
    """
    if not resumes(context, "run") and data is None:
        raise UsageError("train needs DATA, e.g. 'pellucid train photos/', or --resume RUN.")
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher, WorkerWatcher

    first = place().first
    with TerminalWatcher() if first else WorkerWatcher() as watch:
        if resume is not None:
            run = api.resume(resume, watch=watch)
        else:
            assert data is not None
            run = api.train(
                named_data(data),
                output,
                minutes=minutes,
                epochs=epochs,
                size=size,
                width=width,
                model=model,
                pretrained=pretrained,
                weights=weights,
                seed=seed,
                color=color,
                flip=flip,
                augment=augment,
                balance=balance,
                folds=folds,
                learning_curve=learning_curve,
                stream=stream,
                strict=strict,
                overwrite=overwrite,
                watch=watch,
            )
    if first:
        show(run, as_json)
    elif run.status == "interrupted":
        raise typer.Exit(130)


def show(run: "Run", as_json: bool) -> None:
    """Print how a training ended, and how to go on if it was interrupted.

    Raises:
        typer.Exit: with 130 where Ctrl-C stopped it.
    """
    if as_json:
        tell_json(run.record)
    elif run.status == "finished":
        if run.evaluation is not None:
            from pellucid.cli.show import evaluation_view

            stdout().print(evaluation_view(run.evaluation))
        tell(f"Run     {run.folder}")
        tell(f"Report  {run.report}")
    if run.status == "interrupted":
        say(f"Stopped and saved. To go on: pellucid train --resume {quoted(run.folder)}")
        raise typer.Exit(130)
