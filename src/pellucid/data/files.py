"""Samples that are image files."""

import os
from collections.abc import Sequence
from pathlib import Path

from pellucid.errors import DataError
from pellucid.images.read import Picture, read_image

_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")
_PNM = (".ppm", ".pgm", ".pbm", ".pnm", ".pfm")
#: Lower case; other files are left out of a folder by their name, unopened.
IMAGE_SUFFIXES = frozenset(
    [*_JPEG, ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", *_PNM]
)


class FileSource:
    """Loads sample *i* from its file; holds nothing open. Safe to use from several threads."""

    def __init__(self, names: Sequence[str], paths: Sequence[str]) -> None:
        """Take names for messages and paths, one of each a sample."""
        self._names = names
        self._paths = paths

    def load(self, index: int, enough: int | None = None) -> Picture:
        """Read and decode file ``index``; at a reduced size if ``enough`` allows it.

        Raises:
            ImageError: see :func:`pellucid.images.read.read_image`.
        """
        return read_image(self._paths[index], name=self._names[index], enough=enough)

    def content(self, index: int) -> bytes:
        """File ``index`` as it is.

        Raises:
            DataError: it cannot be read any more.
        """
        try:
            return Path(self._paths[index]).read_bytes()
        except OSError as error:
            raise DataError(f"cannot read {self._names[index]!r}: {error.strerror}.") from error

    def stamp(self, index: int) -> str:
        """Size and time of the file; what is wrong, where it cannot be asked."""
        try:
            status = os.stat(self._paths[index])  # noqa: PTH116 (pathlib costs more than the call)
        except OSError as error:
            return f"error {error.errno}"
        return f"{status.st_size}:{status.st_mtime_ns}"

    def close(self) -> None:
        """Nothing to release."""
