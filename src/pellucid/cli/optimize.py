"""``pellucid optimize``."""

from pathlib import Path
from typing import Annotated

import typer

from pellucid.api import DEFAULT_TIMING_SECONDS
from pellucid.cli.console import stdout, tell_json


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle folder.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Labelled images of the training, where the run does not name them."),
    ] = None,
    batch: Annotated[
        int, typer.Option(metavar="N", min=1, help="Images at once at which all is timed.")
    ] = 16,
    seconds: Annotated[
        float, typer.Option(metavar="S", min=0.1, max=600, help="For each timing, about.")
    ] = DEFAULT_TIMING_SECONDS,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole plan as JSON on stdout.")
    ] = False,
) -> None:
    """Find the fastest way to run a network here that gives the same answers.

    Graph rewrites, runtimes, threads and int8 are tried one at a time, timed in alternated
    rounds, and kept only where they are faster beyond the spread and faithful. The plan is stored
    beside the bundle's card; it is for this machine alone, and recognised elsewhere.

    \b
    Examples:
      pellucid optimize runs/photos-1
      pellucid optimize runs/photos-1 --batch 1 --json > plan.json
    """
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher

    with TerminalWatcher() as watch:
        plan = api.optimize(run, data, batch=batch, seconds=seconds, watch=watch)
    if as_json:
        tell_json(plan.to_json())
    else:
        from pellucid.cli.plan_view import plan_view

        stdout().print(plan_view(plan, batch))
