"""The folder of decoded images on disk: ``pellucid/pixels`` in ``$XDG_CACHE_HOME`` or ``~/.cache``.

Each entry is a folder named by a fingerprint. It is made under another name, written through to
the disk, and renamed, so an entry that exists is whole. The folder holds at most
:data:`FOLDER_LIMIT` bytes: entries that have been unused the longest go first. It can be deleted
at any time, even while a training reads from it.
"""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pellucid.errors import DataError

#: Bytes that the folder may hold; one entry that needs more by itself is still made.
FOLDER_LIMIT = 16 * 2**30
#: Seconds after which an unfinished entry that nobody has written to is a dead run's.
ABANDONED = 3600.0

_DRAFT = ".draft-"


def cache_folder() -> Path:
    """Where decoded images are kept between runs; a relative ``$XDG_CACHE_HOME`` is ignored, as
    https://specifications.freedesktop.org/basedir-spec/latest/ wants it."""
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = chosen if chosen.is_absolute() else Path.home() / ".cache"
    return base / "pellucid" / "pixels"


def find_entry(fingerprint: str) -> Path | None:
    """The entry of that name, marked as used now, or None."""
    entry = cache_folder() / fingerprint
    if not entry.is_dir():
        return None
    with suppress(OSError):  # a folder that cannot be written can still be read
        os.utime(entry)
    return entry


def drop_entry(entry: Path) -> None:
    """Remove an entry; who has its files open can go on reading them."""
    shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def new_entry(fingerprint: str, size: int) -> Iterator[Path]:
    """Make an entry of about ``size`` bytes: write its files into the folder that is yielded.

    Leaving the ``with`` block makes the entry; leaving it by an exception leaves nothing.

    Raises:
        DataError: the disk is full, or the folder cannot be written.
    """
    folder = cache_folder()
    with writing():
        folder.mkdir(parents=True, exist_ok=True)
        make_room(size)
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=folder))
    try:
        yield draft
        with writing():
            _write_through(draft)
            _publish(draft, folder / fingerprint)
    finally:
        drop_entry(draft)


@contextmanager
def writing() -> Iterator[None]:
    """Turns the system's refusal to write into one clear sentence."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        problem = "the disk is full" if full else f"{error.strerror or error}"
        raise DataError(
            f"the decoded images do not fit in memory and cannot be kept in {cache_folder()}: "
            f"{problem}; make room there, or set XDG_CACHE_HOME to a folder on another disk."
        ) from error


def make_room(size: int) -> None:
    """Remove dead drafts, then the entries unused the longest, until ``size`` bytes more fit."""
    entries = []
    for path in cache_folder().iterdir():
        used, held = _age_and_size(path)
        if not path.name.startswith(_DRAFT):
            entries.append((used, path.name, held))
        elif time.time() - used > ABANDONED:
            drop_entry(path)
    total = size + sum(held for _, _, held in entries)
    for _, name, held in sorted(entries):
        if total <= FOLDER_LIMIT:
            break
        drop_entry(cache_folder() / name)
        total -= held


def _age_and_size(entry: Path) -> tuple[float, int]:
    """When an entry was last used or written to, and its bytes; another run may remove it
    meanwhile."""
    used, held = 0.0, 0
    for path in (entry, *entry.glob("*")):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        used = max(used, status.st_mtime)
        held += status.st_size
    return used, held


def _publish(draft: Path, entry: Path) -> None:
    try:
        draft.rename(entry)
    except OSError as error:
        # Another run has made the same entry meanwhile: the same content, so either will do.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    _sync(entry.parent)


def _write_through(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
