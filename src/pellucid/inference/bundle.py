"""The bundle: a trained network that can leave the lab.

A folder of two files: ``weights.safetensors`` (tensors only) and ``card.json`` (what they are:
architecture by name and arguments, preprocessing record, class names in order, metrics, size,
checksum). Nothing in it is executed on loading.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from pellucid._version import __version__
from pellucid.capture import capture
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError, UsageError
from pellucid.models import Architecture, channels_last
from pellucid.storage import read_json, write_bytes, write_json

SCHEMA = 1
CARD, WEIGHTS = "card.json", "weights.safetensors"
#: A card is a few kilobytes and weights are a few hundred megabytes: more is no bundle of ours.
MOST_CARD_BYTES, MOST_WEIGHT_BYTES = 64 * 2**20, 4 * 2**30


@dataclass(frozen=True)
class Card:
    """What a bundle says of itself.

    Attributes:
        architecture: rebuilds the network.
        preprocessing: from image to input.
        classes: names in the order of the scores.
        metrics: figures of the evaluation, by name.
        ledger: ``parameters`` and ``macs``.
    """

    architecture: Architecture
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    metrics: dict[str, Any] = field(default_factory=dict)
    ledger: dict[str, int] = field(default_factory=dict)


def save_bundle(folder: Path, network: nn.Module, card: Card) -> None:
    """Write a bundle; the card comes last, so that a folder with a card is whole.

    Raises:
        StorageError: it cannot be written.
    """
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    weights = save(tensors)
    (folder / CARD).unlink(missing_ok=True)
    write_bytes(folder / WEIGHTS, weights)
    record = {
        "schema": SCHEMA,
        "pellucid": __version__,
        "architecture": {"name": card.architecture.name, "arguments": card.architecture.arguments},
        "preprocessing": card.preprocessing.to_json(),
        "classes": list(card.classes),
        "metrics": card.metrics,
        "ledger": card.ledger,
        "weights": {"bytes": len(weights), "sha256": hashlib.sha256(weights).hexdigest()},
    }
    write_json(folder / CARD, record)


def read_card(folder: Path) -> Card:
    """The card of a bundle; the weights are not looked at.

    Raises:
        BundleError: it is missing, damaged or oversized, or the schema is unknown.
    """
    return _parse_card(folder, _read_card(folder))


def load_bundle(folder: Path) -> tuple[nn.Module, Card]:
    """Rebuild the network of a bundle, in evaluation mode.

    Raises:
        BundleError: a part is missing, damaged or oversized, the schema is unknown, or the card
            and the weights disagree.
    """
    record = _read_card(folder)
    card = _parse_card(folder, record)
    weights = _read_weights(folder, record)
    try:
        network = channels_last(card.architecture.build())
        network.load_state_dict(load(weights))
        scores = _scores(card)
    except UsageError as error:
        raise BundleError(f"{folder / CARD}: {error}") from error
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise BundleError(
            f"{folder}: the weights do not fit the network that the card names ({reason})."
        ) from error
    if scores != len(card.classes):
        raise BundleError(
            f"{folder / CARD}: the network makes {scores} scores for {len(card.classes)} classes."
        )
    return network.eval(), card


def _scores(card: Card) -> int:
    """How many scores the network makes of an input as the card describes it."""
    record = card.preprocessing
    graph = capture(card.architecture.outline(), (1, record.channels, record.height, record.width))
    return graph.nodes[graph.outputs[0]].shape[1]


def _read_card(folder: Path) -> dict[str, Any]:
    path = folder / CARD
    if not path.is_file():
        raise BundleError(
            f"{folder} holds no bundle: {CARD} is missing. A run has one once its training is "
            "complete."
        )
    if path.stat().st_size > MOST_CARD_BYTES:
        raise BundleError(f"{path} is too large for a card.")
    record = read_json(path, BundleError)
    if record.get("schema") != SCHEMA:
        raise BundleError(
            f"{path} has schema {record.get('schema')!r}, this version of Pellucid reads {SCHEMA}: "
            "install a newer one."
        )
    return record


def _parse_card(folder: Path, record: dict[str, Any]) -> Card:
    try:
        return Card(
            architecture=Architecture(**record["architecture"]),
            preprocessing=Preprocessing.from_json(record["preprocessing"]),
            classes=tuple(str(name) for name in record["classes"]),
            metrics=dict(record["metrics"]),
            ledger=dict(record["ledger"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder / CARD} is damaged: {error!r} is missing or wrong.") from error


def _read_weights(folder: Path, record: dict[str, Any]) -> bytes:
    path = folder / WEIGHTS
    try:
        size = path.stat().st_size
        if size > MOST_WEIGHT_BYTES or size != record["weights"]["bytes"]:
            raise BundleError(
                f"{path} has {size:,} bytes where the card says {record['weights']['bytes']:,}."
            )
        weights = path.read_bytes()
        expected = record["weights"]["sha256"]
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}.") from error
    except (KeyError, TypeError) as error:
        raise BundleError(f"{folder / CARD} is damaged: no size and checksum.") from error
    if hashlib.sha256(weights).hexdigest() != expected:
        raise BundleError(f"{path} is damaged: its checksum is not the card's.")
    return weights
