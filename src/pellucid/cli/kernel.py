"""``pellucid kernel``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import say, stdout, tell, tell_json
from pellucid.errors import UsageError

if TYPE_CHECKING:
    from pellucid.operators.learn import Learned


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[KERNEL]",
            help="A name, a name with parameters, or weights; all names are listed without one.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the card as a picture."),
    ] = None,
    photo: Annotated[
        Path | None,
        typer.Option("--on", metavar="PHOTO", help="Show what it does to this image on the card."),
    ] = None,
    learn: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--learn", metavar="BEFORE AFTER", help="Find the kernel between two pictures."
        ),
    ] = None,
    size: Annotated[
        int, typer.Option(metavar="K", min=1, help="With --learn: rows and columns of the kernel.")
    ] = 3,
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            help="With --learn: what stood in the padding (zeros, reflect, replicate, circular); "
            "not known by default, so pixels at the border are left out.",
        ),
    ] = None,
    bias: Annotated[
        bool, typer.Option("--bias", help="With --learn: find a number to be added, too.")
    ] = False,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="With --learn: by N steps of gradient descent, as CNNs learn."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the picture if it exists.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as JSON on stdout.")
    ] = False,
) -> None:
    """Show what a kernel is and does: weights, formula, figures, frequency response.

    A kernel is a name (sharpen), a name with parameters (gaussian:2 or gaussian:sigma=2,size=9),
    or weights typed row by row ("0 -1 0; -1 5 -1; 0 -1 0", fractions such as 1/9 allowed; put --
    before it where it starts with a minus).

    \b
    Examples:
      pellucid kernel                             all names with their parameters
      pellucid kernel gaussian:2                  the card of one
      pellucid kernel "1/9 1/9 1/9" -o card.png   any weights; the card as a picture
      pellucid kernel --learn before.png after.png --size 5
      pellucid kernel --learn before.png after.png --steps 1000 -o convergence.png
    """
    if output is not None:
        from pellucid.images.save import format_of

        format_of(output)  # refused before anything is computed
    if learn is not None:
        if name is not None or photo is not None:
            raise UsageError("--learn finds a kernel: leave out its name and --on.")
        _show_learned(_learned(*learn, size, mode, bias, steps), output, as_json)
        return
    if (bias, mode, steps, size) != (False, None, None, 3):
        raise UsageError("--size, --mode, --bias and --steps are about --learn BEFORE AFTER.")
    if name is not None:
        _show_card(name, photo, output, as_json)
        return
    if output is not None or photo is not None:
        raise UsageError("--output and --on are about one kernel: give its name.")
    _show_names(as_json)


def _show_names(as_json: bool) -> None:
    from pellucid.operators.kernels import kernel, names

    if as_json:
        tell_json([kernel(each).to_json() for each in names()])
        return
    from pellucid.cli.kernel_card import names_table

    stdout().print(names_table())


def _show_card(name: str, photo: Path | None, output: Path | None, as_json: bool) -> None:
    from pellucid.operators.kernels import read_kernel

    found = read_kernel(name)
    if output is not None:
        from pellucid.images.read import read_image
        from pellucid.operators.kernels.picture import card_picture

        before = None if photo is None else read_image(photo).pixels
        _save(output, card_picture(found, before))
    elif photo is not None:
        raise UsageError("--on is about the picture of the card: add -o FILE.")
    if as_json:
        tell_json(found.to_json())
        return
    from pellucid.cli.kernel_card import card

    stdout().print(card(found))


def _learned(
    before: Path, after: Path, size: int, mode: str | None, bias: bool, steps: int | None
) -> "Learned":
    from pellucid.images.read import read_image
    from pellucid.operators.learn import learn_kernel, teach_kernel

    first, second = (read_image(path).pixels for path in (before, after))
    mixing = first.shape[2] != second.shape[2]
    if steps is None:
        return learn_kernel(first, second, size, mode=mode, bias=bias, mixing=mixing)
    return teach_kernel(first, second, size, steps=steps, mode=mode, bias=bias, mixing=mixing)


def _show_learned(learned: "Learned", output: Path | None, as_json: bool) -> None:
    if output is not None:
        _save(output, learned.picture())
    if as_json:
        tell_json(learned.to_json())
        return
    from pellucid.cli.kernel_card import weights_lines

    stdout().print(weights_lines(learned.weights))
    if learned.bias is not None:
        tell("bias: " + ", ".join(f"{value:.6g}" for value in learned.bias))
    tell(learned.sentence)
    for note in learned.notes:
        say(note, style="yellow")


def _save(path: Path, pixels: object) -> None:
    from pellucid.images.save import save_image

    save_image(path, pixels, overwrite=True)
    say(f"wrote {path}")
