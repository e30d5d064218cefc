"""Reading idx files, written here byte by byte."""

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pellucid.data.idx import read_idx, read_idx_array
from pellucid.errors import DataError

RNG = np.random.default_rng(5)
IMAGES = RNG.integers(0, 256, (6, 4, 5), np.uint8)
LABELS = np.array([1, 0, 2, 1, 0, 2], np.uint8)


def idx(values: NDArray[np.uint8]) -> bytes:
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return head + values.tobytes()


def write(folder: Path, prefix: str, images: bytes, labels: bytes, suffix: str = "") -> Path:
    for kind, data in (("images-idx3", images), ("labels-idx1", labels)):
        content = gzip.compress(data) if suffix else data
        (folder / f"{prefix}-{kind}-ubyte{suffix}").write_bytes(content)
    return folder


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_mnist_like(tmp_path: Path, suffix: str) -> None:
    write(tmp_path, "train", idx(IMAGES), idx(LABELS), suffix)
    write(tmp_path, "t10k", idx(IMAGES[:3]), idx(LABELS[:3]), suffix)
    catalogue = read_idx(tmp_path)
    assert catalogue.kind == "idx"
    assert catalogue.classes == ("0", "1", "2")
    assert [sample.split for sample in catalogue.samples] == ["test"] * 3 + ["train"] * 6
    assert catalogue.samples[3].name == f"train-images-idx3-ubyte{suffix}[0]"
    assert [sample.label for sample in catalogue.samples[3:]] == LABELS.tolist()
    for index in range(6):
        picture = catalogue.source.load(3 + index)
        assert np.array_equal(picture.pixels[..., 0], IMAGES[index])
        assert (picture.format, picture.mode) == ("array", "gray")
    assert len({catalogue.source.load(index).digest for index in range(9)}) == 6
    assert len({catalogue.source.stamp(index) for index in range(9)}) == 9


def test_other_sets_and_one_file(tmp_path: Path) -> None:
    write(tmp_path, "emnist-letters-train", idx(IMAGES), idx(LABELS))
    write(tmp_path, "emnist-letters-test", idx(IMAGES), idx(LABELS))
    write(tmp_path, "whole", idx(IMAGES), idx(LABELS))
    splits = [sample.split for sample in read_idx(tmp_path).samples]
    assert splits == ["test"] * 6 + ["train"] * 6 + [None] * 6
    assert len(read_idx(tmp_path / "whole-images-idx3-ubyte")) == 6


def test_class_names_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "train", idx(IMAGES), idx(LABELS))
    names = tmp_path / "classes.txt"
    names.write_text("T-shirt\nTrouser\n\nAnkle boot\nBag\n", "utf-8")
    catalogue = read_idx(tmp_path)
    assert catalogue.classes == ("T-shirt", "Trouser", "Ankle boot")
    assert [(item.name, item.why) for item in catalogue.left_out] == [("Bag", "empty-class")]
    for text, sentence in [
        ("a\nb\n", "names 2 classes, but there is a label 2"),
        ("a\nb\na", "twice"),
    ]:
        names.write_text(text, "utf-8")
        with pytest.raises(DataError, match=sentence):
            read_idx(tmp_path)


def test_a_label_that_no_image_has_is_dropped_and_named(tmp_path: Path) -> None:
    write(tmp_path, "train", idx(IMAGES), idx(LABELS + (LABELS > 0).astype(np.uint8)))
    catalogue = read_idx(tmp_path)
    assert catalogue.classes == ("0", "2", "3")
    assert [sample.label for sample in catalogue.samples] == LABELS.tolist()
    assert [(item.name, item.why) for item in catalogue.left_out] == [("1", "empty-class")]


IMAGE_FAULTS = [
    (b"", "starts with"),
    (b"hello world", "starts with 68 65 6c 6c, expected 00 00 08 03"),
    (idx(LABELS), "starts with 00 00 08 01"),
    (idx(IMAGES)[:9], "ends within its header"),
    (idx(IMAGES)[:-1], "it has only 119"),
    (idx(IMAGES) + b"x", "it has more"),
    (struct.pack(">BBBB3I", 0, 0, 8, 3, 0, 4, 5), "nothing"),
    (struct.pack(">BBBB3I", 0, 0, 8, 3, *[2**32 - 1] * 3), "too many for it"),
    (struct.pack(">BBBB3I", 0, 0, 9, 3, 1, 1, 1) + b"a", "starts with"),
]


@pytest.mark.parametrize(("data", "sentence"), IMAGE_FAULTS)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_wrong_headers_and_lengths(tmp_path: Path, data: bytes, sentence: str, suffix: str) -> None:
    write(tmp_path, "train", data, idx(LABELS), suffix)
    with pytest.raises(DataError, match=sentence) as caught:
        read_idx(tmp_path)
    assert f"train-images-idx3-ubyte{suffix}" in str(caught.value)


def test_counts_that_disagree(tmp_path: Path) -> None:
    write(tmp_path, "train", idx(IMAGES), idx(LABELS[:5]))
    with pytest.raises(DataError, match=r"has 6 images, but .* has 5 labels"):
        read_idx(tmp_path)


def test_missing_labels(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(IMAGES))
    with pytest.raises(DataError, match="has no labels: expected 'train-labels-idx1-ubyte'"):
        read_idx(tmp_path)


def test_two_files_for_one_split(tmp_path: Path) -> None:
    write(tmp_path, "train", idx(IMAGES), idx(LABELS))
    write(tmp_path, "other-train", idx(IMAGES), idx(LABELS))
    with pytest.raises(DataError, match="for the same split"):
        read_idx(tmp_path)


def test_damaged_gzip(tmp_path: Path) -> None:
    write(tmp_path, "train", idx(IMAGES), idx(LABELS), ".gz")
    file = tmp_path / "train-images-idx3-ubyte.gz"
    whole = file.read_bytes()
    middle = len(whole) // 2
    for data in (whole[:middle], whole[:middle] + b"\0\xff" * 9 + whole[middle:]):
        file.write_bytes(data)
        with pytest.raises(DataError, match="train-images"):
            read_idx(tmp_path)


def test_gzip_is_not_unpacked_past_its_promise(tmp_path: Path) -> None:
    file = tmp_path / "bomb-images-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(idx(IMAGES) + bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(DataError, match="it has more"):
        read_idx_array(file, 3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=40), st.booleans())
def test_any_bytes_give_an_array_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, packed: bool
) -> None:
    data = b"\0\0\x08\x01" + tail
    file = tmp_path_factory.getbasetemp() / "fuzz-labels-idx1-ubyte"
    file.write_bytes(gzip.compress(data) if packed else data)
    try:
        values = read_idx_array(file, 1)
    except DataError:
        assert len(tail) < 4 or int.from_bytes(tail[:4], "big") != len(tail) - 4 or len(tail) == 4
    else:
        assert values.tobytes() == tail[4:]
