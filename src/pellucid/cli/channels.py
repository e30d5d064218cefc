"""``pellucid channels``."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import complain, progress, say
from pellucid.errors import DataError, PellucidError, UsageError

if TYPE_CHECKING:
    from pellucid.cli.channels_print import Writer
    from pellucid.cli.channels_view import View
    from pellucid.cli.outputs import Job


def command(
    photos: Annotated[
        list[str],
        typer.Argument(
            metavar="PHOTO", help="Image files, or folders, searched with all below them."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write a picture: a file for one photo, a folder for several.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="rgb, hsv, hsl, lab, ycbcr or gray. [default: rgb]"),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANNEL", help="Only this channel, e.g. saturation, red or Cb."),
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANNEL", help="Add r, g or b to the other two."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANNELS", help="Keep these, e.g. r,b; the others become 0."),
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="CHANNELS", help="Set these to 0.")
    ] = None,
    swap: Annotated[
        list[str] | None, typer.Option(metavar="A,B", help="Exchange two channels, e.g. r,b.")
    ] = None,
    turn: Annotated[
        list[float] | None, typer.Option(metavar="DEGREES", help="Turn every hue.")
    ] = None,
    mix: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MATRIX",
            help="A row a channel, e.g. '1 0 0; 0 1/2 1/2; 0 0 1'; a fourth number is added.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="The numbers around y,x, or of the rows and columns y0:y1,x0:x1."
        ),
    ] = None,
    size: Annotated[
        int, typer.Option(metavar="N", min=1, help="With --at y,x: N×N pixels, at most 32×32.")
    ] = 8,
    histogram: Annotated[
        bool, typer.Option("--histogram", help="How often each value occurs.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array, an object a photo.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that exist.")
    ] = False,
) -> None:
    """Look at an image's channels, and do arithmetic with them.

    Prints the least, mean and greatest value of each channel; -o writes the channels as
    pictures on one sheet. With an operation (add, keep, drop, swap, turn, mix) the picture that
    it makes is measured and written. Each operation starts from the photo: several share a sheet.
    A file that cannot be read is named on stderr and passed over; the exit code is 1 only if
    none could be read.

    \b
    Examples:
      pellucid channels cat.jpg --model hsv -o planes.png
      pellucid channels cat.jpg --only saturation -o saturation.png
      pellucid channels cat.jpg --turn 120 -o another-cat.png
      pellucid channels cat.jpg --add g --swap r,b --mix "1 0 0; 0 .5 .5; 0 0 1" -o sheet.png
      pellucid channels cat.jpg --at 120,80 --size 6
      pellucid channels photos/ --model lab --histogram -o histograms/
    """
    from pellucid.cli.channel_steps import steps_of
    from pellucid.cli.channels_print import writer_for
    from pellucid.cli.channels_view import Form, View
    from pellucid.cli.inputs import named_paths
    from pellucid.cli.outputs import jobs_for

    if at is not None and histogram:
        raise UsageError("--at and --histogram exclude each other: give one of them.")
    steps = steps_of(add or (), keep or (), drop or (), swap or (), turn or (), mix or ())
    form = Form.GRID if at is not None else Form.HISTOGRAM if histogram else Form.PLANES
    view = View(form, tuple(steps), model, tuple(only or ()), at or "", size)
    paths = named_paths(photos, complain)
    if not paths:
        raise DataError(f"expected images in {', '.join(photos)}, found none.")
    jobs = jobs_for(photos, paths, output, overwrite=overwrite)
    writer = writer_for(view, photos=len(jobs), as_json=as_json, quiet=output is not None)
    failed = _work(jobs, view, writer, overwrite)
    writer.close()
    if failed == len(jobs):
        raise typer.Exit(1)


def _work(jobs: "Iterable[Job]", view: "View", writer: "Writer", overwrite: bool) -> int:
    """Do every photo; how many failed."""
    jobs = list(jobs)
    failed = 0
    with progress(len(jobs), "photos") as advance:
        for job in jobs:
            try:
                _one(job, view, writer, overwrite)
            except PellucidError as error:
                if isinstance(error, UsageError) and len(jobs) == 1:
                    raise
                failed += 1
                complain(_named(error, job.source))
                writer.fail(job.source, str(error))
            advance(1)
    return failed


def _one(job: "Job", view: "View", writer: "Writer", overwrite: bool) -> None:
    from pellucid.cli.outputs import make_parent
    from pellucid.images.read import read_image
    from pellucid.images.save import save_image

    results = view.of(read_image(job.source).pixels)
    if job.target is not None:
        make_parent(job.target)
        save_image(job.target, view.picture(results), overwrite=overwrite)
        say(f"Written: {job.target}")
    writer.add(job.source, results)


def _named(error: PellucidError, source: str) -> str:
    """The message, with the photo's name if it does not have it."""
    return str(error) if source in str(error) else f"{source}: {error}"
