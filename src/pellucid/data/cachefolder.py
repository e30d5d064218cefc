"""The folder of decoded images on disk: ``pellucid/pixels`` in ``$XDG_CACHE_HOME`` or ``~/.cache``.

Each entry is two files named by a fingerprint: the pixels and their scan. Both are written under
other names, flushed to the disk and renamed, the scan last, so an entry with a scan is whole.

The folder holds at most :data:`FOLDER_LIMIT` bytes: entries that have been unused the longest go
first. It can be deleted at any time, even while a training reads from it.
"""

import errno
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pellucid.errors import StorageError
from pellucid.storage import atomic

#: Bytes that the folder may hold; one entry that needs more by itself is still made.
FOLDER_LIMIT = 16 * 2**30
#: Seconds after which an unfinished file that nobody has written to is a dead run's.
ABANDONED = 3600.0


@dataclass(frozen=True, slots=True)
class Entry:
    """The two files of a data set: its pixels and its scan."""

    pixels: Path
    scan: Path

    def drop(self) -> None:
        """Remove both; who has them open can go on reading."""
        self.scan.unlink(missing_ok=True)
        self.pixels.unlink(missing_ok=True)


def cache_folder() -> Path:
    """Where decoded images are kept between runs; a relative ``$XDG_CACHE_HOME`` is ignored, as
    https://specifications.freedesktop.org/basedir-spec/latest/ wants it."""
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = chosen if chosen.is_absolute() else Path.home() / ".cache"
    return base / "pellucid" / "pixels"


def entry_named(fingerprint: str) -> Entry:
    """The files of an entry, whether they exist or not."""
    folder = cache_folder()
    return Entry(folder / f"{fingerprint}.bin", folder / f"{fingerprint}.npz")


def find_entry(fingerprint: str) -> Entry | None:
    """The entry of that name, marked as used now, or None."""
    entry = entry_named(fingerprint)
    if not (entry.scan.is_file() and entry.pixels.is_file()):
        return None
    with suppress(OSError):  # a folder that cannot be written can still be read
        os.utime(entry.scan)
    return entry


@contextmanager
def new_entry(fingerprint: str, size: int) -> Iterator[Entry]:
    """Make an entry of about ``size`` bytes: create both files that are yielded.

    Leaving the ``with`` block makes the entry; leaving it by an exception leaves nothing.

    Raises:
        StorageError: the disk is full, or the folder cannot be written.
    """
    with writing():
        _make_room(size)
    entry = entry_named(fingerprint)
    with atomic(entry.scan) as scan, atomic(entry.pixels) as pixels:
        yield Entry(pixels, scan)


@contextmanager
def writing() -> Iterator[None]:
    """Turns the system's refusal to write into one clear sentence.

    Raises:
        StorageError: in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        problem = "the disk is full" if full else error.strerror or str(error)
        raise StorageError(
            f"the decoded images do not fit in memory and cannot be kept in {cache_folder()}: "
            f"{problem}; make room there, or set XDG_CACHE_HOME to a folder on another disk."
        ) from error


def _make_room(size: int) -> None:
    """Remove dead drafts, then the entries unused the longest, until ``size`` bytes more fit."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    used: dict[str, float] = defaultdict(float)
    held: dict[str, int] = defaultdict(int)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another run may be doing the same
            status = path.stat()
            if not path.name.startswith("."):
                used[path.stem] = max(used[path.stem], status.st_mtime)
                held[path.stem] += status.st_size
            elif time.time() - status.st_mtime > ABANDONED:
                path.unlink()
    total = size + sum(held.values())
    for fingerprint in sorted(used, key=lambda name: used[name]):
        if total <= FOLDER_LIMIT:
            break
        entry_named(fingerprint).drop()
        total -= held[fingerprint]
