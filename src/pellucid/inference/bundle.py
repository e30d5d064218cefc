"""The bundle: a trained network that can leave the lab.

A folder, or one .zip, of ``card.json`` (what it is: architecture by name and arguments,
preprocessing record, class names in order, metrics, size and checksum of every other part),
``weights.safetensors`` (tensors only) and, after export, ``model.onnx``. Nothing in it is executed
on loading. torch is imported where a network is rebuilt, and not to read the other parts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.errors import BundleError, PellucidError, StorageError
from pellucid.inference.archive import Files, files_of, write_archive
from pellucid.inference.card import CARD, GRAPH, WEIGHTS, Card, Part, parts_of
from pellucid.storage import atomic, write_bytes, write_json

if TYPE_CHECKING:
    from torch import Tensor, nn

#: A card is a few kilobytes and weights are a few hundred megabytes: more is no bundle of ours.
MOST_CARD_BYTES, MOST_PART_BYTES = 64 * 2**20, 4 * 2**30


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: its card is read, its parts are read and checked when they are asked for.

    Attributes:
        path: the folder or the .zip.
        card: what it is.
        parts: size and checksum of each part, by name.
        files: where they are read from.
    """

    path: Path
    card: Card
    parts: Mapping[str, Part]
    files: Files

    def has(self, name: str) -> bool:
        """Whether the card lists a part of this name."""
        return name in self.parts

    def read(self, name: str) -> bytes:
        """The content of a part.

        Raises:
            BundleError: it is missing, or its size or checksum is not the card's.
        """
        if name not in self.parts:
            raise BundleError(
                f"{self.path} has no part {name}: its card lists {', '.join(self.parts)}."
            )
        part = self.parts[name]
        if part.bytes > MOST_PART_BYTES:
            raise BundleError(
                f"{self.path}: {name} is too large: {part.bytes:,} bytes, "
                f"{MOST_PART_BYTES:,} at most."
            )
        content = self.files.read(name, part.bytes)
        if len(content) != part.bytes:
            raise BundleError(
                f"{self.path}: {name} has {len(content):,} bytes where the card says "
                f"{part.bytes:,}."
            )
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise BundleError(f"{self.path}: {name} is damaged: its checksum is not the card's.")
        return content


def open_bundle(path: str | Path) -> Bundle:
    """Open a bundle folder, a bundle .zip, or the bundle in a run folder; torch is not needed.

    Raises:
        BundleError: there is none, the card is missing, damaged or oversized, or the schema is
            unknown.
    """
    where = Path(path)
    if not (where / CARD).is_file() and (where / "bundle").is_dir():
        where = where / "bundle"
    files = files_of(where)
    record = _read_card(where, files)
    named = f"{CARD} in {where}"
    return Bundle(where, Card.from_json(record, named), parts_of(record, named), files)


def read_card(path: str | Path) -> Card:
    """The card of a bundle; the other parts are not looked at.

    Raises:
        BundleError: as :func:`open_bundle`.
    """
    return open_bundle(path).card


def save_bundle(folder: Path, network: "nn.Module", card: Card) -> None:
    """Write a bundle; the card comes last, so that a folder with a card is whole.

    Raises:
        StorageError: it cannot be written.
    """
    from safetensors.torch import save

    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    write_bundle(folder, card, {WEIGHTS: save(tensors)})


def write_bundle(
    path: Path, card: Card, parts: Mapping[str, bytes], *, archive: bool = False
) -> None:
    """Write a bundle of finished parts.

    Args:
        path: its folder, or the file.
        card: what it is.
        parts: content by name.
        archive: write one .zip file, at once; else a folder, each of its files atomically.

    Raises:
        StorageError: it cannot be written.
    """
    record = _record(card, {name: _describe(content) for name, content in parts.items()})
    if archive:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
        write_archive(path, {CARD: text.encode("utf-8", "backslashreplace"), **parts})
        return
    try:
        (path / CARD).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot write {path / CARD}: {error.strerror}.") from error
    for name, content in parts.items():
        write_bytes(path / name, content)
    write_json(path / CARD, record)


def add_part(bundle: Bundle, name: str, content: bytes) -> Bundle:
    """The bundle with a part more, or with another content of a part; written where it lies.

    The card stops listing the part before its file changes, so that a bundle is never damaged.

    Raises:
        BundleError: (of a .zip) a part that it had is damaged.
        StorageError: it cannot be written.
    """
    if not bundle.path.is_dir():
        parts = {old: bundle.read(old) for old in bundle.parts} | {name: content}
        with atomic(bundle.path) as temporary:
            write_bundle(temporary, bundle.card, parts, archive=True)
        return open_bundle(bundle.path)
    listed = {old: part for old, part in bundle.parts.items() if old != name}
    if name in bundle.parts:
        write_json(bundle.path / CARD, _record(bundle.card, listed))
    write_bytes(bundle.path / name, content)
    write_json(bundle.path / CARD, _record(bundle.card, listed | {name: _describe(content)}))
    return open_bundle(bundle.path)


def load_bundle(path: str | Path) -> "tuple[nn.Module, Card]":
    """Rebuild the network of a bundle with torch, in evaluation mode.

    Raises:
        BundleError: a part is missing, damaged or oversized, the schema is unknown, or the card
            and the weights disagree.
    """
    bundle = open_bundle(path)
    return rebuild(bundle), bundle.card


def read_weights(bundle: Bundle) -> "dict[str, Tensor]":
    """The weights of an opened bundle by name.

    Raises:
        BundleError: they are missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(bundle.read(WEIGHTS))
    except (SafetensorError, ValueError, KeyError) as error:
        raise BundleError(f"{bundle.path}: {WEIGHTS} is damaged ({error}).") from error


def rebuild(bundle: Bundle) -> "nn.Module":
    """The network of an opened bundle, in evaluation mode.

    What the card names is compared with the weights before any memory is taken for it.

    Raises:
        BundleError: the weights are missing or damaged, or the card and the weights disagree.
    """
    from pellucid.inference.agreement import refuse_other_weights
    from pellucid.models import channels_last

    card, tensors = bundle.card, read_weights(bundle)
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    where = f"{CARD} in {bundle.path}"
    try:
        refuse_other_weights(card, found, where)
        network = channels_last(card.architecture.build())
        network.load_state_dict(tensors)
    except PellucidError as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(f"{where}: {error}") from error
    except Exception as error:  # a network's constructor may raise anything at wild arguments
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise BundleError(
            f"{where}: the arguments make no network '{card.model}' ({reason})."
        ) from error
    return network.eval()


def _describe(content: bytes) -> Part:
    return Part(len(content), hashlib.sha256(content).hexdigest())


def _record(card: Card, parts: Mapping[str, Part]) -> dict[str, Any]:
    return card.to_json() | {"parts": {name: asdict(part) for name, part in parts.items()}}


def _read_card(path: Path, files: Files) -> dict[str, Any]:
    if not files.has(CARD):
        raise BundleError(
            f"{path} holds no bundle: {CARD} is missing. A run has one once its training is "
            "complete."
        )
    content = files.read(CARD, MOST_CARD_BYTES)
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{CARD} in {path} is damaged: it is no valid JSON ({error}).") from error
    if not isinstance(record, dict):
        raise BundleError(f"{CARD} in {path} is damaged: a JSON object was expected.")
    return record


__all__ = [
    "CARD",
    "GRAPH",
    "WEIGHTS",
    "Bundle",
    "Card",
    "add_part",
    "load_bundle",
    "open_bundle",
    "read_card",
    "read_weights",
    "rebuild",
    "save_bundle",
    "write_bundle",
]
