"""``pellucid verify``."""

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.console import progress, stdout, tell_json


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="An image file.")],
    every: Annotated[
        bool,
        typer.Option("--all", help="Recompute every number, however many there are."),
    ] = False,
    samples: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Recompute N numbers of each layer."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every figure as JSON on stdout.")
    ] = False,
) -> None:
    """Recompute a network's numbers on an image without torch, layer by layer.

    In float64, from the values that the network itself had as each layer's inputs. So a layer
    that computes something else than it says is named, and nothing accumulates. Without options
    every number of a small network is recomputed, and ten numbers of each layer of a large one.
    The exit code is 1 where a layer is wrong.

    \b
    Examples:
      pellucid verify runs/photos-1 photo.jpg
      pellucid verify runs/photos-1 photo.jpg --all --json
    """
    from pellucid import api
    from pellucid.errors import PellucidError, UsageError

    if every and samples is not None:
        raise UsageError("--all and --samples ask for different things: give one of them.")
    trace = api.trace(run, image)
    with progress(len(trace.nodes), "verifying") as advance:
        found = api.verify(
            trace,
            all=True if every else None,
            samples=samples,
            advance=advance,
        )
    if as_json:
        tell_json(found.to_json())
    else:
        stdout().print(found)
    if not found.agrees:
        names = ", ".join(check.name for check in found.wrong)
        raise PellucidError(f"{run}: wrong on {image}: {names}.")
