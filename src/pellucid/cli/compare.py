"""``pellucid compare``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.calls import named_data, quoted, resumes
from pellucid.cli.console import complain, say, stdout, tell, tell_json
from pellucid.cli.options import Augment, Balance, Color, Flip, Size, Strict
from pellucid.cli.watching import TerminalWatcher
from pellucid.errors import UsageError

if TYPE_CHECKING:
    from pellucid.comparison.folder import Comparison


def command(
    context: typer.Context,
    data: Annotated[
        list[str] | None,
        typer.Argument(metavar="DATA", help="Labelled images, in any form that train takes."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Comparison folder to write  [default: comparisons/NAME-N]",
        ),
    ] = None,
    models: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME...",
            help="Networks, after DATA  [default: fully_connected locally_connected compact "
            "nin_small googlenet_small]",
        ),
    ] = None,
    heads: Annotated[
        bool,
        typer.Option(
            "--heads", help="Compare heads on one trunk (compact, or that of --models) instead."
        ),
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="M", help="Training of each network, in minutes  [default: 1]"),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(metavar="N", help="Passes of each network instead of minutes.")
    ] = None,
    seeds: Annotated[
        int, typer.Option(metavar="S", help="Trainings of each network, each from its own seed.")
    ] = 1,
    parameters: Annotated[
        int | None,
        typer.Option(metavar="P", help="Size networks to about so many parameters."),
    ] = None,
    size: Size = None,
    seed: Annotated[
        int, typer.Option(metavar="K", help="Of the split, and the first of the seeds.")
    ] = 0,
    color: Color = "auto",
    flip: Flip = "auto",
    augment: Augment = "auto",
    balance: Balance = "auto",
    strict: Strict = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the comparison folder if it exists.")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Go on with an interrupted comparison, with its own options."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the comparison's record as JSON on stdout.")
    ] = False,
) -> None:
    """Train several networks on the same data under one budget; see how they stand.

    Accuracy with its 95% interval, parameters, multiply-adds (MACs), seconds and memory, as a
    table, a CSV file and a page. Ctrl-C saves, and says how to go on.

    \b
    Examples:
      pellucid compare photos/
      pellucid compare photos/ --models compact nin_small --minutes 2
      pellucid compare photos/ --heads --epochs 10 --seeds 3
      pellucid compare --resume comparisons/photos-1
    """
    names = _check_call(context, data or [], models or [])
    from pellucid import api

    with _ComparisonWatcher() as watch:
        if resume is not None:
            comparison = api.resume_comparison(resume, watch=watch)
        else:
            assert data
            comparison = api.compare(
                named_data(data[0]),
                output,
                models=names,
                heads=heads,
                minutes=minutes,
                epochs=epochs,
                seeds=seeds,
                parameters=parameters,
                size=size,
                seed=seed,
                color=color,
                flip=flip,
                augment=augment,
                balance=balance,
                strict=strict,
                overwrite=overwrite,
                watch=watch,
            )
    _show(comparison, as_json)


class _ComparisonWatcher(TerminalWatcher):
    """A line an epoch would be hundreds of lines: the bar tells enough."""

    def epoch(self, record: dict[str, Any]) -> None:
        pass


def _check_call(context: typer.Context, words: list[str], models: list[str]) -> tuple[str, ...]:
    """The names of the networks: ``--models a b c`` reaches us as a, and b and c after DATA."""
    if resumes(context, "comparison"):
        return ()
    if not words:
        raise UsageError("compare needs DATA, e.g. 'pellucid compare photos/', or --resume FOLDER.")
    if words[1:] and not models:
        raise UsageError(
            f"compare takes one DATA, not {len(words)} ('{words[1]}' is the second); names of "
            "networks come after --models."
        )
    return tuple(name for word in [*models, *words[1:]] for name in word.replace(",", " ").split())


def _show(comparison: "Comparison", as_json: bool) -> None:
    """Print how a comparison ended.

    Raises:
        typer.Exit: with 130 where Ctrl-C stopped it, with 1 where no network finished.
    """
    if as_json:
        tell_json(comparison.record)
    elif comparison.standings:
        from pellucid.cli.standings import standings_view

        stdout().print(standings_view(comparison.standings, comparison.findings))
        tell()
        tell(f"Folder  {comparison.folder}")
        tell(f"Page    {comparison.page}")
    if comparison.status == "interrupted":
        say(f"Stopped and saved. To go on: pellucid compare --resume {quoted(comparison.folder)}")
        raise typer.Exit(130)
    for member in comparison.failures:
        complain(f"{member['folder']} did not finish: {member['error']}")
    if not comparison.standings:
        complain("No network finished.")
        raise typer.Exit(1)
