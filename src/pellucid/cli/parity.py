"""``pellucid parity``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import stdout, tell, tell_json

if TYPE_CHECKING:
    from rich.table import Table

    from pellucid.inference.parity import Parity

Tolerance = Annotated[
    float,
    typer.Option(metavar="P", min=0.0, max=1.0, help="Largest difference of a probability."),
]


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    graphs: Annotated[
        list[Path] | None,
        typer.Option("--onnx", metavar="FILE", help="An exported file to compare too; repeatable."),
    ] = None,
    tolerance: Tolerance = 1e-4,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was found as JSON on stdout.")
    ] = False,
) -> None:
    """Ask a trained network in every way there is: are the answers the same?

    The same images go through training code (the reference), the bundle as folder and as .zip,
    ONNX for a batch and for one image of any size, the graph in the bundle, and the service. For
    each way the worst difference of a probability is shown, with its image. The exit code is 1
    where one is beyond the tolerance.

    \b
    Examples:
      pellucid parity runs/photos-1
      pellucid parity runs/photos-1 --onnx flowers.onnx --json
    """
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher

    with TerminalWatcher() as watch:
        parity = api.parity(run, graphs or (), tolerance=tolerance, watch=watch)
    if as_json:
        tell_json(parity.to_json())
    else:
        stdout().print(parity_table(parity))
        tell("All ways agree." if parity.agrees else "Not all ways agree.")
    if not parity.agrees:
        raise typer.Exit(1)


def parity_table(parity: "Parity") -> "Table":
    """A row a way: its worst difference from the reference, and where."""
    from rich.table import Table
    from rich.text import Text

    from pellucid.text import visible

    title = (
        f"{parity.images} images, compared with {parity.reference}; {parity.tolerance:g} allowed"
    )
    table = Table("way", title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("worst difference", justify="right")
    table.add_column("on", overflow="fold")
    table.add_column("")
    for one in parity.differences:
        verdict = Text("same") if one.worst <= parity.tolerance else Text("differs", "red")
        table.add_row(Text(visible(one.way)), f"{one.worst:.1e}", Text(visible(one.image)), verdict)
    return table
