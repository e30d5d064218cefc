"""NumPy's .npz: images and labels as named arrays."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.arrays import ArraySource, Block
from pellucid.data.assemble import Record, assemble
from pellucid.data.catalogue import Catalogue, Split
from pellucid.errors import DataError

#: Names of images and labels for each split: plain, Keras' and MedMNIST's.
_KEYS: tuple[tuple[str, str, Split | None], ...] = (
    ("images", "labels", None),
    ("x", "y", None),
    *((f"x_{split}", f"y_{split}", split) for split in ("train", "val", "test")),
    *((f"{split}_images", f"{split}_labels", split) for split in ("train", "val", "test")),
)
_CLASS_KEYS = ("class_names", "classes")
_CHANNELS = (1, 3, 4)


@dataclass(frozen=True, slots=True)
class _Part:
    key: str
    images: NDArray[Any]
    labels: list[str]
    split: Split | None


def read_npz(path: str | Path) -> Catalogue:
    """The images of an .npz file.

    Arrays by name: ``images`` and ``labels`` or ``x`` and ``y``; with splits ``x_train``,
    ``y_train`` and so on for ``val`` and ``test``, or ``train_images``, ``train_labels`` and so
    on. Images are (N, H, W), (N, H, W, C) or (N, C, H, W) with C = 1, 3 or 4, of any real type
    (see :func:`pellucid.images.depth.scaling`); labels are (N,) or (N, 1), integers or texts. An
    optional ``class_names`` gives the names of labels 0, 1, …. Nothing pickled is loaded.

    Raises:
        DataError: the file, its arrays or their shapes are not as above.

    Example::

        np.savez("data.npz", images=images, labels=labels, class_names=["cat", "dog"])
        read_npz("data.npz").classes    # ('cat', 'dog')
    """
    path = Path(path)
    arrays = _load(path)
    names = next((_texts(arrays[key].ravel()) for key in _CLASS_KEYS if key in arrays), None)
    parts = [_part(path, arrays, keys, names) for keys in _KEYS if keys[0] in arrays]
    if not parts:
        raise DataError(
            f"{str(path)!r} has no images: expected arrays 'images' and 'labels', 'x' and 'y', or "
            f"'x_train', 'y_train', …; found {', '.join(sorted(arrays)) or 'none'}."
        )
    if len({part.images.dtype for part in parts}) > 1:
        found = ", ".join(f"{part.key} is {part.images.dtype}" for part in parts)
        raise DataError(f"the images in {str(path)!r} are to be of one type: {found}.")
    source = ArraySource([Block(path, f"{path.name}:{part.key}", part.images) for part in parts])
    records = [
        Record(f"{path.name}:{part.key}[{index}]", label, part.split)
        for part in parts
        for index, label in enumerate(part.labels)
    ]
    known = dict.fromkeys(names) if names is not None else None
    return assemble(path, "npz", records, source, known=known)


def _load(path: Path) -> dict[str, NDArray[Any]]:
    """Every array that may be wanted, by its name in lower case."""
    wanted = {key for images, labels, _ in _KEYS for key in (images, labels)} | {*_CLASS_KEYS}
    try:
        with path.open("rb") as stream:
            file = np.load(stream, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise DataError(f"{str(path)!r} is one array, not an .npz file of several.")
            return {key.lower(): file[key] for key in file.files if key.lower() in wanted}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"cannot read the arrays of {str(path)!r}: {error}.") from error


def _part(
    path: Path,
    arrays: dict[str, NDArray[Any]],
    keys: tuple[str, str, Split | None],
    names: list[str] | None,
) -> _Part:
    """Images and labels of one split."""
    key, labels_key, split = keys
    where = f"{str(path)!r}, array {key!r}"
    if labels_key not in arrays:
        raise DataError(f"{where}: there is no array {labels_key!r} of labels for it.")
    images = _channels_last(arrays[key], where)
    labels = arrays[labels_key]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.shape != images.shape[:1]:
        raise DataError(
            f"{where}: expected one label for each of the {len(images)} images, found "
            f"{labels_key!r} of shape {labels.shape}."
        )
    return _Part(key, images, _label_names(labels, names, where), split)


def _channels_last(images: NDArray[Any], where: str) -> NDArray[Any]:
    """(N, H, W), (N, H, W, C) or (N, C, H, W) to (N, H, W, C)."""
    if images.ndim not in (3, 4) or 0 in images.shape[1:]:
        raise DataError(
            f"{where}: expected images of shape (N, H, W), (N, H, W, C) or (N, C, H, W), found "
            f"{images.shape}."
        )
    if images.ndim == 3:
        return images[..., None]
    first, last = images.shape[1] in _CHANNELS, images.shape[3] in _CHANNELS
    if first == last:
        problem = "either end may be the channels" if first else "neither end has 1, 3 or 4"
        raise DataError(
            f"{where}: cannot tell where the channels of {images.shape} are, {problem}; save it "
            f"as (N, H, W, C)."
        )
    return images if last else np.moveaxis(images, 1, -1)


def _label_names(labels: NDArray[Any], names: list[str] | None, where: str) -> list[str]:
    """A class name a label."""
    if labels.dtype.kind in "US":
        return _texts(labels)
    if labels.dtype.kind not in "bui":
        raise DataError(f"{where}: labels are integers or texts, not {labels.dtype}.")
    if names is None:
        return [str(int(label)) for label in labels]
    if len(labels) and not (labels.min() >= 0 and labels.max() < len(names)):
        raise DataError(
            f"{where}: labels from {labels.min()} to {labels.max()} do not fit the {len(names)} "
            f"class names."
        )
    return [names[label] for label in labels.astype(int).tolist()]


def _texts(values: NDArray[Any]) -> list[str]:
    """Numbers, texts or bytes as texts."""
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "surrogateescape")
    return [str(value) for value in values.tolist()]
