"""A scan as a file: an uncompressed npz of plain arrays, the words as JSON among them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pellucid.data.catalogue import LeftOut
from pellucid.data.scan import Scan
from pellucid.data.words import Words

_ARRAYS = ("good", "digests", "heights", "widths", "colored", "thumbs")
_WORDS = ("formats", "modes", "notes")


def save_scan(scan: Scan, path: Path) -> None:
    """Write a scan; nothing in the file is pickled."""
    arrays: dict[str, NDArray[Any]] = {name: getattr(scan, name) for name in _ARRAYS}
    arrays |= {name: getattr(scan, name).codes for name in _WORDS}
    text = {name: getattr(scan, name).names for name in _WORDS}
    text["faults"] = [asdict(fault) for fault in scan.faults]
    arrays["text"] = np.frombuffer(json.dumps(text).encode("ascii"), np.uint8)
    with path.open("wb") as file:  # given a path, savez appends .npz to it
        np.savez(file, allow_pickle=False, **arrays)


def load_scan(path: Path) -> Scan | None:
    """Read a scan written by :func:`save_scan`; None where the file is missing or damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            fields: dict[str, Any] = {name: archive[name] for name in _ARRAYS}
            text = json.loads(archive["text"].tobytes())
            fields |= {name: Words(tuple(text[name]), archive[name]) for name in _WORDS}
        fields["faults"] = tuple(LeftOut(**fault) for fault in text["faults"])
    except (OSError, EOFError, BadZipFile, KeyError, TypeError, ValueError):
        return None
    return Scan(**fields)
