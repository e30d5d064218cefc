"""``pellucid explain``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from pellucid.cli.console import say, stdout, tell_json
from pellucid.errors import StorageError, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from pellucid.cli.explain_account import Way
    from pellucid.explain import Trace
    from pellucid.images.raw import Pixels
    from pellucid.report.explanation import Explanation

#: Suffixes of pages.
PAGES = (".html", ".htm")


class Answer(Protocol):
    """What a question about a network finds, in the forms that a command gives it."""

    def view(self, *, colour: bool) -> "RenderableType":
        """For people; ``colour`` where the terminal can show a picture."""

    def record(self) -> dict[str, Any]:
        """For machines."""

    def picture(self) -> "Pixels":
        """(H, W, 3) uint8; raises UsageError where there is none."""

    def page(self) -> "Explanation":
        """What a page shows of it."""


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="An image file.")],
    target: Annotated[
        str | None,
        typer.Option(
            "--class", "-c", metavar="CLASS", help="Name or number  [default: the network's answer]"
        ),
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Why this class and not that one.")
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD",
            help="auto, cam, grad-cam, occlusion, gradient or integrated  [default: auto: cam "
            "where it is exact, else grad-cam]",
        ),
    ] = None,
    layers: Annotated[
        bool, typer.Option("--layers", help="Show instead: all layers, with the shapes.")
    ] = False,
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="LAYER",
            help="Show instead: this layer's feature maps. With --method grad-cam: whose maps.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="C,Y,X",
            help="Account for one number of --layer: channel, row, column, each from 0.",
        ),
    ] = None,
    down: Annotated[
        str | None,
        typer.Option(
            metavar="K,…", help="Go on to term K of the account, then to a term of that one, …"
        ),
    ] = None,
    path: Annotated[
        bool, typer.Option("--path", help="Follow the largest term, down to a pixel.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="Write a picture (.png) or a page (.html)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT if it exists.")
    ] = False,
) -> None:
    """Explain what a network makes of a picture, down to any single number.

    Without --layer: the scores, and a map of what in the picture speaks for the class and what
    against it, with the sum that makes the score. With --layer and --at: how that number came
    about, term by term, recomputed in float64 beside the network's own.

    \b
    Examples:
      pellucid explain runs/photos-1 cat.jpg
      pellucid explain runs/photos-1 cat.jpg -o why.html     one page with everything
      pellucid explain runs/photos-1 cat.jpg --class lynx --against cat -o why.png
      pellucid explain runs/photos-1 cat.jpg --layers
      pellucid explain runs/photos-1 cat.jpg --layer stem.0 -o maps.png
      pellucid explain runs/photos-1 cat.jpg --layer stem.0 --at 3,10,12
      pellucid explain runs/photos-1 cat.jpg --layer head.maps --at 0,2,2 --path
    """
    asked = {"--class": target, "--against": against, "--method": method}
    _check(asked, layers, layer, at, down, path)
    _check_output(output, layers, overwrite)
    from pellucid import api
    from pellucid.cli.explain_account import Way, numbers

    place, terms = numbers(at, "--at", "3,10,12"), numbers(down, "--down", "0,2")
    trace = api.trace(run, image)
    answer: Answer
    if layers:
        from pellucid.cli.explain_layers import Layers

        answer = Layers(trace)
    elif layer is not None and method is None:
        way = None if place is None else Way(place, terms or (), path)
        answer = _of_layer(trace, layer, way)
    else:
        from pellucid.cli.explain_class import class_answer

        answer = class_answer(trace, target, against, method or "auto", layer)
    if as_json:
        tell_json({"run": str(run), "image": str(image), **answer.record()})
    else:
        console = stdout()
        console.print(answer.view(colour=console.is_terminal and console.color_system is not None))
    if output is not None:
        _write(answer, output, run, image, overwrite)


def _of_layer(trace: "Trace", layer: str, way: "Way | None") -> Answer:
    """One number of a layer, or its maps."""
    try:
        trace.node(layer)
    except UsageError as error:
        raise UsageError(f"{error} On the command line --layers lists them.") from error
    if way is not None:
        from pellucid.cli.explain_account import account_answer

        return account_answer(trace, layer, way)
    from pellucid.cli.explain_maps import maps_answer

    return maps_answer(trace, layer)


def _check(
    about_class: dict[str, str | None],
    layers: bool,
    layer: str | None,
    at: str | None,
    down: str | None,
    path: bool,
) -> None:
    """Refuse options that do not go together."""
    given = [name for name, value in about_class.items() if value is not None]
    by_class = "--method" in given
    if layers and (layer is not None or given):
        raise UsageError(f"--layers is a list of layers: leave {(given or ['--layer'])[0]} out.")
    if layer is not None and given and not by_class:
        raise UsageError(
            f"{given[0]} is about a class and --layer about a layer: leave one out, or add "
            "--method grad-cam for the class map of this layer."
        )
    if at is not None and (layer is None or by_class):
        raise UsageError("--at is a position in a layer: expected --layer, and no --method.")
    if at is None and (path or down is not None):
        raise UsageError("--path and --down begin at one number: expected --layer and --at.")
    if path and down is not None:
        raise UsageError("--path and --down exclude each other: give one of them.")


def _check_output(output: Path | None, layers: bool, overwrite: bool) -> None:
    """Refuse what cannot be written, before anything is computed."""
    if output is None:
        return
    from pellucid.errors import unknown_name
    from pellucid.images.save import SUFFIXES

    if layers:
        raise UsageError("--layers is a list of layers: there is nothing to write to --output.")
    suffix = output.suffix.lower()
    if suffix not in (*SUFFIXES, *PAGES):
        raise unknown_name("suffix", suffix or output.name, (*SUFFIXES, *PAGES))
    if output.exists() and not overwrite:
        raise StorageError(f"{output} exists: choose another -o, or replace it with --overwrite.")
    if not output.parent.is_dir():
        raise StorageError(f"cannot write {output}: the folder {output.parent} does not exist.")


def _write(answer: Answer, output: Path, run: Path, image: Path, overwrite: bool) -> None:
    if output.suffix.lower() in PAGES:
        from pellucid.report.explanation import write_explanation

        write_explanation(output, answer.page(), run=str(run), image=str(image))
    else:
        from pellucid.images.save import save_image

        save_image(output, answer.picture(), overwrite=overwrite)
    say(f"Wrote {output}.")
