"""``pellucid export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import stdout, tell, tell_json
from pellucid.cli.parity import Tolerance

if TYPE_CHECKING:
    from pellucid.inference.export import Exported


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="A .onnx or .zip file to write  [default: model.onnx in the bundle]",
        ),
    ] = None,
    batch: Annotated[
        bool,
        typer.Option("--batch", help="ONNX: take N images at the network's size, not one of any."),
    ] = False,
    cam: Annotated[
        bool, typer.Option("--cam", help="ONNX: give the class activation maps too.")
    ] = False,
    tolerance: Tolerance = 1e-4,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was found as JSON on stdout.")
    ] = False,
) -> None:
    """Write a trained network as one file that gives the same answers.

    A .zip is the bundle. A .onnx has the preprocessing inside: it takes one H×W×C image of any
    size, uint8, and gives named probabilities; class names and card are in its metadata. Without
    -o the graph becomes part of the bundle: then `pellucid predict` does without torch.

    The file is tried on the run's own validation images and on odd ones. Where a probability
    differs by more than the tolerance it is not written, and the exit code is 1.

    \b
    Examples:
      pellucid export runs/photos-1 -o flowers.onnx
      pellucid export runs/photos-1 -o flowers.zip
      pellucid export runs/photos-1
    """  # fmt: skip
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher
    from pellucid.errors import ParityError

    try:
        with TerminalWatcher() as watch:
            exported = api.export(
                run,
                output,
                batch=batch,
                cam=cam,
                tolerance=tolerance,
                overwrite=overwrite,
                watch=watch,
            )
    except ParityError as error:
        if as_json:
            tell_json({"path": None, "bytes": None, "parity": error.parity})
        raise
    if as_json:
        tell_json(exported.to_json())
    else:
        _show(exported)


def _show(exported: "Exported") -> None:
    from pellucid.cli.parity import parity_table

    stdout().print(parity_table(exported.parity))
    tell(f"Wrote {exported.path}, {exported.bytes / 1e6:,.1f} MB: the same answers.")
