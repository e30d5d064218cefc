"""``pellucid shard``."""

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.calls import named_data
from pellucid.cli.console import stdout, tell, tell_json
from pellucid.errors import UsageError


def command(
    data: Annotated[
        str,
        typer.Argument(metavar="DATA", help="Labelled images, in any form that train takes."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write the shards to.")
    ],
    size: Annotated[
        float, typer.Option(metavar="MB", help="Megabytes (10⁶ bytes) of a shard, about.")
    ] = 256.0,
    seed: Annotated[int, typer.Option(metavar="K", help="Fixes the split and the order.")] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the shards in DIR.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the index as JSON on stdout.")
    ] = False,
) -> None:
    """Write a data set as tar files of samples, split, shuffled and checked, with an index.

    WebDataset and other readers take them as they are. For data that does not fit on one disk:
    train reads them from a path, a pipe or a URL.

    \b
    Examples:
      pellucid shard photos/ -o shards/
      pellucid shard photos/ -o shards/ --size 64
      pellucid train shards/ --stream
      pellucid train 's3://bucket/photos/train-{000000..000099}.tar'
      pellucid train 'pipe:ssh host cat photos/train-000000.tar'
    """
    if not 1 <= size * 1e6 < float("inf"):
        raise UsageError(f"--size is a number of megabytes above 0, not {size:g}.")
    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher

    with TerminalWatcher() as watch:
        index = api.shard(
            named_data(data),
            output,
            size=round(size * 1e6),
            seed=seed,
            overwrite=overwrite,
            watch=watch,
        )
    if as_json:
        tell_json(index)
        return
    from rich.table import Table

    table = Table("part", "shards", "samples", "MB", box=None, pad_edge=False)
    for part in ("train", "val", "test"):
        shards = [shard for shard in index["shards"] if shard["split"] == part]
        samples, megabytes = (sum(shard[key] for shard in shards) for key in ("samples", "bytes"))
        table.add_row(part, f"{len(shards):,}", f"{samples:,}", f"{megabytes / 1e6:,.1f}")
    stdout().print(table)
    tell(f"Shards  {output}")
