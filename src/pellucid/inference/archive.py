"""The files of a bundle, in a folder or in one .zip: read within bounds, nothing is unpacked.

Whoever made a bundle may mean ill. Of a folder only plain files are read, no links. An archive is
refused as a whole where an entry is a link, is encrypted, is packed by another method than
deflate, lies in a folder (so that no path can lead out), repeats a name, or unfolds to more than
:data:`MOST_RATIO` times its size; an entry is never unpacked beyond the size that was announced.
"""

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from pellucid.errors import BundleError, StorageError

#: An entry of more than :data:`SMALL` bytes may unfold to so many times its packed size. Weights
#: hardly shrink, and a card shrinks to a tenth; deflate itself could reach 1,032.
MOST_RATIO, SMALL = 100, 2**20
#: Entries of an archive, and bytes of its list of them.
MOST_ENTRIES, MOST_LIST_BYTES = 64, 2**16
_END, _END_SIZE, _MOST_COMMENT = b"PK\5\6", 22, 2**16
_ZIP64 = b"PK\6\7"
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError,
    struct.error, OverflowError,
)  # fmt: skip


class Files(Protocol):
    """Named files, flat."""

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...

    def read(self, name: str, most: int) -> bytes:
        """Its content.

        Raises:
            BundleError: it is missing, larger than ``most`` bytes, no plain file, or damaged.
        """
        ...


def files_of(path: Path) -> Files:
    """The files of a bundle folder or a bundle archive.

    Raises:
        BundleError: there is neither, or the archive is refused.
    """
    if path.is_dir():
        return _Folder(path)
    if not path.exists():
        raise BundleError(f"{path} holds no bundle: there is no such file or folder.")
    return _Archive(path)


def write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files into one .zip, stored as they are; equal files give equal bytes.

    Raises:
        StorageError: it is beyond the 2 GiB of a plain archive.
        OSError: it cannot be written.
    """
    try:
        with zipfile.ZipFile(path, "w", allowZip64=False) as archive:
            for name, content in files.items():
                entry = zipfile.ZipInfo(name)  # of 1980: no clock in it
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(entry, content)
    except (zipfile.LargeZipFile, struct.error) as error:
        raise StorageError(
            f"cannot write {path}: a bundle of over 2 GiB does not fit into one archive; copy its "
            "folder instead."
        ) from error


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def has(self, name: str) -> bool:
        return os.path.lexists(self._path / name)

    def read(self, name: str, most: int) -> bytes:
        path = self._path / name
        try:
            if path.is_symlink():
                raise BundleError(
                    f"{path} is a link: a bundle has plain files only, copy it there."
                )
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise BundleError(f"{path} is no plain file.")
            with path.open("rb") as file:
                content = file.read(most + 1)
        except FileNotFoundError:
            raise BundleError(f"{path} is missing.") from None
        except OSError as error:
            raise BundleError(f"cannot read {path}: {error.strerror}.") from error
        return _bounded(content, most, str(path))


class _Archive:
    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as archive:
            self._sizes = _checked(archive, path)

    def has(self, name: str) -> bool:
        return name in self._sizes

    def read(self, name: str, most: int) -> bytes:
        where = f"{name} in {self._path}"
        if name not in self._sizes:
            raise BundleError(f"{where} is missing.")
        if self._sizes[name] > most:
            raise BundleError(
                f"{where} is too large: {self._sizes[name]:,} bytes, {most:,} at most."
            )
        try:
            with self._open() as archive, archive.open(name) as file:
                content = file.read(most + 1)
        except OSError as error:
            raise BundleError(f"cannot read {where}: {error.strerror or error}.") from error
        except _DAMAGE as error:
            raise BundleError(f"{where} is damaged: {error}.") from error
        return _bounded(content, most, where)

    def _open(self) -> zipfile.ZipFile:
        try:
            _check_end(self._path)
            return zipfile.ZipFile(self._path)
        except OSError as error:
            raise BundleError(f"cannot read {self._path}: {error.strerror or error}.") from error
        except _DAMAGE as error:
            raise BundleError(
                f"{self._path} is no bundle: expected a folder or a .zip ({error})."
            ) from error


def _bounded(content: bytes, most: int, where: str) -> bytes:
    if len(content) > most:
        raise BundleError(f"{where} is too large: {most:,} bytes at most.")
    return content


def _check_end(path: Path) -> None:
    """Refuse an archive whose list of entries is huge, before that is read."""
    with path.open("rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise zipfile.BadZipFile("it is no plain file")
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END_SIZE - _MOST_COMMENT))
        tail = file.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) < place + _END_SIZE:
        raise zipfile.BadZipFile("it does not end as one")
    entries, listed = struct.unpack("<HI", tail[place + 10 : place + 16])
    if (
        entries > MOST_ENTRIES
        or listed > MOST_LIST_BYTES
        or _ZIP64 in tail[max(0, place - 20) : place]
    ):
        raise BundleError(f"{path} is no bundle: it has too many files or is too large.")


def _checked(archive: zipfile.ZipFile, path: Path) -> dict[str, int]:
    """Unpacked size of each entry, by name; see the module's text for what is refused."""
    sizes: dict[str, int] = {}
    for entry in archive.infolist():
        fault = _fault(entry)
        if entry.filename in sizes:
            fault = "is in it twice"
        if fault:
            raise BundleError(f"{path} is refused: {entry.filename!r} {fault}.")
        sizes[entry.filename] = entry.file_size
    return sizes


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry cannot be accepted; None where it can."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if any(sign in name for sign in ("/", "\\", ":", "\0")) or name in ("", ".", ".."):
        return "does not lie at the top of the archive: zip the files themselves, not their folder"
    if kind not in (0, stat.S_IFREG):
        return "is a link or device, not a plain file"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in another way than deflate"
    if entry.file_size > max(SMALL, MOST_RATIO * entry.compress_size):
        return f"unfolds to {entry.file_size:,} bytes from {entry.compress_size:,}"
    return None
