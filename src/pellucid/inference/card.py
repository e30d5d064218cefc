"""The card: what a bundle says of itself. Plain data; torch is not needed to read one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pellucid._version import __version__
from pellucid.data.preprocessing import Preprocessing
from pellucid.errors import BundleError

if TYPE_CHECKING:
    from pellucid.models import Architecture

#: 2 has a checksum of every part; 1 of the weights alone.
SCHEMA, SCHEMAS = 2, (1, 2)
CARD, WEIGHTS, GRAPH = "card.json", "weights.safetensors", "model.onnx"
_PART_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Card:
    """What a bundle says of itself.

    Attributes:
        model: registered name of the network.
        arguments: that rebuild it, plain JSON values.
        preprocessing: from image to input.
        classes: names in the order of the scores.
        metrics: figures of the evaluation, by name.
        ledger: ``parameters`` and ``macs``.
    """

    model: str
    arguments: dict[str, Any]
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    metrics: dict[str, Any] = field(default_factory=dict)
    ledger: dict[str, int] = field(default_factory=dict)

    @property
    def architecture(self) -> "Architecture":
        """Rebuilds the network; imports torch."""
        from pellucid.models import Architecture

        return Architecture(self.model, self.arguments)

    def to_json(self) -> dict[str, Any]:
        """The card as plain JSON values, without the parts of a bundle."""
        return {
            "schema": SCHEMA,
            "pellucid": __version__,
            "architecture": {"name": self.model, "arguments": self.arguments},
            "preprocessing": self.preprocessing.to_json(),
            "classes": list(self.classes),
            "metrics": self.metrics,
            "ledger": self.ledger,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any], where: str) -> "Card":
        """The inverse of :meth:`to_json`.

        Args:
            record: parsed JSON.
            where: for messages.

        Raises:
            BundleError: the schema is unknown, or a field is missing or of the wrong kind.
        """
        _check_schema(record, where)
        try:
            architecture = record["architecture"]
            if not isinstance(record["classes"], list):
                raise TypeError("a list of classes")
            return cls(
                model=str(architecture["name"]),
                arguments=dict(architecture["arguments"]),
                preprocessing=Preprocessing.from_json(record["preprocessing"]),
                classes=tuple(str(name) for name in record["classes"]),
                metrics=dict(record["metrics"]),
                ledger=dict(record["ledger"]),
            )
        except (KeyError, TypeError, ValueError, BundleError) as error:
            reason = str(error) if isinstance(error, BundleError) else f"{error!r}"
            raise BundleError(f"{where} is damaged: {reason} is missing or wrong.") from error


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a bundle beside the card.

    Attributes:
        bytes: its size.
        sha256: of its content, 64 hexadecimal digits.
    """

    bytes: int
    sha256: str


def parts_of(record: Mapping[str, Any], where: str) -> dict[str, Part]:
    """The parts that a card lists, by name.

    Raises:
        BundleError: the list is missing or damaged, names something that is no plain file name,
            or has no weights.
    """
    _check_schema(record, where)
    try:
        listed = {WEIGHTS: record["weights"]} if record["schema"] == 1 else record["parts"]
        parts = {
            str(name): Part(int(one["bytes"]), str(one["sha256"])) for name, one in listed.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"{where} is damaged: it has no size and checksum of its parts."
        ) from error
    for name, part in parts.items():
        if not _PART_NAME.fullmatch(name) or name == CARD:
            raise BundleError(f"{where} is damaged: {name!r} is no name of a part.")
        if part.bytes < 0 or not _DIGEST.fullmatch(part.sha256):
            raise BundleError(f"{where} is damaged: size or checksum of {name} is none.")
    if WEIGHTS not in parts:
        raise BundleError(f"{where} is damaged: it lists no {WEIGHTS}.")
    return parts


def _check_schema(record: Mapping[str, Any], where: str) -> None:
    if record.get("schema") not in SCHEMAS:
        known = " and ".join(map(str, SCHEMAS))
        raise BundleError(
            f"{where} has schema {record.get('schema')!r}, this version of Pellucid reads {known}: "
            "install a newer one."
        )
