"""Answers on their way to a file: what an interruption leaves can be gone on with.

While ``answers.csv`` is being made there is ``answers.csv.part``: a line on what makes it, then a
JSON object for each answer, in order, each written as it comes. At the end the file in its own
form is written from it, atomically, and it is removed. A line that was cut off by a crash is
dropped when the work goes on.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from pellucid.cli.answers import file_writer
from pellucid.errors import StorageError, UsageError
from pellucid.storage import atomic

#: First key of a journal's first line.
_MARK = "pellucid answers"
#: What a line ends with, and how much is looked at at once to find the last.
_END, _BLOCK = b"\n", 1 << 16


class Journal:
    """Answers for one file.

    Args:
        target: the file; its suffix is its form.
        made_by: what the answers depend on, plain JSON values.
        resume: go on with what an interrupted run has left.
        overwrite: a finished or unfinished file may be replaced.

    Raises:
        StorageError: it exists, cannot be written, or another process is writing it.
        UsageError: what is left was made by something else.
    """

    def __init__(
        self, target: Path, made_by: dict[str, Any], *, resume: bool, overwrite: bool
    ) -> None:
        self.target, self.path = target, target.with_name(target.name + ".part")
        _check(target, self.path, resume=resume, overwrite=overwrite)
        self._header = {_MARK: 1, **made_by}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self.path.open("a+b")
        except OSError as error:
            raise self._failure(error) from error
        try:
            self._begin(resume)
            self.done = sum(1 for _ in self.records())
        except BaseException:
            self._file.close()
            raise

    def rest(self, names: Iterator[str]) -> Iterator[str]:
        """The names that have no answer yet; those that have must be the first, in this order.

        Raises:
            UsageError: they are not: the images have changed since.
        """
        for record in self.records():
            name = next(names, None)
            if record["name"] != name:
                now = "nothing more" if name is None else repr(name)
                raise UsageError(
                    f"cannot go on with {self.path}: it has {record['name']!r} where the inputs "
                    f"now have {now}; begin anew with --overwrite."
                )
        return names

    def add(self, record: dict[str, Any]) -> None:
        """Keep the next answer.

        Raises:
            StorageError: it cannot be written.
        """
        self._write(record)
        self.done += 1

    def records(self) -> Iterator[dict[str, Any]]:
        """All answers so far, in order."""
        with self.path.open("rb") as lines:
            next(lines)
            for line in lines:
                yield json.loads(line)

    def finish(self, top: int) -> int:
        """Write the file and remove the journal.

        Args:
            top: how many classes each answer lists.

        Returns:
            How many answers are errors.

        Raises:
            StorageError: it cannot be written; the journal stays.
        """
        failed = 0
        with (
            atomic(self.target) as temporary,
            # Names of files may hold bytes that are no UTF-8.
            temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out,
        ):
            writer = file_writer(self.target, out, top)
            for record in self.records():
                writer.add(record)
                failed += record["error"] is not None
            writer.close()
        with suppress(FileNotFoundError):
            self.path.unlink()
        return failed

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the journal; what is in it stays."""
        self._file.close()

    def _begin(self, resume: bool) -> None:
        """Take hold of the file; check its first line, or write it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not resume:
                self._file.truncate(0)
            self._file.seek(0)
            first = self._file.readline()
            if not first:
                self._write(self._header)
                return
            self._check_header(first)
            _drop_torn_line(self._file)
        except BlockingIOError as error:
            raise StorageError(f"{self.path} is being written by another process.") from error
        except OSError as error:
            raise self._failure(error) from error

    def _check_header(self, line: bytes) -> None:
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get(_MARK) != 1:
            raise UsageError(f"{self.path} is no list of answers: choose another -o.")
        other = [key for key, value in self._header.items() if found.get(key) != value]
        if other:
            raise UsageError(
                f"cannot go on with {self.path}: it was begun with another {other[0]}; begin "
                "anew with --overwrite."
            )

    def _write(self, record: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(record, allow_nan=False).encode() + _END)
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(f"cannot write {self.path}: {error.strerror or error}.")


def _check(target: Path, part: Path, *, resume: bool, overwrite: bool) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder: name a file for the answers.")
    if overwrite:
        return
    if target.exists():
        raise StorageError(f"{target} exists: choose another -o, or replace it with --overwrite.")
    if part.exists() and not resume:
        raise StorageError(
            f"{part} is left from an interrupted run: go on with it by --resume, or begin anew "
            "with --overwrite."
        )


def _drop_torn_line(file: BinaryIO) -> None:
    """Cut off what stands behind the last end of a line; there is one."""
    end = file.seek(0, os.SEEK_END)
    while True:
        begin = max(0, end - _BLOCK)
        file.seek(begin)
        place = file.read(end - begin).rfind(_END)
        if place >= 0:
            file.truncate(begin + place + 1)
            return
        end = begin
