"""The index of a set of shards: its classes, and for each shard its part, counts and checksum."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pellucid.data.catalogue import Split
from pellucid.data.naming import natural_key, split_named
from pellucid.data.shards.names import INDEX, LIST, PIPE, expand, is_local, opened
from pellucid.data.shards.tar import MOST_TEXT, TarSample, read_samples
from pellucid.errors import DataError

SCHEMA = 1
_WORD = re.compile("[A-Za-z]+")
_MOST_INDEX = 64 * MOST_TEXT


@dataclass(frozen=True, slots=True)
class Shard:
    """One tar file.

    Attributes:
        name: where it is.
        split: the part of the data that its samples belong to; None where it has none.
        counts: samples of each class.
        size: bytes; None where that is not known.
        sha256: of its content, as hexadecimal digits; None where that is not known.
    """

    name: str
    split: Split | None
    counts: tuple[int, ...]
    size: int | None = None
    sha256: str | None = None

    @property
    def samples(self) -> int:
        """How many."""
        return sum(self.counts)


@dataclass(frozen=True)
class Shards:
    """A set of shards.

    Attributes:
        address: what the user named.
        classes: names in label order.
        shards: in their order.
        numbered: labels are numbers of classes (an index says so); else their names.
    """

    address: str
    classes: tuple[str, ...]
    shards: tuple[Shard, ...]
    numbered: bool

    def part(self, split: Split | None) -> "Shards":
        """Those of one part."""
        return replace(self, shards=tuple(s for s in self.shards if s.split == split))

    @property
    def samples(self) -> int:
        """How many in all."""
        return sum(shard.samples for shard in self.shards)

    @property
    def counts(self) -> list[int]:
        """Samples of each class."""
        return [sum(column) for column in zip(*(s.counts for s in self.shards), strict=True)]

    @property
    def local(self) -> bool:
        """Whether all are files of this machine."""
        return all(is_local(shard.name) for shard in self.shards)

    @property
    def fingerprint(self) -> str:
        """A word that changes when the shards do, as far as the index tells."""
        facts = [[s.name.rpartition("/")[2], s.counts, s.size, s.sha256] for s in self.shards]
        return json.dumps([self.classes, facts])

    def label(self, sample: TarSample) -> int | None:
        """A sample's class; None where it has none, or none that is known."""
        if sample.label is None:
            return None
        if not self.numbered:
            return self.classes.index(sample.label) if sample.label in self.classes else None
        number = int(sample.label) if sample.label.isdecimal() else -1
        return number if 0 <= number < len(self.classes) else None

    def samples_of(self, shard: Shard, *, images: bool = True) -> Iterator[TarSample]:
        """The samples of one shard, from front to back.

        Raises:
            DataError: the shard is damaged, or has not as many samples as the index says.
        """
        count = 0
        with opened(shard.name) as stream:
            for sample in read_samples(stream, shard.name, images=images):
                count += 1
                yield sample
        if count != shard.samples:
            raise DataError(
                f"the shard {shard.name!r} has {count:,} samples, not {shard.samples:,}: it is "
                "damaged, or belongs to another index."
            )


def open_shards(address: str, advance: Callable[[int], None] | None = None) -> Shards:
    """The shards that a name means.

    Where they have an index beside them it is believed; else all are read once, to count.

    Args:
        address: a folder with an index, an index, a tar file, a pattern such as
            ``train-{000..009}.tar``, several of these with ``::`` between, ``pipe:COMMAND``, or any
            URL that fsspec opens.
        advance: told the number of samples counted.

    Raises:
        DataError: there is none, or one cannot be used.
    """
    if is_local(address) and (Path(address).expanduser() / INDEX).is_file():
        address = str(Path(address).expanduser() / INDEX)
    if address.endswith(f"/{INDEX}") or address == INDEX:
        return _indexed(address, address.removesuffix(INDEX))
    names = expand(address)
    bases = {name.rpartition("/")[0] + "/" * ("/" in name) for name in names}
    if len(bases) == 1 and not names[0].startswith(PIPE):
        [base] = bases
        try:
            whole = _indexed(base + INDEX, base)
        except DataError:
            return _counted(address, names, advance)  # there is no index, or it is not ours
        known = {shard.name: shard for shard in whole.shards}
        if all(name in known for name in names):
            return replace(whole, address=address, shards=tuple(known[name] for name in names))
    return _counted(address, names, advance)


def _indexed(name: str, base: str) -> Shards:
    """The set that an index describes; names in it are those of files beside it."""
    with opened(name) as stream:
        content = stream.read(_MOST_INDEX + 1)
    try:
        record = json.loads(content)
        if record["format"] != "pellucid-shards" or record["schema"] != SCHEMA:
            raise ValueError(f"schema {record.get('schema')!r} is not known")
        classes = tuple(str(each) for each in record["classes"])
        shards = tuple(_shard(entry, base, len(classes)) for entry in record["shards"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{name!r} is no index of shards that can be used: {error}.") from error
    return Shards(base.rstrip("/") or ".", classes, shards, numbered=True)


def _shard(entry: dict[str, Any], base: str, classes: int) -> Shard:
    name = str(entry["name"])
    if "/" in name or name in ("", ".", "..") or name.startswith(PIPE) or LIST in name:
        raise ValueError(f"the shard's name {name!r} leads elsewhere")
    counts = tuple(int(count) for count in entry["counts"])
    if len(counts) != classes or min(counts, default=0) < 0:
        raise ValueError(f"the counts of {name!r} do not fit the classes")
    split = None if entry["split"] is None else split_named(str(entry["split"]))
    return Shard(base + name, split, counts, int(entry["bytes"]), str(entry["sha256"]))


def _counted(address: str, names: Sequence[str], advance: Callable[[int], None] | None) -> Shards:
    """Shards without an index: all are read once, and the words in ``.cls`` are the classes."""
    found: list[dict[str, int]] = []
    for name in names:
        counts: dict[str, int] = {}
        with opened(name) as stream:
            for sample in read_samples(stream, name, images=False):
                counts[sample.label or ""] = counts.get(sample.label or "", 0) + 1
                if advance is not None:
                    advance(1)
        found.append(counts)
    labels = {label for counts in found for label in counts} - {""}
    classes = tuple(sorted(labels, key=natural_key))
    if len(classes) < 2:
        raise DataError(
            f"the shards {address!r} have {len(classes)} classes: expected samples with an image "
            "and a .cls member, of at least two classes."
        )
    lost = sum(counts.get("", 0) for counts in found)
    if lost:
        raise DataError(f"{lost:,} samples in {address!r} have no .cls member, so no class.")
    shards = tuple(
        Shard(name, _split_of(name), tuple(counts.get(label, 0) for label in classes))
        for name, counts in zip(names, found, strict=True)
    )
    return Shards(address, classes, shards, numbered=False)


def _split_of(name: str) -> Split | None:
    """The part that the first word of a shard's file name means."""
    word = _WORD.match(name.rpartition("/")[2])
    return split_named(word.group()) if word and not name.startswith(PIPE) else None


def index_record(shards: Shards, **facts: Any) -> dict[str, Any]:
    """The index as JSON values."""
    entries = []
    for shard in shards.shards:
        entry = asdict(shard)
        entry["bytes"] = entry.pop("size")
        entries.append({**entry, "samples": shard.samples})
    return {
        "format": "pellucid-shards",
        "schema": SCHEMA,
        "classes": list(shards.classes),
        "shards": entries,
        **facts,
    }
