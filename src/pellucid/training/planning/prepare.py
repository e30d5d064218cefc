"""From what the user named to images ready to train on: read, audit, split."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.audit import Audit, make_audit
from pellucid.data.cache import PixelCache, load_pixels
from pellucid.data.catalogue import Catalogue
from pellucid.data.duplicates import find_duplicates
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.probe import probe
from pellucid.data.scan import Scan
from pellucid.data.splits import VAL_FRACTION, Splits, split_catalogue
from pellucid.errors import DataError
from pellucid.training.choices.wishes import Wishes
from pellucid.training.planning.plan import NATIVE_SIZE, choose_size, plain_record
from pellucid.watch import Watcher


@dataclass(frozen=True)
class Prepared:
    """A data set, decoded, audited and split.

    Attributes:
        catalogue: where it came from.
        scan: what one pass over it found.
        pixels: the fitted images.
        labels: (N,) class of each.
        splits: which images are for what.
        audit: what is to be said of it.
        groups: (N,) the group of copies that each is in.
        geometry: how the images were fitted; mean and std are placeholders.
        fingerprint: of the images' content, labels and splits, as hexadecimal digits.
    """

    catalogue: Catalogue
    scan: Scan
    pixels: PixelCache
    labels: NDArray[np.intp]
    splits: Splits
    audit: Audit
    groups: NDArray[np.intp]
    geometry: Preprocessing
    fingerprint: str

    @property
    def train_counts(self) -> NDArray[np.intp]:
        """Images of each class to learn from, those that are streamed included, (K,)."""
        stream = self.catalogue.stream
        if stream is not None:
            return np.array(stream.shards.counts, np.intp)
        learnt = self.labels[self.splits.train]
        return np.bincount(learnt, minlength=len(self.catalogue.classes))

    @property
    def train_count(self) -> int:
        """Images to learn from."""
        return int(self.train_counts.sum())


def choose_geometry(catalogue: Catalogue, wishes: Wishes) -> Preprocessing:
    """Colour mode and size of the input, from a look at some of the images."""
    look = probe(catalogue)
    colored = look.colored if wishes.color == "auto" else wishes.color == "rgb"
    channels = 3 if colored else 1
    height, width = choose_size(
        wishes, len(catalogue), channels, (look.height, look.width), look.alike
    )
    return plain_record(channels, height, width)


def prepare_as_wished(
    catalogue: Catalogue, wishes: Wishes, watch: Watcher, *, memory_limit: int | None = None
) -> Prepared:
    """Choose the input's size and colours, then :func:`prepare`.

    The choice rests on a look at some images: where others turn out to have colour after all,
    they are read again.
    """
    geometry = choose_geometry(catalogue, wishes)
    share = val_share(wishes.folds)

    def read(geometry: Preprocessing) -> Prepared:
        return prepare(
            catalogue,
            geometry,
            wishes.seed,
            watch,
            memory_limit=memory_limit,
            val_fraction=share,
        )

    prepared = read(geometry)
    if wishes.color == "auto" and geometry.color == "gray" and prepared.scan.colored.any():
        watch.message("Some images have colour after all: reading them again as RGB.")
        prepared.pixels.close()
        prepared = read(choose_geometry(catalogue, replace(wishes, color="rgb")))
    return prepared


def prepare_again(
    catalogue: Catalogue,
    record: dict[str, Any] | None,
    geometry: Preprocessing,
    watch: Watcher,
    *,
    memory_limit: int | None = None,
) -> Prepared:
    """Decode, audit and split as for a run, or as by default where there is none.

    Args:
        catalogue: the data set; the run's own gives the run's splits and fingerprint.
        record: of the run, None for a bundle alone.
        geometry: how to fit an image.
        watch: told what happens.
        memory_limit: see :func:`prepare`.

    Raises:
        DataError: the images cannot be read.
        KeyError: the record is damaged.
    """
    wishes = {"seed": 0} if record is None else record["wishes"]
    return prepare(
        catalogue,
        geometry,
        wishes["seed"],
        watch,
        memory_limit=memory_limit,
        val_fraction=val_share(wishes.get("folds")),
    )


def val_share(folds: int | None) -> float:
    """Share of the training images that only choose weights: none beside a cross-validation.

    That judges every training image already, and a last network may learn from all of them.
    """
    return VAL_FRACTION if folds is None else 0.0


def prepare(
    catalogue: Catalogue,
    geometry: Preprocessing,
    seed: int,
    watch: Watcher,
    *,
    memory_limit: int | None = None,
    val_fraction: float = VAL_FRACTION,
) -> Prepared:
    """Decode, audit and split a data set.

    Args:
        catalogue: the data set.
        geometry: how to fit an image.
        seed: of the split.
        watch: told what happens.
        memory_limit: bytes of pixels to keep in memory, see
            :func:`~pellucid.data.cache.load_pixels`.
        val_fraction: share of the training images to choose weights by, where the data has no
            such part of its own.

    Raises:
        DataError: the images cannot be read.
    """
    watch.stage("reading images", len(catalogue))
    scan, pixels = load_pixels(
        catalogue, geometry, memory_limit=memory_limit, advance=watch.advance
    )
    watch.stage("looking for duplicates", None)
    duplicates = find_duplicates(scan.thumbs, scan.digests, scan.good)
    splits = split_catalogue(catalogue, duplicates, scan.good, seed=seed, val_fraction=val_fraction)
    audit = make_audit(catalogue, scan, duplicates, splits)
    watch.audit(audit)
    fingerprint, groups = fingerprint_of(catalogue, scan, splits), duplicates.groups
    labels = catalogue.labels
    return Prepared(catalogue, scan, pixels, labels, splits, audit, groups, geometry, fingerprint)


def is_posed(scan: Scan) -> bool:
    """All images have one size, and a small one (see :mod:`pellucid.training.choices.rules`)."""
    heights, widths = scan.heights[scan.good], scan.widths[scan.good]
    alike = np.ptp(heights) == 0 and np.ptp(widths) == 0
    return bool(alike) and max(heights[0], widths[0]) <= NATIVE_SIZE


def refuse_hopeless(prepared: Prepared) -> None:
    """Make sure that there is something to tell apart.

    Raises:
        DataError: the training images are of fewer than two classes.
    """
    catalogue = prepared.catalogue
    present = np.unique(prepared.labels[prepared.splits.train])
    if len(present) < 2:
        found = ", ".join(catalogue.classes[label] for label in present) or "none"
        raise DataError(
            f"{catalogue.root}: at least two classes are needed to train; after broken files and "
            f"duplicates are left out, the training images have: {found}."
        )


def fingerprint_of(catalogue: Catalogue, scan: Scan, splits: Splits) -> str:
    """Of the images' content, labels and splits, as hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\0".join(catalogue.classes).encode("utf-8", "surrogatepass"))
    for part in (splits.train, splits.val, splits.test):
        for index in part.tolist():
            digest.update(scan.digests[index].tobytes())
            digest.update(catalogue.samples[index].label.to_bytes(4, "little"))
        digest.update(b"|")
    if catalogue.stream is not None:
        digest.update(catalogue.stream.shards.fingerprint.encode())
    return digest.hexdigest()
