"""Open any data set: find out what it is, and let the reader for that read it."""

from pathlib import Path

from pellucid.data.catalogue import Catalogue
from pellucid.data.folder import read_folder
from pellucid.data.idx import is_idx_images, read_idx
from pellucid.data.manifest import PARQUET_SUFFIXES, TEXT_SUFFIXES, read_manifest
from pellucid.data.npz import read_npz
from pellucid.data.shards import is_shards
from pellucid.data.shards.names import lasting
from pellucid.errors import DataError


def place_of(name: str | Path) -> str:
    """What opens a data set again, from any folder: the place of the catalogue at a name."""
    if is_shards(name):
        return lasting(str(name))
    return str(Path(name).expanduser().resolve())


def open_catalogue(path: str | Path, *, stream: bool = False) -> Catalogue:
    """The data set at a path, whichever kind it is.

    ==============================================  ==============================================
    a folder with ``*-images-idx3-ubyte[.gz]``      :func:`pellucid.data.idx.read_idx`
    any other folder                                :func:`pellucid.data.folder.read_folder`
    ``.npz``                                        :func:`pellucid.data.npz.read_npz`
    ``.csv``, ``.tsv``, ``.parquet``, ``.pq``       :func:`pellucid.data.manifest.read_manifest`
    one ``*-images-idx3-ubyte[.gz]``                :func:`pellucid.data.idx.read_idx`
    shards: ``.tar``, a URL, a folder of them       :func:`pellucid.data.shards.read.read_shards`
    ==============================================  ==============================================

    Nothing is decoded yet. Close ``catalogue.source`` when done.

    Args:
        path: what names the data set.
        stream: leave the training images in their shards, to be read anew each epoch.

    Raises:
        DataError: there is nothing there, it is of no such kind, or it cannot be used.

    >>> open_catalogue("no/such/folder")
    Traceback (most recent call last):
    pellucid.errors.DataError: there is no file or folder 'no/such/folder'.
    """
    if is_shards(path):
        from pellucid.data.shards.read import read_shards

        return read_shards(str(path), stream=stream)
    if stream:
        raise DataError(f"only shards can be streamed: make them with 'pellucid shard {path}'.")
    path = Path(path).expanduser()
    suffix = path.suffix.lower()
    try:
        if path.is_dir():
            has_idx = any(is_idx_images(entry) for entry in path.iterdir())
            return read_idx(path) if has_idx else read_folder(path)
        if not path.exists():
            raise DataError(f"there is no file or folder {str(path)!r}.")
    except OSError as error:
        raise DataError(f"cannot open {str(path)!r}: {error.strerror}.") from error
    if suffix == ".npz":
        return read_npz(path)
    if suffix in TEXT_SUFFIXES + PARQUET_SUFFIXES:
        return read_manifest(path)
    if is_idx_images(path):
        return read_idx(path)
    raise DataError(
        f"{str(path)!r} is no data set that Pellucid reads: expected a folder of class folders, a "
        f"folder of idx files, a .npz, .csv, .tsv or .parquet file, or shards (.tar)."
    )
