"""Look at a data set, and write it as shards."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pellucid.data.audit import Audit


def audit(
    data: str | Path, *, seed: int = 0, advance: Callable[[int], None] | None = None
) -> "Audit":
    """Look at a data set as before a training, without training.

    Args:
        data: as :func:`train` takes it.
        seed: of the split, where the data has none of its own.
        advance: told the number of images read since its last call.

    Raises:
        DataError: the data set cannot be used.
    """
    from pellucid.data.audit import audit_data

    return audit_data(data, seed=seed, advance=advance)


def shard(
    data: str | Path,
    output: str | Path,
    *,
    size: int = 256_000_000,
    seed: int = 0,
    overwrite: bool = False,
    watch: Watcher | None = None,
) -> dict[str, Any]:
    """Write a data set as tar files of samples: split, shuffled, checked, and with an index.

    Args:
        data: as :func:`train` takes it.
        output: folder for the shards; the same data gives the same bytes.
        size: bytes of a shard, about.
        seed: of the split and the order.
        overwrite: replace shards that are there.
        watch: told what happens.

    Returns:
        The index: classes, and for each shard its part, counts, bytes and checksum.

    Raises:
        DataError: the data set cannot be used.
        UsageError: there are shards already.
        StorageError: a file cannot be written.
    """
    from pellucid.data.open import open_catalogue
    from pellucid.data.shards import INDEX
    from pellucid.data.shards.write import write_shards
    from pellucid.storage import read_json

    watch = watch or Watcher()
    catalogue = open_catalogue(data)
    try:
        _, audit = write_shards(
            catalogue,
            Path(output),
            size=size,
            seed=seed,
            overwrite=overwrite,
            advance=watch.advance,
            stage=watch.stage,
        )
    finally:
        catalogue.source.close()
    watch.audit(audit)
    return read_json(Path(output) / INDEX)
