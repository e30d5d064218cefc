"""Write a data set as shards."""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data.audit import Audit, make_audit
from pellucid.data.catalogue import Catalogue, Split
from pellucid.data.duplicates import find_duplicates
from pellucid.data.files import FileSource
from pellucid.data.scan import Scan, scan
from pellucid.data.shards.index import Shard, Shards, index_record
from pellucid.data.shards.names import INDEX
from pellucid.data.shards.read import SliceSource
from pellucid.data.splits import PARTS, split_catalogue
from pellucid.errors import StorageError, UsageError
from pellucid.images.save import encode_png
from pellucid.storage import atomic, write_json

#: Suffixes of formats that are kept as they are; others are written as PNG.
_KEPT = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
DEFAULT_SIZE = 256_000_000
#: Names of what is written beside the index.
_OURS = re.compile(rf"({'|'.join(PARTS)})-\d{{6,}}\.tar")


@dataclass(frozen=True, slots=True)
class _Item:
    """One sample to be written: suffix and content of each member."""

    label: int
    members: tuple[tuple[str, bytes], ...]

    @property
    def size(self) -> int:
        return sum(len(content) + 1024 for _, content in self.members)


def write_shards(
    catalogue: Catalogue,
    folder: Path,
    *,
    size: int = DEFAULT_SIZE,
    seed: int = 0,
    overwrite: bool = False,
    advance: Callable[[int], None] | None = None,
    stage: Callable[[str, int | None], None] | None = None,
) -> tuple[Shards, Audit]:
    """Write the images of a data set as tar files, each part by itself.

    Image files are copied as they are (JPEG, PNG, WebP); all else becomes PNG, which loses nothing.
    Training images are shuffled, so that a reader needs to shuffle only a little. Bad images,
    and those that :func:`~pellucid.data.splits.make_splits` leaves out, are left out. The same
    input gives the same bytes. The index is written last: shards without one are unfinished.

    Args:
        catalogue: what to write.
        folder: where; made if need be.
        size: bytes of a shard, about: it is closed once it has as many.
        seed: of the split and the order.
        overwrite: replace shards that are there.
        advance: told the number of images read, then written.
        stage: told what begins.

    Raises:
        UsageError: the folder holds something already, or is the data's own; ``size`` is not
            positive; or the images are streamed.
        StorageError: a file cannot be written.
    """
    _refuse(catalogue, folder, size)
    _clear(folder, overwrite)
    stage = stage or (lambda name, total: None)
    stage("reading images", len(catalogue))
    found = scan(catalogue, advance=advance)
    stage("looking for duplicates", None)
    copies = find_duplicates(found.thumbs, found.digests, found.good)
    splits = split_catalogue(catalogue, copies, found.good, seed=seed)
    audit = make_audit(catalogue, found, copies, splits)
    stage("writing", sum(len(getattr(splits, part)) for part in PARTS))
    shards: list[Shard] = []
    for number, part in enumerate(PARTS):
        order = np.random.default_rng([seed, number]).permutation(getattr(splits, part))
        items = _items(catalogue, found, order.tolist(), advance)
        shards += _write_part(folder, part, items, size, len(catalogue.classes))
    written = Shards(str(folder), catalogue.classes, tuple(shards), numbered=True)
    faults = [{"name": fault.name, "why": fault.why} for fault in found.faults]
    write_json(folder / INDEX, index_record(written, left_out=faults, seed=seed))
    return written, audit


def _refuse(catalogue: Catalogue, folder: Path, size: int) -> None:
    """What cannot be written.

    Raises:
        UsageError: as :func:`write_shards`.
    """
    if size < 1:
        raise UsageError(f"the size of a shard is 1 byte at least, not {size}.")
    if catalogue.stream is not None:
        raise UsageError(
            f"{catalogue.place} is streamed, and shards are written of images at hand: copy it to "
            "this machine first."
        )
    if Path(catalogue.place).resolve() == folder.resolve():
        raise UsageError(f"{folder} holds the data itself: name another folder with -o.")


def _clear(folder: Path, overwrite: bool) -> None:
    """Remove the shards in a folder, those of an interrupted call included, and nothing else."""
    try:
        found = sorted(folder.iterdir()) if folder.exists() else []
        if not found:
            return
        if not all(path.name == INDEX or _OURS.fullmatch(path.name) for path in found):
            raise UsageError(f"{folder} holds more than shards of ours: name another with -o.")
        if not overwrite:
            raise UsageError(f"{folder} holds shards: name another with -o, or give --overwrite.")
        (folder / INDEX).unlink(missing_ok=True)  # first: shards without one are unfinished
        for path in found:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot replace the shards in {folder}: {error.strerror}.") from error


def _items(
    catalogue: Catalogue, found: Scan, order: list[int], advance: Callable[[int], None] | None
) -> Iterator[_Item]:
    """The samples of one part, with the content of their files."""
    source = catalogue.source
    for index in order:
        sample = catalogue.samples[index]
        suffix = _KEPT.get(found.formats[index] or "")
        if suffix is not None and isinstance(source, FileSource | SliceSource):
            content = source.content(index)
        else:
            suffix, content = "png", encode_png(source.load(index).pixels)
        info = {"name": sample.name, "class": catalogue.classes[sample.label]}
        text = json.dumps(info).encode("ascii")
        members = ((suffix, content), ("cls", str(sample.label).encode()), ("json", text))
        yield _Item(sample.label, members)
        if advance is not None:
            advance(1)


def _write_part(
    folder: Path, part: Split, items: Iterator[_Item], size: int, classes: int
) -> Iterator[Shard]:
    """Shards of about so many bytes, until there are no more items."""
    key = 0
    for number, first in enumerate(items):
        path = folder / f"{part}-{number:06d}.tar"
        counts = [0] * classes
        with atomic(path) as temporary:
            with tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar:
                taken = 0
                for item in chain([first], items):
                    _add(tar, f"{part}-{key:09d}", item.members)
                    counts[item.label] += 1
                    taken, key = taken + item.size, key + 1
                    if taken >= size:
                        break
            with temporary.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            bytes_ = temporary.stat().st_size
        yield Shard(path.name, part, tuple(counts), bytes_, digest)


def _add(tar: tarfile.TarFile, key: str, members: Any) -> None:
    """Members without owner and time: nothing but the content decides the bytes."""
    for suffix, content in members:
        info = tarfile.TarInfo(f"{key}.{suffix}")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
