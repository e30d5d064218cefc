"""``pellucid describe``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import say, stdout, tell, tell_json
from pellucid.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.cli.subject import Subject, Wanted
    from pellucid.ledger import Ledger

#: Wide enough for every column.
_ALL_COLUMNS_WIDTH = 400


def command(
    networks: Annotated[
        list[str],
        typer.Argument(
            metavar="NETWORK [OTHER]",
            help="A registered name, a run or bundle folder, or path.py:factory, which EXECUTES "
            "that file. Two are compared.",
        ),
    ],
    size: Annotated[
        int | None,
        typer.Option(
            metavar="S",
            min=1,
            help="Side of the input in pixels  [default: the network's, e.g. 224]",
        ),
    ] = None,
    channels: Annotated[
        int | None,
        typer.Option(metavar="C", min=1, help="Of the input  [default: the network's, e.g. 3]"),
    ] = None,
    classes: Annotated[
        int | None,
        typer.Option(
            metavar="K", min=1, help="Scores to make  [default: the network's, e.g. 1000]"
        ),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(metavar="NxCxHxW", help="Shape of the input, whatever it is, e.g. 1x4x200."),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            metavar="D", min=1, help="Modules deeper than this are folded  [default: ~30 lines]"
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as JSON, a row a call.")
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")] = False,
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="Print every column, however wide.")
    ] = False,
    equivariance: Annotated[
        bool, typer.Option("--equivariance", help="Measure instead: shift in, shift out?")
    ] = False,
    matrix: Annotated[
        str | None,
        typer.Option(metavar="LAYER", help="Show instead a convolution as a sparse matrix."),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(metavar="LAYER", help="Whose maps --equivariance compares  [default: last]"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PICTURE",
            help="Drawing to write (.svg), or the matrix (.png).",
        ),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option(metavar="C", help="Of the drawing: macs, parameters, receptive  [macs]"),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the picture if it exists.")
    ] = False,
) -> None:
    """Account for a network: parameters, multiply-adds, bytes, receptive fields.

    Nothing is run and no weights are needed, except for --equivariance and --matrix: these take
    the weights of a run, and random ones (seed 0) of a registered network.

    \b
    Examples:
      pellucid describe googlenet
      pellucid describe runs/photos-1 --depth 3
      pellucid describe nets.py:MyNet --size 64 --classes 10
      pellucid describe alexnet nin --size 227
      pellucid describe googlenet -o network.svg    a drawing: where is the cost?
      pellucid describe compact --size 64 --equivariance
      pellucid describe lenet --size 28 --channels 1 --matrix trunk.c1 -o matrix.png
    """
    from pellucid.cli.subject import Wanted

    _check(networks, equivariance, matrix, as_json, as_csv, layer)
    _check_picture(networks, equivariance, matrix, output, color, overwrite)
    needs_weights = equivariance or matrix is not None
    wanted = Wanted(size, channels, classes, shape, needs_weights)
    if equivariance:
        _measure(networks[0], wanted, layer, as_json)
    elif matrix is not None:
        _show_matrix(networks[0], wanted, matrix, as_json, output, overwrite)
    else:
        _account(networks, wanted, depth, as_json, as_csv, all_columns, output, color)


def _check(
    networks: list[str],
    equivariance: bool,
    matrix: str | None,
    as_json: bool,
    as_csv: bool,
    layer: str | None,
) -> None:
    instead = equivariance + (matrix is not None)
    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other: give one of them.")
    if instead > 1 or (instead and as_csv):
        raise UsageError("--equivariance, --matrix and --csv exclude each other.")
    if len(networks) > (1 if instead else 2):
        most = "one network" if instead else "one network, or two to compare"
        raise UsageError(f"expected {most}, found {len(networks)}.")
    if layer is not None and not equivariance:
        raise UsageError("--layer is about --equivariance: give both.")


def _check_picture(
    networks: list[str],
    equivariance: bool,
    matrix: str | None,
    output: Path | None,
    color: str | None,
    overwrite: bool,
) -> None:
    """Refuse what cannot be drawn or written, before anything is counted."""
    drawn = output is not None and matrix is None
    if color is not None and not drawn:
        raise UsageError("--color is about the drawing of a network: add -o FILE.svg.")
    if drawn and (equivariance or len(networks) > 1):
        raise UsageError("--output takes the drawing of one network, or of its --matrix.")
    if output is not None and drawn:
        from pellucid.drawing import check_color, checked

        checked(output, overwrite=overwrite)
        check_color(color or "macs")


def _account(
    words: list[str],
    wanted: "Wanted",
    depth: int | None,
    as_json: bool,
    as_csv: bool,
    all_columns: bool,
    output: Path | None,
    color: str | None,
) -> None:
    found = [_ledger(word, wanted) for word in words]
    for one, account in found:
        for row in account.unknown:
            say(f"{one.name}: {row.name}: '{row.node.operation}' is not known, and not counted.")
    if as_json:
        records = [{"name": one.name, **account.to_json()} for one, account in found]
        tell_json(records[0] if len(records) == 1 else records)
    elif as_csv:
        _write_csv(found, depth)
    else:
        _print_views(found, depth, all_columns)
    if output is not None:
        from pellucid.drawing import draw

        one, account = found[0]
        drawing = draw(account, depth=depth, color=color or "macs", name=Path(one.name).name)
        drawing.save(output, overwrite=True)  # whether it may be replaced was asked before
        say(f"Wrote {output}.")


def _print_views(
    found: "list[tuple[Subject, Ledger]]", depth: int | None, all_columns: bool
) -> None:
    if len(found) == 2:
        from pellucid.cli.comparing import comparison_view

        stdout().print(comparison_view(found[0], found[1], depth))
    else:
        from pellucid.cli.describing import ledger_view

        view = ledger_view(*found[0], depth, all_columns)
        (_wide() if all_columns else stdout()).print(view)


def _wide() -> "Console":
    from rich.console import Console

    return Console(highlight=False, width=_ALL_COLUMNS_WIDTH)


def _ledger(word: str, wanted: "Wanted") -> "tuple[Subject, Ledger]":
    from pellucid.cli.subject import subject
    from pellucid.ledger import ledger

    one = subject(word, wanted)
    return one, ledger(one.network, one.shape)


def _write_csv(found: "list[tuple[Subject, Ledger]]", depth: int | None) -> None:
    import csv

    from pellucid.ledger.records import group_record

    writer = csv.writer(sys.stdout, lineterminator="\n")
    for place, (one, account) in enumerate(found):
        for line, group in enumerate(account.fold(depth)):
            record = {"network": one.name, **group_record(group, account.totals.macs)}
            if place == line == 0:
                writer.writerow(record)
            writer.writerow(record.values())


def _measure(word: str, wanted: "Wanted", layer: str | None, as_json: bool) -> None:
    from pellucid.cli.subject import subject
    from pellucid.ledger import equivariance

    one = subject(word, wanted)
    if len(one.shape) != 4:
        raise UsageError("--equivariance is about images: expected --shape NxCxHxW.")
    _, channels, height, width = one.shape
    found = equivariance(one.network, (channels, height, width), layer=layer)
    if as_json:
        tell_json({"name": one.name, **found.to_json()})
    else:
        from pellucid.cli.measuring import equivariance_view

        stdout().print(equivariance_view(found))


def _show_matrix(
    word: str,
    wanted: "Wanted",
    layer: str,
    as_json: bool,
    output: Path | None,
    overwrite: bool,
) -> None:
    from pellucid.capture import capture
    from pellucid.cli.subject import subject
    from pellucid.ledger import layer_matrix

    one = subject(word, wanted)
    found = layer_matrix(one.network, capture(one.network, one.shape), layer)
    if output is not None:
        from pellucid.images.save import save_image

        save_image(output, found.picture(), overwrite=overwrite)
    if as_json:
        tell_json({"name": one.name, "layer": layer, **found.to_json()})
    else:
        from pellucid.cli.measuring import matrix_lines

        for line in matrix_lines(layer, found):
            tell(line)
    if output is not None:
        say(f"Wrote {output}.")
