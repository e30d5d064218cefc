"""``pellucid filter``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pellucid.cli.console import complain, progress, say, tell, tell_json
from pellucid.errors import DataError, PellucidError, UsageError

if TYPE_CHECKING:
    from pellucid.cli.outputs import Job
    from pellucid.images.raw import Pixels
    from pellucid.operators.kernels import Kernel
    from pellucid.operators.kernels.apply import Applied, Signed

#: With more images than this, only a summary is printed.
MOST_LINES = 40


def command(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="PHOTO", help="Image files; folders, searched with all below them."),
    ],
    kernels: Annotated[
        list[str],
        typer.Option(
            "--kernel",
            "-k",
            metavar="KERNEL",
            help="A name (sharpen), with parameters (gaussian:2), or weights "
            '("0 -1 0; -1 5 -1; 0 -1 0"); several make a contact sheet.',
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT", help="A file for one photo; else a folder, made new."
        ),
    ],
    padding: Annotated[
        str,
        typer.Option(
            metavar="PADDING", help="same, valid, full, or a number of pixels on every side."
        ),
    ] = "same",
    mode: Annotated[
        str,
        typer.Option(
            metavar="MODE", help="What stands in it: reflect, replicate, circular, zeros."
        ),
    ] = "reflect",
    stride: Annotated[
        int, typer.Option(metavar="N", min=1, help="Pixels from one window to the next.")
    ] = 1,
    dilation: Annotated[
        int, typer.Option(metavar="N", min=1, help="Pixels from one weight to the next.")
    ] = 1,
    flip: Annotated[
        bool, typer.Option("--flip", help="Turn the kernel by half a circle: true convolution.")
    ] = False,
    luminance: Annotated[
        bool, typer.Option("--luminance", help="Filter brightness only and keep the colours.")
    ] = False,
    signed: Annotated[
        bool | None,
        typer.Option(
            "--signed/--saturate",
            help="Show 0 as mid-gray, or cut off at 0 and 255. By default: signed where the "
            "weights add up to 0.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace images that exist.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done as JSON on stdout.")
    ] = False,
) -> None:
    """Filter photos with any kernel.

    The kernel is laid on the picture as printed (cross-correlation, as in CNNs); --flip turns it.
    Each channel is filtered alone, unless --luminance is given. A photo that cannot be read or
    filtered is named on stderr and passed over; the exit code is 1 only if none was filtered.

    \b
    Examples:
      pellucid filter cat.jpg --kernel sharpen -o sharp.png
      pellucid filter cat.jpg -k box:5 -k sobel_x -k emboss -o sheet.png
      pellucid filter cat.jpg -k "1 0 -1; 2 0 -2; 1 0 -1" --luminance -o edges.png
      pellucid filter photos/ -k gaussian:sigma=3 -o blurred/
      pellucid kernel                       all names
    """
    from pellucid.cli.inputs import named_paths
    from pellucid.cli.outputs import jobs_for
    from pellucid.operators.kernels import read_kernels
    from pellucid.operators.kernels.apply import sums_to_zero

    chosen = [kernel for text in kernels for kernel in read_kernels(text)]
    options: dict[str, Any] = {
        "stride": stride,
        "dilation": dilation,
        "padding": _padding(padding),
        "mode": mode,
    }
    _check(chosen, options)
    shown: Signed = "auto" if signed is None else "gray" if signed else "saturate"
    options |= {"flip": flip, "luminance": luminance, "signed": shown}
    paths = named_paths(inputs, complain)
    if not paths:
        raise DataError(f"expected images in {', '.join(inputs)}, found none.")
    records = []
    with progress(len(paths), "filtering") as advance:
        for job in jobs_for(inputs, paths, output, overwrite=overwrite):
            records.append(_filter_one(job, chosen, options, alone=len(paths) == 1))
            advance(1)
    if as_json:
        tell_json(records)
    else:
        _tell(records)
        if shown == "auto" and any(map(sums_to_zero, chosen)):
            say(
                "Kernels whose weights add up to 0 are shown with gray for 0; --saturate cuts off "
                "at 0 and 255 instead."
            )
    if all("error" in record for record in records):
        raise typer.Exit(1)


def _padding(text: str) -> str | int:
    try:
        return int(text)
    except ValueError:
        return text


def _check(kernels: "Sequence[Kernel]", options: dict[str, Any]) -> None:
    """Refuse options that no picture could be filtered with, before any is read."""
    from pellucid.geometry import window

    for kernel in kernels:
        window((1, 1), kernel.shape, **options)


def _filter_one(
    job: "Job", kernels: "Sequence[Kernel]", options: dict[str, Any], *, alone: bool
) -> dict[str, Any]:
    """Filter one image and write the result; what was done, or what went wrong."""
    from pellucid.cli.outputs import make_parent
    from pellucid.images.read import read_image
    from pellucid.images.save import save_image
    from pellucid.operators.kernels import label
    from pellucid.operators.kernels.apply import apply_kernel

    try:
        pixels = read_image(job.source).pixels
        found = [apply_kernel(pixels, kernel, **options) for kernel in kernels]
        assert job.target is not None
        make_parent(job.target)
        save_image(job.target, _result(pixels, kernels, found), overwrite=True)
    except PellucidError as error:
        if alone and isinstance(error, UsageError):
            raise
        sentence = str(error) if job.source in str(error) else f"{job.source}: {error}"
        complain(sentence)
        return {"name": job.source, "error": sentence}
    return {
        "name": job.source,
        "size": list(pixels.shape),
        "output": str(job.target),
        "kernels": [
            {
                "kernel": kernel.text,
                "label": label(kernel),
                "size": list(applied.pixels.shape),
                "way": applied.way,
                "why": applied.why,
                "note": applied.note,
            }
            for kernel, applied in zip(kernels, found, strict=True)
        ],
    }


def _result(pixels: "Pixels", kernels: "Sequence[Kernel]", found: "Sequence[Applied]") -> "Pixels":
    if len(found) == 1:
        return found[0].pixels
    from pellucid.images.sheet import contact_sheet
    from pellucid.operators.kernels import label

    pairs = zip(kernels, found, strict=True)
    return contact_sheet(
        [("original", pixels), *((label(kernel), applied.pixels) for kernel, applied in pairs)]
    )


def _tell(records: Sequence[dict[str, Any]]) -> None:
    done = [record for record in records if "error" not in record]
    if len(done) > MOST_LINES:
        folder = Path(done[0]["output"]).parent
        tell(f"{len(done):,} of {len(records):,} images filtered, into {folder} and below.")
        return
    for record in done:
        tell(f"{record['output']}: {_size(record['size'])} from {record['name']}")
        for each in record["kernels"]:
            note = f"; {each['note']}" if each["note"] else ""
            tell(f"  {each['label']}: {_size(each['size'])}, {each['way']}{note}")


def _size(shape: Sequence[int]) -> str:
    """Height × width; what the channels are is seen."""
    return f"{shape[0]} × {shape[1]}"
