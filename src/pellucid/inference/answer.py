"""An answer as plain values: one form on the command line, in files and over HTTP."""

from collections.abc import Sequence
from typing import Any


def answer(
    name: str,
    classes: Sequence[str],
    top: int,
    *,
    row: Sequence[float] | None,
    error: Any = None,
) -> dict[str, Any]:
    """What the network says of one image.

    Args:
        name: of the image.
        classes: K names, in the order of the probabilities.
        top: how many classes to list, at most.
        row: K probabilities; None where the image could not be read.
        error: why there are none.

    Returns:
        ``name``; ``label`` and ``probability`` of the most probable class; ``top``, the most
        probable classes with their probabilities, best first and ties in class order; ``error``.

    >>> answer("cat.jpg", ["cat", "dog"], 1, row=[0.25, 0.75])["top"]
    [{'label': 'dog', 'probability': 0.75}]
    """
    best: list[dict[str, Any]] = []
    if row is not None:
        pairs = zip(classes, row, strict=True)
        ranked = sorted(pairs, key=lambda pair: -pair[1])[:top]
        best = [{"label": label, "probability": float(value)} for label, value in ranked]
    first = best[0] if best else {"label": None, "probability": None}
    return {"name": name, **first, "top": best, "error": error}
