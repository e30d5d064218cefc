"""Which model gave an answer: a digest of all that the answer depends on."""

import hashlib
import json

from pellucid.inference.bundle import Bundle


def fingerprint(bundle: Bundle) -> str:
    """A digest of the network, its preprocessing, its classes and the content of its parts.

    Metrics and the version that wrote the bundle do not count. Where it lies does not either: a
    copy has the same.

    Returns:
        64 hexadecimal digits.
    """
    card = bundle.card
    record = {
        "architecture": [card.model, card.arguments],
        "preprocessing": card.preprocessing.to_json(),
        "classes": card.classes,
        "parts": {name: part.sha256 for name, part in bundle.parts.items()},
    }
    text = json.dumps(record, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
