"""Find the image files below a folder, and say what was passed over."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pellucid.data.catalogue import LeftOut
from pellucid.data.files import IMAGE_SUFFIXES

#: What systems and programs leave behind, in lower case; folders of these are not entered.
_SYSTEM = frozenset(
    [
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        ".ds_store",
        ".localized",
        "icon\r",
        "__macosx",
        "@eadir",
        ".spotlight-v100",
        ".trashes",
        ".fseventsd",
        ".thumbnails",
        ".directory",
        "$recycle.bin",
        "system volume information",
        "lost+found",
    ]
)
#: Images all right, but of formats that Pellucid does not read.
_FOREIGN = frozenset([".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd", ".svg", ".ico", ".dng"])


@dataclass(slots=True)
class Found:
    """What lies below a folder; names are relative to it, in POSIX form.

    Attributes:
        images: files with the suffix of an image.
        folders: folders that were entered.
        left_out: everything else.
    """

    images: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def walk(root: str) -> Found:
    """Walk a folder and all below it, in no fixed order.

    Links are followed. A link to a folder that encloses it is a loop: it is left out. Hidden
    and system folders are left out as a whole and count as one.

    Raises:
        OSError: ``root`` itself cannot be listed.
    """
    found = Found()
    # A folder still to list: its name, and the identities of itself and all that enclose it.
    waiting = [("", frozenset([_identity(root)]))]
    while waiting:
        prefix, enclosing = waiting.pop()
        try:
            with os.scandir(f"{root}/{prefix}") as entries:
                for name in _sort_out(entries, prefix, found):
                    waiting.extend(_enter(root, name, enclosing, found))
        except OSError as error:
            if not prefix:
                raise
            detail = f"the folder cannot be listed: {error.strerror}"
            name = prefix.rstrip("/")
            found.left_out.append(LeftOut(name, "unreadable", detail))
            found.folders.remove(name)
    return found


def _sort_out(entries: Iterator[os.DirEntry[str]], prefix: str, found: Found) -> Iterator[str]:
    """Files go to ``found``; folders to enter are given back."""
    for entry in entries:
        name = prefix + entry.name
        reason = _reason(entry)
        if reason is None and entry.is_dir():
            found.folders.append(name)
            yield name
        elif reason is None:
            found.images.append(name)
        else:
            found.left_out.append(LeftOut(name, *reason))


def _reason(entry: os.DirEntry[str]) -> tuple[str, str] | None:
    """Why an entry is left out: a word and a sentence; None where it is not."""
    name = entry.name.lower()
    if name in _SYSTEM:
        return "system", "left by the operating system"
    if name.startswith("."):
        return "hidden", "its name starts with a dot"
    try:
        if entry.is_dir() or entry.is_file():
            return None if entry.is_dir() else _foreign_file(name)
    except OSError as error:  # a link that cannot be followed
        loop = error.errno == errno.ELOOP
        return "link-loop" if loop else "unreadable", f"the link fails: {error.strerror}"
    if entry.is_symlink():
        return "missing", "a link to nothing"
    return "unreadable", "a pipe or device, not a file"


def _foreign_file(name: str) -> tuple[str, str] | None:
    """Why a file of this name (in lower case) is not opened."""
    _, dot, last = name.rpartition(".")
    suffix = dot + last if dot else ""
    if suffix in IMAGE_SUFFIXES:
        return None
    if suffix in _FOREIGN:
        return "not-an-image", f"{suffix} files are not read: convert them to JPEG or PNG"
    return "not-an-image", f"its suffix {suffix!r} is not that of an image"


def _enter(
    root: str, name: str, enclosing: frozenset[tuple[int, int]], found: Found
) -> list[tuple[str, frozenset[tuple[int, int]]]]:
    """The folder as one to list, unless it is one of those that enclose it."""
    try:
        identity = _identity(f"{root}/{name}")
    except OSError as error:
        found.left_out.append(LeftOut(name, "unreadable", f"cannot be opened: {error.strerror}"))
        found.folders.remove(name)
        return []
    if identity in enclosing:
        detail = "a link to a folder that encloses it"
        found.left_out.append(LeftOut(name, "link-loop", detail))
        found.folders.remove(name)
        return []
    return [(name + "/", enclosing | {identity})]


def _identity(path: str) -> tuple[int, int]:
    """Device and inode: equal for two paths exactly if they are the same folder."""
    status = Path(path).stat()
    return status.st_dev, status.st_ino
