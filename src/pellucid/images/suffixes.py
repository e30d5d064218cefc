"""Which file names say that they are images."""

from pathlib import PurePath

#: Lower-case suffixes of the formats that :mod:`pellucid.images.read` reads.
IMAGE_SUFFIXES = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif",
    ".bmp", ".dib", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm",
))  # fmt: skip


def has_image_suffix(name: str | PurePath) -> bool:
    """Whether the name's suffix is that of an image, whatever its case.

    >>> has_image_suffix("IMG_1.JPG"), has_image_suffix("notes.txt"), has_image_suffix(".png")
    (True, False, False)
    """
    return PurePath(name).suffix.lower() in IMAGE_SUFFIXES
