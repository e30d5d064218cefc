"""``pellucid kernel``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.console import say, stdout, tell, tell_json
from pellucid.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pellucid.images.raw import Pixels
    from pellucid.operators.kernels import Kernel
    from pellucid.operators.learn import Learned


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="KERNEL",
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
    mixing: Annotated[
        bool,
        typer.Option(
            "--mixing",
            help="With --learn: a filter over all channels. By default one kernel for each alike; "
            "always where one picture is gray and the other is not.",
        ),
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
        options = {"size": size, "mode": mode, "bias": bias, "mixing": mixing}
        _show_learned(_learned(*learn, steps, options), output, overwrite, as_json)
        return
    if (size, mode, bias, mixing, steps) != (3, None, False, False, None):
        raise UsageError(
            "--size, --mode, --bias, --mixing and --steps are about --learn BEFORE AFTER."
        )
    if name is not None:
        _show_card(name, photo, output, overwrite, as_json)
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


def _show_card(
    name: str, photo: Path | None, output: Path | None, overwrite: bool, as_json: bool
) -> None:
    from pellucid.operators.kernels import read_kernels

    found = read_kernels(name)
    if output is not None:
        _save(output, _card_picture(found, photo), overwrite)
    elif photo is not None:
        raise UsageError("--on is about the picture of the card: add -o FILE.")
    if as_json:
        records = [each.to_json() for each in found]
        tell_json(records[0] if len(records) == 1 else records)
        return
    from pellucid.cli.kernel_card import bank_table, card

    stdout().print(card(found[0], stdout().width) if len(found) == 1 else bank_table(found))


def _card_picture(found: "Sequence[Kernel]", photo: Path | None) -> "Pixels":
    """The card of a kernel, or the weights of all in a bank (on a photo: what they make of it)."""
    from pellucid.images.read import read_image
    from pellucid.images.sheet import contact_sheet
    from pellucid.operators.kernels import label
    from pellucid.operators.kernels.apply import apply_kernel
    from pellucid.operators.kernels.picture import card_picture, weights_picture

    before = None if photo is None else read_image(photo).pixels
    if len(found) == 1:
        return card_picture(found[0], before)
    return contact_sheet(
        [
            (
                label(each),
                weights_picture(each.weights)
                if before is None
                else apply_kernel(before, each).pixels,
            )
            for each in found
        ]
    )


def _learned(before: Path, after: Path, steps: int | None, options: dict[str, Any]) -> "Learned":
    from pellucid.images.read import read_image
    from pellucid.operators.learn import learn_kernel, teach_kernel

    first, second = (read_image(path).pixels for path in (before, after))
    options["mixing"] |= first.shape[2] != second.shape[2]
    if steps is None:
        return learn_kernel(first, second, **options)
    return teach_kernel(first, second, steps=steps, **options)


def _show_learned(learned: "Learned", output: Path | None, overwrite: bool, as_json: bool) -> None:
    if output is not None:
        _save(output, learned.picture(), overwrite)
    if as_json:
        tell_json(learned.to_json())
        return
    from pellucid.cli.kernel_card import weights_lines

    stdout().print(weights_lines(learned.weights, stdout().width))
    if learned.bias is not None:
        tell("bias: " + ", ".join(f"{value:.6g}" for value in learned.bias))
    tell(learned.sentence)
    for note in learned.notes:
        say(note, style="yellow")


def _save(path: Path, pixels: "Pixels", overwrite: bool) -> None:
    from pellucid.images.save import save_image

    save_image(path, pixels, overwrite=overwrite)
    say(f"Written: {path}")
