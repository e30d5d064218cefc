"""Shards: written the same each time, read in every way, and never trusted."""

import hashlib
import importlib.util
import io
import json
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.data.audit import audit_data
from pellucid.data.open import open_catalogue
from pellucid.data.shards import read
from pellucid.data.shards.index import Shard, Shards, open_shards
from pellucid.data.shards.names import expand, is_local, is_path, is_shards
from pellucid.data.shards.read import read_shards
from pellucid.data.shards.stream import Lane
from pellucid.data.shards.tar import TarSample, read_samples
from pellucid.data.shards.write import write_shards
from pellucid.data.splits import PARTS
from pellucid.errors import DataError, UsageError

spec = importlib.util.spec_from_file_location(
    "shard_files", Path(__file__).with_name("shard_files.py")
)
assert spec is not None and spec.loader is not None
files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(files)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of 20 noisy pictures each, a broken file among them."""
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for index in range(20):
            noise = rng.integers(0, 256, (9, 11, 3), np.uint8)
            suffix = ("jpg", "png", "bmp")[index % 3]
            cv2.imwrite(str(tmp_path / "photos" / name / f"{index}.{suffix}"), noise)
    (tmp_path / "photos" / "cat" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n but no more")
    return tmp_path / "photos"


def write(folder: Path, to: Path, size: int = 3000, **options: object) -> Shards:
    return write_shards(open_catalogue(folder), to, size=size, **options)[0]  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_input_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(folder, tmp_path / "one")
    write(folder, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    write(folder, tmp_path / "three", seed=1)
    assert contents(tmp_path / "one") != contents(tmp_path / "three")


def test_the_index_tells_the_truth(folder: Path, tmp_path: Path) -> None:
    write(folder, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "index.json").read_text())
    assert record["classes"] == ["cat", "dog"]
    assert [fault["name"] for fault in record["left_out"]] == ["cat/bad.png"]
    names: list[str] = []
    for entry in record["shards"]:
        path = tmp_path / "out" / entry["name"]
        assert entry["bytes"] == path.stat().st_size
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        with tarfile.open(path) as tar:  # another reader than ours
            members = tar.getnames()
            labels = [
                json.loads(tar.extractfile(name).read())["class"]  # type: ignore[union-attr]
                for name in members
                if name.endswith(".json")
            ]
        assert len(members) == 3 * entry["samples"]
        assert [labels.count(name) for name in ("cat", "dog")] == entry["counts"]
        names += members
    assert len(set(names)) == len(names) == 3 * 40
    assert len(record["shards"]) > 3


def test_pictures_come_back_bit_for_bit(folder: Path, tmp_path: Path) -> None:
    write(folder, tmp_path / "out")
    before, after = open_catalogue(folder), open_catalogue(tmp_path / "out")
    assert after.kind == "shards" and after.classes == before.classes

    def pictures(catalogue: object, indices: list[int]) -> Counter[tuple[int, bytes]]:
        return Counter(
            (catalogue.samples[i].label, catalogue.source.load(i).pixels.tobytes())  # type: ignore[attr-defined]
            for i in indices
        )

    good = [i for i, sample in enumerate(before.samples) if "bad" not in sample.name]
    assert pictures(before, good) == pictures(after, list(range(len(after))))
    assert {sample.split for sample in after.samples} == {"train", "val", "test"}


def test_a_copied_file_keeps_its_bytes(folder: Path, tmp_path: Path) -> None:
    write(folder, tmp_path / "out", size=10**9)
    inside = set()
    for path in (tmp_path / "out").glob("*.tar"):
        with tarfile.open(path) as tar:
            for member in tar:
                inside.add(tar.extractfile(member).read())  # type: ignore[union-attr]
    for path in folder.rglob("*.[jp][pn]g"):
        assert path.name == "bad.png" or path.read_bytes() in inside


def test_existing_shards_are_kept_unless_told(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(folder, out)
    before = contents(out)
    with pytest.raises(UsageError, match="--overwrite"):
        write(folder, out)
    assert contents(out) == before
    write(folder, out, size=10**9, overwrite=True)
    assert sorted(contents(out)) == [
        "index.json", "test-000000.tar", "train-000000.tar", "val-000000.tar"
    ]  # fmt: skip
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.tar").write_text("dear")
    with pytest.raises(UsageError, match="more than shards of ours"):
        write(folder, tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine" / "diary.tar").exists()


def test_what_an_interrupted_call_left_can_be_replaced(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(folder, out)
    whole = contents(out)
    (out / "index.json").unlink()
    with pytest.raises(UsageError, match="--overwrite"):
        write(folder, out)
    write(folder, out, overwrite=True)
    assert contents(out) == whole


def test_shards_written_again_have_the_same_files(folder: Path, tmp_path: Path) -> None:
    write(folder, tmp_path / "one", size=10**9)
    write(tmp_path / "one", tmp_path / "two", size=10**9)

    def images(folder: Path) -> Counter[bytes]:
        found = open_shards(str(folder))
        return Counter(one.image for shard in found.shards for one in found.samples_of(shard))

    assert images(tmp_path / "two") == images(tmp_path / "one")
    with pytest.raises(UsageError, match="the data itself"):
        write(tmp_path / "one", tmp_path / "one", overwrite=True)


def test_a_stream_is_not_taken_for_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "LOOK", 5)
    files.write_set(tmp_path / "in", [7, 4, 6])
    address = f"pipe:cat {tmp_path}/in/part-000.tar::{tmp_path}/in/part-{{001..002}}.tar"
    with pytest.raises(UsageError, match="is streamed"):
        write(address, tmp_path / "out")  # type: ignore[arg-type]
    audit = audit_data(address)
    assert [sum(getattr(c, part) for c in audit.classes) for part in PARTS] == [5, 6, 0]
    assert audit.unseen == 7 + 4 - 5
    assert any("6 streamed training images not looked at" in v.sentence for v in audit.verdicts)


def test_an_index_is_found_from_its_own_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    catalogue = open_catalogue("index.json")
    assert len(catalogue) == 40 and open_catalogue(catalogue.place).samples == catalogue.samples


@pytest.mark.parametrize(
    ("name", "path", "local"),
    [
        ("a.tar", True, True),
        ("a.tar::b.tar", False, True),
        ("a.tar::pipe:cat b.tar", False, False),
        ("a.tar::s3://bucket/b.tar", False, False),
        ("s3://bucket/b.tar", False, False),
        ("pipe:cat a.tar", False, False),
    ],
)
def test_what_is_a_path_and_what_is_local(name: str, path: bool, local: bool) -> None:
    assert (is_path(name), is_local(name)) == (path, local)


def test_a_list_of_local_shards_is_read_at_any_place(tmp_path: Path) -> None:
    paths = files.write_set(tmp_path, [4, 3])
    catalogue = open_catalogue("::".join(map(str, paths)))
    assert catalogue.stream is None and len(catalogue) == 7


@pytest.mark.parametrize(
    ("form", "count"),
    [
        ("{folder}/part-{{000..002}}.tar", 12),
        ("{folder}/part-000.tar::{folder}/part-002.tar", 7),
        ("pipe:cat {folder}/part-000.tar", 4),
        ("pipe:cat {folder}/part-000.tar::pipe:cat {folder}/part-001.tar", 9),
        ("file://{folder}/part-{{000,001}}.tar", 9),
    ],
)
def test_every_way_to_name_shards(tmp_path: Path, form: str, count: int) -> None:
    files.write_set(tmp_path / "set", [4, 5, 3])
    shards = open_shards(form.format(folder=tmp_path / "set"))
    assert is_shards(form) and shards.samples == count
    assert shards.classes == ("class0", "class1", "class2")
    found = [s for shard in shards.shards for s in shards.samples_of(shard)]
    assert len({sample.key for sample in found}) == count
    assert all(sample.image.startswith(b"\x89PNG") for sample in found)


def test_a_pattern_beside_an_index_uses_it(folder: Path, tmp_path: Path) -> None:
    write(folder, tmp_path / "out")
    shards = open_shards(str(tmp_path / "out" / "train-{000000..000001}.tar"))
    assert shards.numbered and shards.classes == ("cat", "dog")
    assert [shard.split for shard in shards.shards] == ["train", "train"]
    remote = open_shards(f"file://{tmp_path}/out/index.json")
    assert remote.samples == 40 and not remote.local


@pytest.mark.parametrize("wrong", ["a-{9..0}.tar", "{0..9999999}.tar", "{0..999}{0..9999}.tar"])
def test_a_slip_in_a_pattern_is_one_sentence(wrong: str) -> None:
    with pytest.raises(DataError, match=r"range|names"):
        expand(wrong)


def hostile(name: str) -> bytes:
    """A tar file that no one should trust."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo("a.png")
        if name in ("escape", "absolute"):
            info.name = {"escape": "../../a.png", "absolute": "/etc/a.png"}[name]
        if name in ("link", "hard link", "device"):
            kinds = {"link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE}
            info.type, info.linkname = kinds.get(name, tarfile.CHRTYPE), "/etc/passwd"
        if name == "huge":
            info.size = 1 << 40
            buffer.write(info.tobuf())
            return buffer.getvalue()
        if name == "huge header":
            info.type, info.size = tarfile.XHDTYPE, 1 << 30
            buffer.write(info.tobuf(tarfile.USTAR_FORMAT))
            return buffer.getvalue()
        tar.addfile(info)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("escape", "leads out"),
        ("absolute", "leads out"),
        ("link", "link or a device"),
        ("hard link", "link or a device"),
        ("device", "link or a device"),
        ("huge", "too many"),
        ("huge header", "claims"),
    ],
)
@pytest.mark.parametrize("piped", [False, True])
def test_a_hostile_shard_is_refused(tmp_path: Path, name: str, says: str, piped: bool) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(hostile(name))
    with pytest.raises(DataError, match=says):
        open_shards(f"pipe:cat {path}" if piped else str(path))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_shard_is_one_sentence_or_whole(data: st.DataObject) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for number in range(3):
            for name, content in files.sample(f"{number}", number, "a"):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    whole = buffer.getvalue()
    kept = data.draw(st.integers(0, len(whole)))
    place = data.draw(st.integers(0, max(kept - 1, 0)))
    damaged = bytearray(whole[:kept])
    if kept and data.draw(st.booleans()):
        damaged[place] ^= data.draw(st.integers(1, 255))
    try:
        found = list(read_samples(io.BytesIO(bytes(damaged)), "a.tar"))
    except DataError as error:
        assert "'a.tar'" in str(error)
    else:
        assert len(found) <= 3
        if bytes(damaged) == whole[:kept]:
            assert [sample.key for sample in found] == ["0", "1", "2"], "nothing is lost silently"


def test_a_shard_that_is_not_the_indexed_one(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(folder, out)
    path = out / "train-000000.tar"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(DataError, match="bytes, and its index says"):
        read_shards(str(out))
    path.write_bytes(whole[:600] + bytes([whole[600] ^ 1]) + whole[601:])
    with pytest.raises(DataError, match="checksum"):
        read_shards(str(out))
    path.write_bytes((out / "train-000001.tar").read_bytes() * 2)
    path.unlink()
    with pytest.raises(DataError, match="cannot read the shard"):
        read_shards(str(out))


@pytest.mark.parametrize("name", ["../../x.tar", "pipe:touch hacked", "a/b.tar", ""])
def test_an_index_cannot_lead_elsewhere(folder: Path, tmp_path: Path, name: str) -> None:
    write(folder, tmp_path / "out")
    path = tmp_path / "out" / "index.json"
    record = json.loads(path.read_text())
    record["shards"][0]["name"] = name
    path.write_text(json.dumps(record))
    with pytest.raises(DataError, match="no index of shards that can be used"):
        open_shards(str(tmp_path / "out"))


@pytest.mark.parametrize(
    "failing", ["pipe:exit 3", "pipe:cat /no/such.tar", "file:///no/such.tar", "no/such.tar"]
)
def test_what_cannot_be_read_is_one_sentence(failing: str) -> None:
    with pytest.raises(DataError):
        open_shards(failing)


def memory_shards(sizes: list[int]) -> Shards:
    """A set whose samples need no file."""
    shards = tuple(Shard(f"{n}.tar", "train", (size, 0)) for n, size in enumerate(sizes))

    class Memory(Shards):
        def samples_of(self, shard: Shard, *, images: bool = True):  # type: ignore[no-untyped-def]
            for number in range(shard.samples):
                yield TarSample(f"{shard.name}/{number}", b"x" * 9, 0, 9, "0", {})

    return Memory("memory", ("a", "b"), shards, numbered=True)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    lanes=st.integers(1, 9),
    steps=st.integers(1, 7),
    epoch=st.integers(0, 3),
    buffer=st.sampled_from([1, 8, 10_000]),
)
def test_lanes_give_every_sample_once_an_epoch(
    sizes: list[int], lanes: int, steps: int, epoch: int, buffer: int
) -> None:
    shards = memory_shards(sizes)
    total = sum(sizes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pellucid.data.shards.stream.BUFFER_SAMPLES", buffer)
        parts = [list(Lane(shards, 7, n, lanes).parts(epoch, steps)) for n in range(lanes)]
    assert all(len(lane) == steps for lane in parts)
    seen = [piece.name for lane in parts for part in lane for piece in part]
    assert len(seen) == len(set(seen)) == total
    batches = [sum(len(lane[step]) for lane in parts) for step in range(steps)]
    assert max(batches) - min(batches) <= lanes


def test_the_order_changes_with_the_epoch_and_nothing_else() -> None:
    shards = memory_shards([30, 20])

    def order(epoch: int) -> list[str]:
        parts: Callable[..., object] = Lane(shards, 7, 0, 1).parts
        return [piece.name for part in parts(epoch, 3) for piece in part]  # type: ignore[attr-defined]

    assert order(0) == order(0) != order(1)
    assert order(0) != sorted(order(0), key=lambda name: (name.split("/")[0], name))


def test_the_buffer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pellucid.data.shards.stream.BUFFER_BYTES", 90)
    shards = memory_shards([1000])
    read = 0
    original = shards.samples_of

    def counting(shard: Shard, *, images: bool = True):  # type: ignore[no-untyped-def]
        nonlocal read
        for sample in original(shard, images=images):
            read += 1
            yield sample

    object.__setattr__(shards, "samples_of", counting)
    first = next(Lane(shards, 0, 0, 1).parts(0, 100))
    assert len(first) == 10
    assert read <= 10 + 90 // 9 + 1
