"""The pixel cache: the same pixels in memory and in a file, whole or not there at all."""

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pellucid.data import cachefolder
from pellucid.data.cache import FilePixels, MemoryPixels, load_pixels
from pellucid.data.cachefolder import cache_folder
from pellucid.data.catalogue import Sample
from pellucid.data.fingerprint import fingerprint
from pellucid.data.memory import available_memory
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.scan import Scan
from pellucid.data.words import Words
from pellucid.errors import DataError, ImageError, StorageError

RECORD = Preprocessing("rgb", 12, 10, (0.5,) * 3, (0.5,) * 3)
GRAY = Preprocessing("gray", 12, 10, (0.5,), (0.5,))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "pellucid" / "pixels"


def expected(images, record=RECORD):
    blank = np.zeros((record.height, record.width, record.channels), np.uint8)
    return np.stack(
        [blank if isinstance(image, ImageError) else record.fit(image) for image in images]
    )


def names(folder):
    return sorted(path.suffix for path in folder.iterdir())


def assert_same(first, second):
    for field in fields(Scan):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, Words):
            assert one.names == other.names
            one, other = one.codes, other.codes
        np.testing.assert_array_equal(one, other)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype


# --- both forms ---------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [None, 0], ids=["memory", "file"])
@pytest.mark.parametrize("record", [RECORD, GRAY], ids=["rgb", "gray"])
def test_the_cache_holds_the_fitted_images(make_catalogue, mixed_images, limit, record):
    steps = []
    found, cache = load_pixels(
        make_catalogue(mixed_images), record, memory_limit=limit, advance=steps.append
    )
    with cache:
        assert (cache.path is None) == (limit is None)
        assert cache.shape == (60, 12, 10, record.channels)
        assert len(cache) == len(found) == sum(steps) == 60
        np.testing.assert_array_equal(cache.gather(np.arange(60)), expected(mixed_images, record))


@pytest.fixture(params=["memory", "file"])
def filled(request, tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (9, 4, 5, 3)).astype(np.uint8)
    if request.param == "memory":
        cache = MemoryPixels(pixels.shape)
    else:
        cache = FilePixels.create(pixels.shape, tmp_path / "pixels.bin")
    for index, image in enumerate(pixels):
        cache.put(index, image)
    with cache:
        yield cache, pixels


@given(indices=st.lists(st.integers(0, 8), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gather_is_indexing(filled, indices):
    cache, pixels = filled
    wanted = np.array(indices, np.intp)
    batch = cache.gather(wanted)
    np.testing.assert_array_equal(batch, pixels[wanted])
    batch[:] = 0  # a new array: the cache is not touched
    np.testing.assert_array_equal(cache.gather(wanted), pixels[wanted])


@pytest.mark.parametrize("wrong", [[0, 9], [-1]])
def test_gather_refuses_indices_outside(filled, wrong):
    with pytest.raises(IndexError, match="image indices are 0 to 8, not"):
        filled[0].gather(np.array(wrong))


def test_gather_from_several_threads(filled):
    cache, pixels = filled
    orders = [np.random.default_rng(seed).integers(0, 9, 50) for seed in range(40)]
    with ThreadPoolExecutor(4) as pool:
        for order, batch in zip(orders, pool.map(cache.gather, orders), strict=True):
            np.testing.assert_array_equal(batch, pixels[order])


def test_put_takes_any_memory_layout(filled):
    cache, pixels = filled
    cache.put(0, np.asfortranarray(pixels[1]))
    np.testing.assert_array_equal(cache.gather(np.array([0]))[0], pixels[1])


# --- later runs ---------------------------------------------------------------------------


def test_a_later_run_decodes_nothing(make_catalogue, mixed_images, folder):
    catalogue = make_catalogue(mixed_images)
    first, cache = load_pixels(catalogue, RECORD, memory_limit=0)
    cache.close()
    assert catalogue.source.loads == 60
    assert names(folder) == [".bin", ".npz"]
    steps = []
    again, cache = load_pixels(catalogue, RECORD, memory_limit=0, advance=steps.append)
    with cache:
        assert catalogue.source.loads == 60
        assert steps == [60]
        assert_same(first, again)
        assert cache.path is not None
        assert cache.path.read_bytes() == expected(mixed_images).tobytes()


def test_the_fingerprint_follows_the_content_and_the_fit(make_catalogue, mixed_images):
    catalogue = make_catalogue(mixed_images)
    plain = fingerprint(catalogue, RECORD)
    assert plain == fingerprint(make_catalogue(mixed_images), RECORD)
    assert plain == fingerprint(catalogue, replace(RECORD, mean=(0.1,) * 3, std=(2.0,) * 3))
    relabelled = [replace(sample, label=1, split="test") for sample in catalogue.samples]
    assert plain == fingerprint(replace(catalogue, samples=relabelled), RECORD)

    touched = make_catalogue(mixed_images)
    touched.source.version = "2"
    odd = [*catalogue.samples[:-1], Sample("a/\udcff\n🐈.png", 0, None)]
    others = {
        fingerprint(touched, RECORD),
        fingerprint(catalogue, GRAY),
        fingerprint(catalogue, replace(RECORD, height=10, width=12)),
        fingerprint(catalogue, replace(RECORD, resize="crop")),
        fingerprint(replace(catalogue, samples=odd), RECORD),
        fingerprint(replace(catalogue, samples=catalogue.samples[::-1]), RECORD),
        fingerprint(replace(catalogue, root=Path("/elsewhere")), RECORD),
    }
    assert len(others - {plain}) == 7


@pytest.mark.parametrize("damage", ["scan cut", "scan foreign", "scan gone", "pixels cut"])
def test_a_damaged_entry_is_made_again(make_catalogue, mixed_images, folder, damage):
    catalogue = make_catalogue(mixed_images)
    load_pixels(catalogue, RECORD, memory_limit=0)[1].close()
    (pixels,), (scan_file,) = folder.glob("*.bin"), folder.glob("*.npz")
    if damage == "scan cut":
        os.truncate(scan_file, scan_file.stat().st_size // 2)
    elif damage == "scan foreign":
        scan_file.write_bytes(b"no zip at all")
    elif damage == "scan gone":
        scan_file.unlink()
    else:
        os.truncate(pixels, pixels.stat().st_size - 1)
    with load_pixels(catalogue, RECORD, memory_limit=0)[1] as cache:
        assert catalogue.source.loads == 120
        np.testing.assert_array_equal(cache.gather(np.arange(60)), expected(mixed_images))


@pytest.mark.parametrize(("fault", "loads"), [("unreadable", 120), ("broken", 60)])
def test_faults_that_can_pass_are_looked_at_again(make_catalogue, mixed_images, fault, loads):
    images = [*mixed_images[:-1], ImageError("a/59.png: no.", fault)]
    catalogue = make_catalogue(images)
    for _ in range(2):
        load_pixels(catalogue, RECORD, memory_limit=0)[1].close()
    assert catalogue.source.loads == loads


def test_a_cut_file_is_noticed_while_in_use(make_catalogue, mixed_images):
    with load_pixels(make_catalogue(mixed_images), RECORD, memory_limit=0)[1] as cache:
        assert cache.path is not None
        os.truncate(cache.path, 360 * 20)
        np.testing.assert_array_equal(cache.gather(np.arange(20)), expected(mixed_images)[:20])
        with pytest.raises(DataError, match="ends before image 20; remove the file"):
            cache.gather(np.array([20]))


def test_the_folder_may_be_deleted_while_in_use(make_catalogue, mixed_images, folder):
    with load_pixels(make_catalogue(mixed_images), RECORD, memory_limit=0)[1] as cache:
        for path in folder.iterdir():
            path.unlink()
        np.testing.assert_array_equal(cache.gather(np.arange(60)), expected(mixed_images))


# --- what goes wrong while writing --------------------------------------------------------


def test_an_exception_leaves_nothing(make_catalogue, mixed_images, folder):
    images = [*mixed_images[:-1], ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        load_pixels(make_catalogue(images), RECORD, memory_limit=0)
    assert names(folder) == []


@pytest.mark.parametrize("call", ["posix_fallocate", "pwrite", "fsync"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    make_catalogue, mixed_images, folder, monkeypatch, call
):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(StorageError, match=r"disk is full|No space left on device"):
        load_pixels(make_catalogue(mixed_images), RECORD, memory_limit=0)
    assert names(folder) == []


def test_a_disk_that_is_really_full(make_catalogue, mixed_images, tmp_path, monkeypatch):
    disk = tmp_path / "small"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        monkeypatch.setenv("XDG_CACHE_HOME", str(disk))
        with pytest.raises(StorageError) as caught:
            load_pixels(make_catalogue(mixed_images), RECORD, memory_limit=0)
        assert str(caught.value) == (
            f"the decoded images do not fit in memory and cannot be kept in {cache_folder()}: "
            "the disk is full; make room there, or set XDG_CACHE_HOME to a folder on another disk."
        )
        assert not [path for path in disk.rglob("*") if path.is_file()]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_cache_folder_that_cannot_be_made(make_catalogue, mixed_images, folder):
    folder.parent.parent.write_text("a file in the folder's place")
    with pytest.raises(StorageError, match="Not a directory; make room there, or set XDG_CACHE"):
        load_pixels(make_catalogue(mixed_images), RECORD, memory_limit=0)


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from conftest import fake_catalogue
from test_cache import RECORD
from pellucid.data.cache import load_pixels
import numpy as np

catalogue = fake_catalogue([np.full((20, 20, 3), index, np.uint8) for index in range(60)])
plain = catalogue.source.load
def load(index, enough=None):
    if index == 40:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(index)
catalogue.source.load = load
load_pixels(catalogue, RECORD, memory_limit=0)
"""


def test_what_a_killed_run_left_is_not_used_and_removed_later(
    make_catalogue, folder, request, monkeypatch
):
    code = KILLED.format(tests=str(request.path.parent))
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    (draft,) = folder.iterdir()
    images = [np.full((20, 20, 3), index, np.uint8) for index in range(60)]
    catalogue = make_catalogue(images)
    with load_pixels(catalogue, RECORD, memory_limit=0)[1] as cache:
        assert catalogue.source.loads == 60
        np.testing.assert_array_equal(cache.gather(np.arange(60)), expected(images))
    assert draft.exists()  # it could be that of a run still going on
    monkeypatch.setattr(cachefolder, "ABANDONED", 0.0)
    load_pixels(catalogue, GRAY, memory_limit=0)[1].close()
    assert not draft.exists()


# --- the folder's bound -------------------------------------------------------------------


def test_the_entries_unused_the_longest_go_first(make_catalogue, mixed_images, folder, monkeypatch):
    catalogue = make_catalogue(mixed_images)
    records = [replace(GRAY, height=height) for height in (8, 9, 10)]
    for age, record in zip((300, 200, 100), records, strict=True):
        load_pixels(catalogue, record, memory_limit=0)[1].close()
        for path in folder.glob(f"{fingerprint(catalogue, record)}.*"):
            used = path.stat().st_mtime - age
            os.utime(path, (used, used))
    load_pixels(catalogue, records[0], memory_limit=0)[1].close()  # now the last used
    held = sum(path.stat().st_size for path in folder.iterdir())
    monkeypatch.setattr(cachefolder, "FOLDER_LIMIT", held)
    load_pixels(catalogue, RECORD, memory_limit=0)[1].close()
    kept = {path.stem for path in folder.iterdir()}
    assert kept == {fingerprint(catalogue, record) for record in (records[0], records[2], RECORD)}


def test_an_entry_larger_than_the_bound_is_made(make_catalogue, mixed_images, folder, monkeypatch):
    monkeypatch.setattr(cachefolder, "FOLDER_LIMIT", 10)
    for record in (GRAY, RECORD):
        load_pixels(make_catalogue(mixed_images), record, memory_limit=0)[1].close()
        assert names(folder) == [".bin", ".npz"]


def test_where_the_folder_is(monkeypatch, tmp_path):
    assert cache_folder() == tmp_path / "cache/pellucid/pixels"
    monkeypatch.setenv("HOME", "/home/ada")
    for relative in ("", "some/where"):
        monkeypatch.setenv("XDG_CACHE_HOME", relative)
        assert cache_folder() == Path("/home/ada/.cache/pellucid/pixels")


# --- memory -------------------------------------------------------------------------------

PEAK = """
import sys
sys.path.insert(0, {tests!r})
from conftest import fake_catalogue
from pellucid.data.cache import load_pixels
from pellucid.data.preprocessing import Preprocessing
import numpy as np

class Images:
    def __init__(self, count): self.count = count
    def __len__(self): return self.count
    def __getitem__(self, index): return np.full((64, 64, 3), index % 251, np.uint8)

def peak():  # not getrusage: its ru_maxrss starts from the parent's
    return next(int(line.split()[1]) for line in open("/proc/self/status") if "VmHWM" in line)

def run(count, limit):
    record = Preprocessing("rgb", 64, 64, (0.5,) * 3, (0.5,) * 3)
    with load_pixels(fake_catalogue(Images(count)), record, memory_limit=limit)[1] as cache:
        order = np.random.default_rng(0).permutation(count)
        for start in range(0, count, 128):
            batch = cache.gather(order[start : start + 128])
            assert (batch == (order[start : start + 128] % 251)[:, None, None, None]).all()

run(300, 0)
before = peak()
run(4000, {limit})
print((peak() - before) * 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's VmHWM")
def test_peak_memory_does_not_hold_the_images(request):
    pixels = 4000 * 64 * 64 * 3

    def growth(limit):
        code = PEAK.format(tests=str(request.path.parent), limit=limit)
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        return int(done.stdout)

    assert growth(2 * pixels) > 0.9 * pixels  # the measure sees what is in memory
    assert growth(0) < 0.3 * pixels  # 1.1 kB of scan records an image, and batches


def system_files(root, **files):
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text("MemTotal: 9000 kB\nMemAvailable:    8000 kB\n")
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return available_memory(root)


V2 = "sys/fs/cgroup"
V1 = "sys/fs/cgroup/memory"


@pytest.mark.parametrize(
    ("files", "available"),
    [
        ({}, 8_192_000),
        ({"proc/self/cgroup": "0::/\n"}, 8_192_000),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                f"{V2}/a/b/memory.max": "max\n",
                f"{V2}/a/b/memory.current": "7\n",
                f"{V2}/a/b/memory.stat": "anon 5\ninactive_file 2\n",
                f"{V2}/a/memory.max": "5000000\n",
                f"{V2}/a/memory.current": "4000000\n",
                f"{V2}/a/memory.stat": "anon 1\ninactive_file 300000\n",
            },
            1_300_000,
        ),
        (
            {
                "proc/self/cgroup": "9:name=systemd:/\n4:cpu,memory:/host/path\n0::/\n",
                f"{V1}/memory.limit_in_bytes": "2000\n",
                f"{V1}/memory.usage_in_bytes": "2500\n",
                f"{V1}/memory.stat": "inactive_file 9\ntotal_inactive_file 100\n",
            },
            0,
        ),
        (
            {
                "proc/self/cgroup": "4:memory:/job\n",
                f"{V1}/job/memory.limit_in_bytes": "9223372036854771712\n",
                f"{V1}/job/memory.usage_in_bytes": "2500\n",
                f"{V1}/job/memory.stat": "total_inactive_file 100\n",
            },
            8_192_000,
        ),
    ],
    ids=["no groups", "no limit", "outer v2 group", "v1 in a container", "v1 unlimited"],
)
def test_available_memory_minds_control_groups(tmp_path, files, available):
    assert system_files(tmp_path, **files) == available


def test_the_default_limit_is_a_quarter_of_the_available_memory(
    make_catalogue, mixed_images, monkeypatch
):
    size = 60 * 12 * 10 * 3
    for available, in_memory in ((4 * size, True), (4 * size - 4, False)):
        monkeypatch.setattr("pellucid.data.cache.available_memory", lambda: available)  # noqa: B023
        with load_pixels(make_catalogue(mixed_images), RECORD)[1] as cache:
            assert (cache.path is None) == in_memory


def test_two_runs_at_once_make_one_entry(make_catalogue, mixed_images, folder):
    caches = []
    barrier = threading.Barrier(2)

    def run():
        barrier.wait()
        caches.append(load_pixels(make_catalogue(mixed_images), RECORD, memory_limit=0)[1])

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(folder) == [".bin", ".npz"]
    for cache in caches:
        with cache:
            np.testing.assert_array_equal(cache.gather(np.arange(60)), expected(mixed_images))
