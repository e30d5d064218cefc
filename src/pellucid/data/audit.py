"""The audit: everything worth knowing of a data set before it is trained on."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.catalogue import Catalogue, Kind, LeftOut
from pellucid.data.duplicates import Duplicates, find_duplicates
from pellucid.data.open import open_catalogue
from pellucid.data.scan import Scan, scan
from pellucid.data.splits import PARTS, Splits, split_catalogue
from pellucid.data.verdicts import HARMLESS, Verdict, judge


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, middle and largest of some sizes, in pixels."""

    least: int
    median: float
    most: int


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Usable images of one class, and how many of them are in each part."""

    name: str
    images: int
    train: int
    val: int
    test: int


@dataclass(frozen=True, slots=True)
class Copy:
    """Two images that are copies of each other.

    Attributes:
        first: name.
        second: name.
        kind: ``exact``, ``near`` or ``mirrored``.
        score: how well they agree, 1 for exact copies.
        classes: their class names.
        own: their parts in the data as it came, ``None`` where it has none.
        straddles: they are in two different parts after the data was split.
    """

    first: str
    second: str
    kind: str
    score: float
    classes: tuple[str, str]
    own: tuple[str | None, str | None]
    straddles: bool


@dataclass(frozen=True)
class Audit:
    """What was found in a data set. Names are those of :class:`~pellucid.data.catalogue.Sample`.

    Attributes:
        root: what was looked at.
        kind: how it is stored.
        images: usable images.
        formats: images by file format.
        modes: images by how the file stored them: ``RGB``, ``palette``, ``gray16``, …
        notes: images by what was done beyond decoding, e.g. ``rotated by EXIF``.
        colored: images with a pixel that is not gray.
        height: of the images; None without images.
        width: likewise.
        classes: in label order.
        imbalance: images of the largest class over those of the smallest that has any; None
            with fewer than two such classes.
        left_out: files met and not taken.
        faults: images that cannot be decoded.
        copies: pairs of copies.
        how: where the parts (train, val, test) come from.
        leaks: images left out since a stricter part has a copy.
        conflicts: images left out since their copies are in another class.
        verdicts: what it means, the gravest first.
        unseen: streamed training images that were not looked at; in no other figure.
    """

    root: str
    kind: Kind
    images: int
    formats: dict[str, int]
    modes: dict[str, int]
    notes: dict[str, int]
    colored: int
    height: Spread | None
    width: Spread | None
    classes: tuple[ClassCount, ...]
    imbalance: float | None
    left_out: tuple[LeftOut, ...]
    faults: tuple[LeftOut, ...]
    copies: tuple[Copy, ...]
    how: str
    leaks: tuple[str, ...]
    conflicts: tuple[str, ...]
    verdicts: tuple[Verdict, ...] = ()
    unseen: int = 0

    @property
    def complete(self) -> bool:
        """Nothing was left out but hidden and system files, and nothing was faulty."""
        return not self.faults and all(entry.why in HARMLESS for entry in self.left_out)

    def count_copies(self) -> dict[str, dict[str, int]]:
        """Pairs of copies by ``kind``, by ``parts`` (``within``/``across`` the data's own) and
        by ``classes`` (``within``/``across``)."""
        places = ("across", "within")
        return {
            "kind": dict(Counter(copy.kind for copy in self.copies)),
            "parts": dict(Counter(places[len(set(copy.own)) == 1] for copy in self.copies)),
            "classes": dict(Counter(places[len(set(copy.classes)) == 1] for copy in self.copies)),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values."""
        values = asdict(self) | {"copy_counts": self.count_copies()}
        values["parts"] = {part: sum(getattr(c, part) for c in self.classes) for part in PARTS}
        return values


def make_audit(catalogue: Catalogue, scan: Scan, duplicates: Duplicates, splits: Splits) -> Audit:
    """Gather what the parts of the reading found.

    Args:
        catalogue: the data set, of N samples.
        scan: of its N samples.
        duplicates: among them.
        splits: of them.
    """
    classes = _classes(catalogue, scan.good, splits)
    counts = [each.images for each in classes if each.images]
    samples = catalogue.samples
    facts = Audit(
        root=str(catalogue.root),
        kind=catalogue.kind,
        images=int(scan.good.sum()),
        formats=scan.formats.counts(),
        modes=scan.modes.counts(),
        notes=scan.note_counts(),
        colored=int(scan.colored[scan.good].sum()),
        height=_spread(scan.heights[scan.good]),
        width=_spread(scan.widths[scan.good]),
        classes=classes,
        imbalance=max(counts) / min(counts) if len(counts) > 1 else None,
        left_out=catalogue.left_out,
        faults=scan.faults,
        copies=_copies(catalogue, duplicates, splits),
        how=splits.how,
        leaks=tuple(samples[index].name for index in splits.leaks),
        conflicts=tuple(samples[index].name for index in splits.conflicts),
        unseen=0 if catalogue.stream is None else catalogue.stream.unseen,
    )
    return replace(facts, verdicts=judge(facts))


def audit_data(
    data: str | Path, *, seed: int = 0, advance: Callable[[int], None] | None = None
) -> Audit:
    """Read a data set and audit it.

    Args:
        data: as :func:`pellucid.train` takes it.
        seed: of the split, where the data has none of its own.
        advance: called with the number of images read since its last call.

    Raises:
        DataError: the data set cannot be used.
    """
    catalogue = open_catalogue(data)
    try:
        found = scan(catalogue, advance=advance)
    finally:
        catalogue.source.close()
    duplicates = find_duplicates(found.thumbs, found.digests, found.good)
    splits = split_catalogue(catalogue, duplicates, found.good, seed=seed)
    return make_audit(catalogue, found, duplicates, splits)


def _spread(sizes: NDArray[np.int32]) -> Spread | None:
    if not len(sizes):
        return None
    return Spread(int(sizes.min()), float(np.median(sizes)), int(sizes.max()))


def _classes(
    catalogue: Catalogue, good: NDArray[np.bool_], splits: Splits
) -> tuple[ClassCount, ...]:
    labels = catalogue.labels
    columns: Sequence[NDArray[np.intp]] = [
        np.bincount(labels[chosen], minlength=len(catalogue.classes))
        for chosen in (np.flatnonzero(good), splits.train, splits.val, splits.test)
    ]
    rows = np.stack(columns, axis=1).tolist()
    return tuple(ClassCount(name, *row) for name, row in zip(catalogue.classes, rows, strict=True))


def _copies(catalogue: Catalogue, duplicates: Duplicates, splits: Splits) -> tuple[Copy, ...]:
    part = np.full(len(catalogue), -1)
    for number, chosen in enumerate((splits.train, splits.val, splits.test)):
        part[chosen] = number
    found = []
    for first, second, kind, score in duplicates:
        one, other = catalogue.samples[first], catalogue.samples[second]
        found.append(
            Copy(
                one.name,
                other.name,
                kind,
                round(score, 4),
                (catalogue.classes[one.label], catalogue.classes[other.label]),
                (one.split, other.split),
                bool(min(part[first], part[second]) >= 0 and part[first] != part[second]),
            )
        )
    return tuple(found)
