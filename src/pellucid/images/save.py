"""Images to files: PNG, JPEG, WebP and TIFF."""

from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.errors import StorageError, unknown_name
from pellucid.images.check import checked, to_bytes
from pellucid.storage import write_bytes

#: The format of each suffix.
SUFFIXES = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
#: How each is written. All but JPEG keep every value.
_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"lossless": True, "exact": True},
    "TIFF": {"compression": "tiff_adobe_deflate"},
}


def save_image(path: str | PathLike[str], pixels: Any, *, overwrite: bool = False) -> None:
    """Write an image, whole or not at all; the suffix decides the format.

    PNG, WebP and TIFF keep every value. JPEG (quality 95, colour in full resolution) does not.

    Args:
        path: ends in one of :data:`SUFFIXES`, in either case.
        pixels: H×W, H×W×1 or H×W×3; uint8, or floats from 0 to 1, which become round(255·v).
        overwrite: replace the file if it exists.

    Raises:
        UsageError: an unknown suffix, or no image.
        StorageError: the file exists, its folder does not, or it cannot be written.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "dot.png"
    >>> save_image(path, [[0.0, 1.0]])
    >>> path.read_bytes()[1:4]
    b'PNG'
    """
    path = Path(path)
    format = format_of(path)
    if not overwrite and path.exists():
        raise StorageError(f"{path} exists: choose another name, or allow it to be overwritten.")
    if not path.parent.is_dir():
        raise StorageError(f"cannot write {path}: the folder {path.parent} does not exist.")
    write_bytes(path, encode(pixels, format, name=str(path)))


def encode_png(pixels: Any) -> bytes:
    """An image as the bytes of a PNG file.

    Args:
        pixels: as for :func:`save_image`.

    Raises:
        UsageError: no image.

    >>> encode_png([[0.0, 1.0]])[:4]
    b'\\x89PNG'
    """
    return encode(pixels, "PNG")


def format_of(path: Path) -> str:
    """The format that a file's suffix stands for.

    Raises:
        UsageError: it stands for none; with the nearest one that does.

    >>> format_of(Path("a.JPG"))
    'JPEG'
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise unknown_name("suffix", suffix or path.name, SUFFIXES)
    return SUFFIXES[suffix]


def encode(pixels: Any, format: str, name: str = "image") -> bytes:
    """An image as the bytes of a file; ``format`` is one of the values of :data:`SUFFIXES`."""
    from PIL import Image

    image = to_bytes(checked(pixels, name=name))
    image = image[..., 0] if image.shape[2] == 1 else image
    buffer = BytesIO()
    try:
        Image.fromarray(np.ascontiguousarray(image)).save(buffer, format, **_OPTIONS[format])
    except (OSError, ValueError) as error:  # WebP ends at 16,383 pixels a side, JPEG at 65,535
        height, width = image.shape[:2]
        raise StorageError(
            f"cannot write {name} of {width}×{height} pixels as {format}: {error}."
        ) from error
    return buffer.getvalue()
