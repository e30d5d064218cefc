"""Bundles as one file: the same network comes back, and archives that mean ill are refused."""

import json
import stat
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pellucid.errors import BundleError, PellucidError, StorageError
from pellucid.inference import load_bundle, load_predictor, open_bundle
from pellucid.inference.archive import files_of, write_archive
from pellucid.inference.bundle import write_bundle
from tests.inference.conftest import CARD

WEIGHTS = "weights.safetensors"


@pytest.fixture
def archive(bundle: Path) -> Path:
    opened = open_bundle(bundle)
    path = bundle.parent / "bundle.zip"
    write_bundle(path, opened.card, {WEIGHTS: opened.read(WEIGHTS)}, archive=True)
    return path


def test_it_is_the_same_network(bundle: Path, archive: Path) -> None:
    network, card = load_bundle(archive)
    again, _ = load_bundle(bundle)
    image = torch.randn(1, 3, 16, 16)
    assert card == CARD and torch.equal(network(image), again(image))
    assert load_predictor(str(archive)).classes == CARD.classes


def test_equal_bundles_are_equal_bytes(archive: Path, tmp_path: Path) -> None:
    opened = open_bundle(archive)
    parts = {name: opened.read(name) for name in opened.parts}
    write_bundle(tmp_path / "again", opened.card, parts, archive=True)
    assert (tmp_path / "again").read_bytes() == archive.read_bytes()


def test_deflated_archives_of_other_tools_are_read(bundle: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for path in bundle.iterdir():
            made.write(path, path.name)
        made.writestr("README.md", "not ours, not read")
    assert load_bundle(tmp_path / "b.zip")[1] == CARD


def make(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(name, content)
    return path


def linked(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([("../card.json", b"{}")], "top of the archive"),
        ([("/etc/passwd", b"")], "top of the archive"),
        ([("..\\card.json", b"")], "top of the archive"),
        ([("C:card.json", b"")], "top of the archive"),
        ([("bundle/card.json", b"{}")], "zip the files themselves"),
        ([("bundle/", b"")], "zip the files themselves"),
        ([(linked("card.json"), b"/etc/passwd")], "link"),
        ([("card.json", bytes(2**28))], "unfolds to 268,435,456"),
        ([(f"{number}", b"") for number in range(65)], "too many files"),
        ([("n" * 60000, b""), ("m" * 9000, b"")], "too many files or is too large"),
        ([("other", b"")], "card.json is missing"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, entries: list[tuple[str | zipfile.ZipInfo, bytes]], says: str
) -> None:
    path = make(tmp_path / "bad.zip", *entries)
    with pytest.raises(BundleError, match=says):
        open_bundle(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(tmp_path: Path) -> None:
    path = make(tmp_path / "bad.zip", ("card.json", b"{}"), ("card.json", b"[]"))
    with pytest.raises(BundleError, match="twice"):
        open_bundle(path)


def test_a_size_that_is_a_lie(archive: Path) -> None:
    """The list of entries announces fewer bytes than there are: no more are taken."""
    content = bytearray(archive.read_bytes())
    size = len(open_bundle(archive).read(WEIGHTS))
    place = content.rindex(size.to_bytes(4, "little"))  # of the weights, in the list
    content[place : place + 4] = (7).to_bytes(4, "little")
    archive.write_bytes(content)
    with pytest.raises(BundleError):
        load_bundle(archive)


def test_encrypted_entries(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.rindex(b"PK\1\2") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(BundleError, match="encrypted"):
        load_bundle(archive)


def test_an_archive_with_the_marks_of_a_huge_one(archive: Path) -> None:
    content = archive.read_bytes()
    place = content.rindex(b"PK\5\6")
    archive.write_bytes(content[:place] + b"PK\6\7" + bytes(16) + content[place:])
    with pytest.raises(BundleError, match="too large"):
        open_bundle(archive)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all", b"PK\5\6" + bytes(18)])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(BundleError, match=r"b\.zip"):
        open_bundle(tmp_path / "b.zip")


def test_folders_have_plain_files_only(bundle: Path) -> None:
    (bundle / WEIGHTS).rename(bundle / "elsewhere")
    (bundle / WEIGHTS).symlink_to(bundle / "elsewhere")
    with pytest.raises(BundleError, match="is a link"):
        load_bundle(bundle)
    (bundle / WEIGHTS).unlink()
    (bundle / WEIGHTS).mkdir()
    with pytest.raises(BundleError, match="no plain file"):
        load_bundle(bundle)


def test_an_oversized_part_is_not_read_to_its_end(bundle: Path) -> None:
    with (bundle / "card.json").open("ab") as file:
        file.truncate(2**40)  # sparse: a terabyte that takes no room
    with pytest.raises(BundleError, match="too large"):
        load_bundle(bundle)


def test_a_bundle_beyond_two_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    with pytest.raises(StorageError, match="2 GiB"):
        write_archive(tmp_path / "b.zip", {"weights": bytes(2000)})


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damage_is_always_a_sentence(data: st.DataObject, archive: Path) -> None:
    """Bytes of the archive are changed, cut off or put in: refused in one sentence, or the same."""
    content = bytearray(archive.read_bytes())
    # Mostly where the structure is: the ends.
    where = st.one_of(
        st.integers(0, len(content) - 1),
        st.integers(0, 60),
        st.integers(len(content) - 250, len(content) - 1),
    )
    for place in data.draw(st.lists(where, min_size=1, max_size=6)):
        kind = data.draw(st.sampled_from(("change", "cut", "put")))
        if kind == "change":
            content[place % len(content)] = data.draw(st.integers(0, 255))
        elif kind == "cut" and len(content) > 10:
            del content[place % len(content) :][: data.draw(st.integers(1, 2000))]
        else:
            content[place % len(content) : 0] = data.draw(st.binary(max_size=30))
    path = archive.parent / "fuzzed.zip"
    path.write_bytes(content)
    read_or_refused(lambda: open_bundle(path).read(WEIGHTS))


@given(content=st.binary(max_size=300))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_as_an_archive(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.zip"
    path.write_bytes(content + b"PK\5\6" + content[:18].ljust(18, b"\0"))
    read_or_refused(lambda: open_bundle(path))


def read_or_refused(action: Callable[[], object]) -> None:
    try:
        action()
    except PellucidError as error:
        assert isinstance(error, BundleError) and "\n" not in str(error)


def test_files_beyond_the_bound_are_not_unfolded(tmp_path: Path) -> None:
    path = make(tmp_path / "b.zip", ("x", bytes(2**19)))
    with pytest.raises(BundleError, match="too large"):
        files_of(path).read("x", 2**18)


def test_the_archive_is_checked_by_its_content(archive: Path, tmp_path: Path) -> None:
    """A card that lists another checksum than the weights have, in an archive that is whole."""
    opened = open_bundle(archive)
    record = json.loads(files_of(archive).read("card.json", 2**20))
    record["parts"][WEIGHTS]["sha256"] = "0" * 64
    buffer = BytesIO(json.dumps(record).encode())
    write_archive(
        tmp_path / "bad.zip", {"card.json": buffer.getvalue(), WEIGHTS: opened.read(WEIGHTS)}
    )
    with pytest.raises(BundleError, match="checksum"):
        load_bundle(tmp_path / "bad.zip")
