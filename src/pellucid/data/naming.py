"""Names in data sets: their natural order, and the words for splits."""

import re

from pellucid.data.catalogue import Split

_DIGITS = re.compile("([0-9]+)")

_SPLITS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
SPLIT_WORDS = tuple(_SPLITS)


def split_named(word: str) -> Split | None:
    """The split that a word means, in any case; None where it means none.

    >>> split_named("Valid"), split_named("cats")
    ('val', None)
    """
    return _SPLITS.get(word.strip().lower())


def natural_key(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sort by this for a natural order: numbers by value, letters whatever their case.

    A total order: names that differ only in case or in leading zeros come in plain order.

    >>> sorted(["img10", "Img2", "img1"], key=natural_key)
    ['img1', 'Img2', 'img10']
    """
    parts = _DIGITS.split(name.lower())
    # Texts and numbers alternate. A number of more digits, zeros ahead apart, is larger.
    parts[1::2] = [digits.lstrip("0") for digits in parts[1::2]]
    return [(len(part) if place % 2 else 0, part) for place, part in enumerate(parts)], name
