"""``pellucid evaluate``."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pellucid.cli.calls import named_data
from pellucid.cli.console import stdout, tell_json


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    data: Annotated[
        str,
        typer.Argument(metavar="DATA", help="Labelled images, in any form that train takes."),
    ],
    split: Annotated[
        Literal["train", "val", "test"] | None,
        typer.Option(help="Judge only this part of the data."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every figure as JSON on stdout.")
    ] = False,
) -> None:
    """Judge a trained network on labelled images.

    Accuracy with its 95% interval, scores by class, confusions, calibration.

    \b
    Examples:
      pellucid evaluate runs/photos-1 new-photos/
      pellucid evaluate runs/photos-1 photos/ --split test --json
    """
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher

    with TerminalWatcher() as watch:
        evaluation = api.evaluate(run, named_data(data), split=split, watch=watch)
    if as_json:
        tell_json(evaluation.to_json())
    else:
        from pellucid.cli.show import evaluation_view

        stdout().print(evaluation_view(evaluation))
