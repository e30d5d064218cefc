"""A file is the old one or the new one, whole."""

import os
from pathlib import Path

import pytest

from pellucid.errors import BundleError, RunError, StorageError
from pellucid.storage import atomic, read_json, write_json


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"old": 1})
    with pytest.raises(ZeroDivisionError), atomic(path) as temporary:
        temporary.write_text("half of")
        raise ZeroDivisionError
    assert read_json(path) == {"old": 1}
    assert [left.name for left in tmp_path.iterdir()] == ["a.json"]


def test_an_error_of_the_disk_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        write_json(tmp_path / "file" / "below.json", {})
    with pytest.raises(StorageError, match="No space left"), atomic(tmp_path / "b"):
        raise OSError(28, "No space left on device")


def test_any_name_survives_and_no_nan_passes(tmp_path: Path) -> None:
    record = {"name": "caf\udce9 \n 🐈"}
    write_json(tmp_path / "a", record)
    assert read_json(tmp_path / "a") == record
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a", {"loss": float("nan")})
    assert read_json(tmp_path / "a") == record


def test_the_umask_is_respected(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_json(tmp_path / "a", {})
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_record(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(RunError, match="damaged"):
        read_json(tmp_path / "a")
    with pytest.raises(BundleError, match="does not exist"):
        read_json(tmp_path / "b", BundleError)
