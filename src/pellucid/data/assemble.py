"""The last step of every reader: records with class names to a catalogue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pellucid.data.catalogue import Catalogue, Kind, LeftOut, Sample, Source, Split
from pellucid.data.naming import natural_key
from pellucid.errors import DataError


@dataclass(frozen=True, slots=True)
class Record:
    """One image as a reader found it.

    Attributes:
        name: see :class:`pellucid.data.catalogue.Sample`.
        label: name of its class.
        split: the data set's own split, or None.
    """

    name: str
    label: str
    split: Split | None


def assemble(
    root: Path,
    kind: Kind,
    records: Sequence[Record],
    source: Source,
    *,
    known: Iterable[str] | None = None,
    left_out: Iterable[LeftOut] = (),
) -> Catalogue:
    """A catalogue of records in the order given.

    Args:
        root: what the user named.
        kind: how it is stored.
        records: at least two, of at least two classes.
        source: loads record *i*.
        known: all class names in label order; None takes those of the records, in natural
            order. Known classes without an image are dropped and reported as left out.
        left_out: what the reader passed over.

    Raises:
        DataError: there are no images, or only one class.
    """
    used = {record.label for record in records}
    names = list(known) if known is not None else sorted(used, key=natural_key)
    classes = tuple(name for name in names if name in used)
    if not classes:
        raise DataError(f"no images found in {str(root)!r}: expected at least two classes of them.")
    if len(classes) == 1:
        raise DataError(
            f"{str(root)!r} has only one class, {classes[0]!r}: a classifier needs at least two."
        )
    index = {name: label for label, name in enumerate(classes)}
    samples = [Sample(record.name, index[record.label], record.split) for record in records]
    empty = [no_images(name) for name in names if name not in used]
    return Catalogue(root, kind, classes, samples, (*left_out, *empty), source)


def no_images(name: str) -> LeftOut:
    """A class that is named, but of which there is nothing."""
    return LeftOut(name, "empty-class", f"class {name!r} has no image")
