"""One data set on disk for all tools: an image folder with ``train`` and ``test``."""

import shutil
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

from pellucid.cli.console import progress
from pellucid.data.catalogue import Catalogue
from pellucid.data.duplicates import find_duplicates
from pellucid.data.open import open_catalogue
from pellucid.data.scan import Scan, scan
from pellucid.data.splits import Splits, split_catalogue
from pellucid.images.save import encode_png
from pellucid.storage import read_json, write_json

_RECORD = "prepared.json"
#: Files that every tool reads are copied byte for byte; all else becomes PNG.
_KEPT = {".jpg": ".jpg", ".jpeg": ".jpg", ".png": ".png"}


@dataclass(frozen=True)
class Dataset:
    """A prepared data set.

    Attributes:
        folder: holds ``train`` and ``test``, each with a folder per class.
        name: for tables.
        classes: how many.
        train: images to learn from; a tool that validates takes its own part of them.
        test: images to be judged by.
        side: median of the images' shorter sides, in pixels.
        colored: some image has colour.
        how: where the parts come from.
    """

    folder: Path
    name: str
    classes: int
    train: int
    test: int
    side: int
    colored: bool
    how: str


def unpacked(path: Path, work: Path) -> Path:
    """The data set at a path; an archive's only folder, unpacked below ``work``."""
    if ".tar" not in path.suffixes:
        return path
    target = work / path.name.partition(".tar")[0]
    if not target.exists():
        half = target.with_name(f"{target.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        with tarfile.open(path) as archive:
            archive.extractall(half, filter="data")
        half.rename(target)
    [folder] = target.iterdir()
    return folder


def prepare(path: Path, seed: int, work: Path) -> Dataset:
    """Write a data set's common form, or find it written.

    The data's own test part is kept; where there is none, the fifth that ``pellucid train`` would
    draw with this seed is taken. In either case copies of one picture are not in both parts.

    Args:
        path: anything that Pellucid reads, or a tar archive of one folder with it.
        seed: of the split.
        work: folder for what is unpacked and written.
    """
    catalogue = open_catalogue(unpacked(path, work))
    name = path.name.partition(".")[0]
    folder = work / "data" / f"{name}-{seed}-{_stamp(catalogue)}"
    if not (folder / _RECORD).exists():
        shutil.rmtree(folder, ignore_errors=True)
        write_json(folder / _RECORD, asdict(_write(catalogue, name, seed, folder)) | {"folder": ""})
    return Dataset(**read_json(folder / _RECORD) | {"folder": folder})


def _write(catalogue: Catalogue, name: str, seed: int, folder: Path) -> Dataset:
    with progress(len(catalogue), "reading images") as advance:
        # With a visitor they are decoded in full, as for training.
        found = scan(catalogue, visit=lambda index, picture: None, advance=advance)
    splits = split(catalogue, found, seed)
    train = np.union1d(splits.train, splits.val)
    with progress(len(train) + len(splits.test), "writing images") as advance:
        for part, indices in (("train", train), ("test", splits.test)):
            copy_images(catalogue, indices.tolist(), folder / part, advance)
    sides = np.minimum(found.heights, found.widths)[found.good]
    return Dataset(
        folder=folder,
        name=name,
        classes=len(catalogue.classes),
        train=len(train),
        test=len(splits.test),
        side=int(np.median(sides)),
        colored=bool(found.colored.any()),
        how=splits.how,
    )


def split(catalogue: Catalogue, found: Scan, seed: int) -> Splits:
    """The parts that ``pellucid train`` would use."""
    duplicates = find_duplicates(found.thumbs, found.digests, found.good)
    return split_catalogue(catalogue, duplicates, found.good, seed=seed)


def copy_images(
    catalogue: Catalogue, indices: Iterable[int], folder: Path, advance: Callable[[int], None]
) -> None:
    """Write images to ``folder/CLASS/INDEX.SUFFIX``: files as they are, arrays as PNG."""
    for name in catalogue.classes:
        (folder / name).mkdir(parents=True)
    for index in indices:
        sample = catalogue.samples[index]
        target = folder / catalogue.classes[sample.label] / f"{index:06d}"
        file = catalogue.root / sample.name
        kept = _KEPT.get(file.suffix.lower())
        if kept and file.is_file():
            shutil.copyfile(file, target.with_suffix(kept))
        else:
            pixels = catalogue.source.load(index).pixels
            target.with_suffix(".png").write_bytes(encode_png(pixels))
        advance(1)


def _stamp(catalogue: Catalogue) -> str:
    """Changes with the place, the names, sizes and times of the files."""
    digest = blake2b(str(catalogue.root.resolve()).encode(), digest_size=4)
    for index, sample in enumerate(catalogue.samples):
        line = f"{sample.name}\0{sample.label}\0{catalogue.source.stamp(index)}\0"
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
