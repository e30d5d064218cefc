"""Writing files so that nothing is lost: a file is either the old one or the new one, whole."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pellucid.errors import RunError, StorageError


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well.

    The content is flushed to disk before the rename, so that a crash leaves the old file or the
    new one, never half of one. When the block fails, the temporary file is removed.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with atomic(folder / "note.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> (folder / "note.txt").read_text()
    'whole'

    Raises:
        StorageError: the file cannot be written; the sentence says why.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file atomically.

    Raises:
        StorageError: it cannot be written.
    """
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, record: Any) -> None:
    """Write plain values as UTF-8 JSON, atomically; NaN and infinity are refused.

    Raises:
        StorageError: it cannot be written.
        ValueError: a number is not finite.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, indent=1)
    # File names may hold bytes that are no UTF-8 (surrogate escapes): JSON keeps them escaped.
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def read_json(path: Path, error: type[RunError] = RunError) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RunError: (or the class given) the file is missing, or is no JSON object.
    """
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise error(f"{path} does not exist.") from None
    except OSError as problem:
        raise error(f"cannot read {path}: {problem.strerror}.") from problem
    except (ValueError, RecursionError) as problem:
        raise error(f"{path} is damaged: it is no valid JSON ({problem}).") from problem
    if not isinstance(record, dict):
        raise error(f"{path} is damaged: a JSON object was expected.")
    return record
