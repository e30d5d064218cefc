"""The samples of one tar file, read from front to back, trusting nothing in it."""

import json
import posixpath
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from pellucid.data.files import IMAGE_SUFFIXES
from pellucid.errors import DataError

#: Bytes of one image, of one label or description, and of a header's extension, at most.
MOST_IMAGE, MOST_TEXT, MOST_HEADER = 1 << 28, 1 << 20, 1 << 16


@dataclass(frozen=True, slots=True)
class TarSample:
    """One sample as it lies in its shard.

    Attributes:
        key: shared by its members.
        image: content of the image's file; empty where it was passed over.
        start: where the image begins in the shard, in bytes.
        size: of the image, in bytes.
        label: text of the ``.cls`` member; None where there is none.
        info: the ``.json`` member; empty where there is none.
    """

    key: str
    image: bytes
    start: int
    size: int
    label: str | None
    info: dict[str, Any]


#: Not in the module's type hints.
_END: type[Exception] = tarfile.EOFHeaderError  # type: ignore[attr-defined]


class _Guarded(tarfile.TarInfo):
    """A member's header, refused where it is no plain file or lies about its size.

    tarfile ends silently at a header it cannot read, and reads extended headers of any size into
    memory; a set of samples shall do neither.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> "_Guarded":
        try:
            member = super().frombuf(buf, encoding, errors)  # type: ignore[arg-type]
        except _END:
            raise  # the block of zeros that ends a tar file
        except tarfile.HeaderError as error:
            raise DataError(f"it is damaged or cut short ({error})") from error
        extension = member.type in (
            tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
            tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
        )  # fmt: skip
        if extension and member.size > MOST_HEADER:
            raise DataError(f"a header claims {member.size:,} bytes")
        return member


def read_samples(stream: IO[bytes], name: str, *, images: bool = True) -> Iterator[TarSample]:
    """The samples of a shard.

    Args:
        stream: the tar file, uncompressed; need not be seekable.
        name: of the shard, for messages.
        images: read the images; False passes over them.

    Raises:
        DataError: it is damaged or cut short, or a member is no plain file, has a name that leads
            out of the archive, or is too large.
    """
    try:
        seekable = stream.seekable()
        mode = "r:" if seekable else "r|"
        with tarfile.open(fileobj=stream, mode=mode, tarinfo=_Guarded) as tar:  # type: ignore[call-overload]
            yield from _group(tar, name, images)
    except DataError as error:
        raise DataError(f"the shard {name!r} cannot be used: {error}.") from error
    except (tarfile.TarError, EOFError) as error:
        raise DataError(
            f"the shard {name!r} cannot be used: it is damaged or cut short ({error})."
        ) from error
    except OSError as error:
        raise DataError(f"the shard {name!r} cannot be read: {error}.") from error


def _group(tar: tarfile.TarFile, name: str, images: bool) -> Iterator[TarSample]:
    """Members in a row with one key, as samples."""
    key: str | None = None
    parts: dict[str, Any] = {}
    for member in tar:
        if member.isdir():
            continue
        _check(member)
        its_key, suffix = _split(member.name)
        if its_key != key:
            if "image" in parts:
                yield _sample(key or "", parts)
            key, parts = its_key, {}
        if f".{suffix}" in IMAGE_SUFFIXES:
            parts["image"] = _content(tar, member, MOST_IMAGE) if images else b""
            parts["start"], parts["size"] = member.offset_data, member.size
        elif suffix in ("cls", "json"):
            parts[suffix] = _content(tar, member, MOST_TEXT)
        tar.members = []  # type: ignore[attr-defined]  # or all headers stay in memory
    if "image" in parts:
        yield _sample(key or "", parts)


def _check(member: tarfile.TarInfo) -> None:
    """Refuse what no set of samples has."""
    if not member.isreg() or member.issparse():
        raise DataError(f"{member.name!r} in it is a link or a device, not a plain file")
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise DataError(f"{member.name!r} in it leads out of the archive")
    if member.size > MOST_IMAGE:
        raise DataError(f"{member.name!r} in it has {member.size:,} bytes, too many for an image")


def _split(name: str) -> tuple[str, str]:
    """Key and suffix: the name is cut at the first dot after its folders.

    >>> _split("a.b/cat.1.jpg")
    ('a.b/cat', '1.jpg')
    """
    folder, base = posixpath.split(name)
    stem, _, suffix = base.partition(".")
    return posixpath.join(folder, stem), suffix.lower()


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    if member.size > most:
        raise DataError(f"{member.name!r} in it has {member.size:,} bytes: {most:,} at most")
    file = tar.extractfile(member)
    data = b"" if file is None else file.read()
    if len(data) != member.size:
        raise DataError("it is damaged or cut short")
    return data


def _sample(key: str, parts: dict[str, Any]) -> TarSample:
    try:
        info = json.loads(parts.get("json", b"{}"))
    except (ValueError, RecursionError):
        info = {}
    label = parts["cls"].decode("utf-8", "replace").strip() if "cls" in parts else None
    return TarSample(
        key,
        parts["image"],
        parts["start"],
        parts["size"],
        label,
        info if isinstance(info, dict) else {},
    )
