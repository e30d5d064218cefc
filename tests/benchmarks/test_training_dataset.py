"""The common data set: the split is Pellucid's, the files are the data's."""

import gzip
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from pellucid.data.open import open_catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.training.planning.prepare import prepare as prepare_for_training
from pellucid.watch import Watcher
from training.dataset import prepare, unpacked


def picture(rng: np.random.Generator) -> np.ndarray:
    return cv2.resize(rng.integers(0, 256, (6, 6, 3), np.uint8), (40, 30))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """24 JPEGs of two classes and a copy of each, re-encoded."""
    rng = np.random.default_rng(0)
    for number in range(24):
        folder = tmp_path / "photos" / ("left", "right")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        image = picture(rng)
        cv2.imwrite(str(folder / f"{number}.jpg"), image)
        cv2.imwrite(str(folder / f"{number}-again.jpeg"), image, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return tmp_path / "photos"


def contents(folder: Path) -> set[bytes]:
    return {file.read_bytes() for file in folder.glob("*/*")}


def test_bytes_are_kept_and_parts_are_those_of_training(photos: Path, tmp_path: Path) -> None:
    data = prepare(photos, 3, tmp_path / "work")
    train, test = contents(data.folder / "train"), contents(data.folder / "test")
    assert train | test == contents(photos)
    assert not train & test
    assert (len(train), len(test)) == (data.train, data.test)

    geometry = Preprocessing("rgb", 30, 30, (0.5,) * 3, (0.5,) * 3)
    catalogue = open_catalogue(photos)
    theirs = prepare_for_training(catalogue, geometry, 3, Watcher())
    names = [catalogue.samples[index].name for index in theirs.splits.test.tolist()]
    assert test == {(photos / name).read_bytes() for name in names}
    theirs.pixels.close()


def test_copies_are_in_one_part(photos: Path, tmp_path: Path) -> None:
    data = prepare(photos, 0, tmp_path / "work")
    test = contents(data.folder / "test")
    for file in photos.glob("*/*-again.jpeg"):
        original = file.with_name(file.name.replace("-again.jpeg", ".jpg"))
        assert (file.read_bytes() in test) == (original.read_bytes() in test)


def test_training_on_it_keeps_its_test_part(photos: Path, tmp_path: Path) -> None:
    data = prepare(photos, 0, tmp_path / "work")
    parts = [sample.split for sample in open_catalogue(data.folder).samples]
    assert (parts.count("train"), parts.count("test")) == (data.train, data.test)


def write_idx(folder: Path, name: str, images: np.ndarray, labels: np.ndarray) -> None:
    for kind, values in (("images-idx3", images), ("labels-idx1", labels)):
        head = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">u4").tobytes()
        packed = gzip.compress(head + values.tobytes())
        (folder / f"{name}-{kind}-ubyte.gz").write_bytes(packed)


def test_arrays_become_png_without_loss(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    source = tmp_path / "digits"
    source.mkdir()
    images = {"train": rng.integers(0, 256, (12, 9, 9), np.uint8)}
    images["t10k"] = rng.integers(0, 256, (4, 9, 9), np.uint8)
    for name, values in images.items():
        write_idx(source, name, values, np.arange(len(values), dtype=np.uint8) % 2)
    data = prepare(source, 0, tmp_path / "work")
    assert (data.train, data.test, data.classes, data.side) == (12, 4, 2, 9)
    assert not data.colored
    for part, name in (("train", "train"), ("test", "t10k")):
        files = sorted((data.folder / part).glob("*/*.png"), key=lambda file: file.name)
        read = np.stack([cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in files])
        assert np.array_equal(read, images[name])
        assert [int(file.parent.name) for file in files] == [i % 2 for i in range(len(files))]


def test_a_second_call_reads_and_a_changed_source_writes(photos: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    first = prepare(photos, 0, work)
    (first.folder / "train" / "left" / "mark").touch()
    assert prepare(photos, 0, work) == first
    assert (first.folder / "train" / "left" / "mark").exists()
    cv2.imwrite(str(photos / "left" / "new.jpg"), picture(np.random.default_rng(2)))
    other = prepare(photos, 0, work)
    assert other.folder != first.folder
    assert other.train + other.test == first.train + first.test + 1


def test_an_archive_is_unpacked_once(photos: Path, tmp_path: Path) -> None:
    archive = tmp_path / "set.tar.xz"
    with tarfile.open(archive, "w:xz") as packed:
        packed.add(photos, "inside")
    folder = unpacked(archive, tmp_path / "work")
    assert folder.name == "inside"
    assert contents(folder) == contents(photos)
    (folder / "mark").touch()
    assert (unpacked(archive, tmp_path / "work") / "mark").exists()
    assert unpacked(photos, tmp_path / "work") == photos
