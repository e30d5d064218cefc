"""A folder per class, with or without folders per split."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from pellucid.data.assemble import Record, assemble, no_images
from pellucid.data.catalogue import Catalogue, LeftOut
from pellucid.data.files import FileSource
from pellucid.data.naming import natural_key, split_named
from pellucid.data.walk import Found, walk
from pellucid.errors import DataError


def read_folder(root: str | Path) -> Catalogue:
    """The images below a folder, labelled by the folders they lie in.

    ``root/CLASS/…/image`` or ``root/SPLIT/CLASS/…/image``: the class is the first folder below
    the root or below the split's folder, and images in deeper folders belong to it.

    Folders are splits (``train``, ``training``, ``val``, ``valid``, ``validation``, ``dev``,
    ``test``, ``testing``, in any case) when all top folders with images have such names, or
    when there is one for training and one for another split; then other top folders are left
    out as ``no-class``. A single ``train`` among other folders is a class of that name.

    Left out and reported: hidden and system files, files without the suffix of an image, images
    that lie in no class folder (``no-class``), class folders without images (``empty-class``),
    folders that cannot be listed, links that loop.

    Args:
        root: the folder.

    Raises:
        DataError: it cannot be listed, is empty, has no images, no class folders, or only one.

    Example::

        catalogue = read_folder("photos")
        catalogue.classes        # ('cat', 'dog')
        catalogue.samples[0]     # Sample(name='cat/1.jpg', label=0, split=None)
    """
    root = Path(root)
    try:
        found = walk(os.fspath(root))
    except OSError as error:
        raise DataError(
            f"cannot list the folder {str(root)!r}: {error.strerror}; check its permissions."
        ) from error
    found.images.sort(key=natural_key)
    with_splits = _has_splits(found.images)
    records, unplaced = _place(found.images, with_splits)
    if not records:
        raise DataError(_nothing(root, found))
    if len({record.label for record in records}) == 1:
        _refuse_wrapper(root, records)
    left_out = [*found.left_out, *unplaced, *_empty(found.folders, records, with_splits)]
    left_out.sort(key=lambda item: natural_key(item.name))
    names = [record.name for record in records]
    source = FileSource(names, [f"{root}/{name}" for name in names])
    return assemble(root, "folder", records, source, left_out=left_out)


def _has_splits(images: list[str]) -> bool:
    """Whether the top folders are splits."""
    tops = {name.split("/", 1)[0] for name in images if "/" in name}
    splits = {split_named(top) for top in tops}
    all_named = bool(tops) and None not in splits
    return all_named or ("train" in splits and len(splits - {None}) > 1)


def _place(images: list[str], with_splits: bool) -> tuple[list[Record], list[LeftOut]]:
    """Class and split of every image, by the folders it lies in."""
    records, unplaced = [], []
    for name in images:
        folders = name.split("/")[:-1]
        split = split_named(folders.pop(0)) if with_splits and folders else None
        if with_splits and split is None:
            unplaced.append(LeftOut(name, "no-class", "it lies beside the folders of the splits"))
        elif not folders:
            unplaced.append(LeftOut(name, "no-class", "it does not lie in the folder of a class"))
        else:
            records.append(Record(name, folders[0], split))
    return records, unplaced


def _empty(folders: list[str], records: list[Record], with_splits: bool) -> list[LeftOut]:
    """Class folders below which there is no image, in any split."""
    depth = 2 if with_splits else 1
    used = {record.label for record in records}
    empty = []
    for name in folders:
        parts = name.split("/")
        in_place = not with_splits or split_named(parts[0]) is not None
        if len(parts) == depth and in_place and parts[-1] not in used:
            empty.append(replace(no_images(parts[-1]), name=name))
    return empty


def _nothing(root: Path, found: Found) -> str:
    """The sentence for a folder without labelled images."""
    if found.images:
        return (
            f"the {len(found.images)} images in {str(root)!r} lie in no class folder: put each "
            f"into a folder named after its class."
        )
    if not found.left_out and not found.folders:
        return f"the folder {str(root)!r} is empty: expected a folder of images per class."
    counts = Counter(item.why for item in found.left_out)
    passed = ", ".join(f"{count} {why}" for why, count in sorted(counts.items())) or "nothing else"
    return f"no image found in {str(root)!r} ({passed}): expected a folder of images per class."


def _refuse_wrapper(root: Path, records: list[Record]) -> None:
    """One class whose folder has several: probably the user meant that one.

    Raises:
        DataError: always in that case.
    """
    label = records[0].label
    below = {record.name.split(f"{label}/", 1)[1].split("/", 1)[0] for record in records}
    inner = root / records[0].name.split(f"{label}/", 1)[0] / label
    if len(below) > 1 and all((inner / name).is_dir() for name in list(below)[:3]):
        raise DataError(
            f"{str(root)!r} has only one class, {label!r}: a classifier needs at least two; "
            f"if the {len(below)} folders in it are the classes, name {str(inner)!r} instead."
        )
