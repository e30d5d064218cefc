"""Reading .npz files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid.data.catalogue import Catalogue
from pellucid.data.npz import read_npz
from pellucid.errors import DataError, ImageError

RNG = np.random.default_rng(6)
GRAY = RNG.integers(0, 256, (5, 8, 9), np.uint8)
RGB = RNG.integers(0, 256, (5, 8, 9, 3), np.uint8)
LABELS = np.array([0, 1, 1, 0, 10])


def save(folder: Path, **arrays: Any) -> Catalogue:
    np.savez_compressed(folder / "data.npz", **arrays)
    return read_npz(folder / "data.npz")


def pixels(catalogue: Catalogue) -> list[Any]:
    return [catalogue.source.load(index).pixels for index in range(len(catalogue))]


@pytest.mark.parametrize("keys", [("images", "labels"), ("x", "y"), ("X", "Y")])
def test_one_pair(tmp_path: Path, keys: tuple[str, str]) -> None:
    catalogue = save(tmp_path, **{keys[0]: GRAY, keys[1]: LABELS})
    assert catalogue.kind == "npz"
    assert catalogue.classes == ("0", "1", "10")
    assert [sample.label for sample in catalogue.samples] == [0, 1, 1, 0, 2]
    assert catalogue.samples[2].name == f"data.npz:{keys[0].lower()}[2]"
    assert np.array_equal(pixels(catalogue), GRAY[..., None])
    assert catalogue.source.load(0).mode == "gray"


@pytest.mark.parametrize("form", ["x_{}:y_{}", "{}_images:{}_labels"])
def test_splits(tmp_path: Path, form: str) -> None:
    arrays = {}
    for split in ("test", "train", "val"):
        images, labels = form.replace("{}", split).split(":")
        arrays[images] = RGB
        arrays[labels] = LABELS[:, None]
    catalogue = save(tmp_path, **arrays)
    expected = ["train"] * 5 + ["val"] * 5 + ["test"] * 5
    assert [sample.split for sample in catalogue.samples] == expected
    assert np.array_equal(pixels(catalogue), np.concatenate([RGB] * 3))
    assert len({catalogue.source.stamp(index) for index in range(15)}) == 15


def test_channels_first(tmp_path: Path) -> None:
    catalogue = save(tmp_path, x=np.moveaxis(RGB, -1, 1), y=LABELS)
    assert np.array_equal(pixels(catalogue), RGB)
    assert all(image.flags.c_contiguous for image in pixels(catalogue))


@pytest.mark.parametrize(
    ("images", "factor"),
    [
        (GRAY.astype(np.uint16) * 257, 1 / 257),
        (GRAY.astype(np.float32) / 255, 255),
        (GRAY.astype(np.float64), 1),
        (GRAY.astype(np.int64), 1),
        (GRAY > 100, 255),
    ],
)
def test_scaling_is_that_of_images(tmp_path: Path, images: Any, factor: float) -> None:
    catalogue = save(tmp_path, x=images, y=LABELS)
    expected = images[..., None].astype(np.float64) * factor
    assert np.abs(np.array(pixels(catalogue)) - expected).max() <= 0.5 + 1e-4
    assert catalogue.source.load(0).notes == ()


def test_scaling_is_decided_once_for_all_images(tmp_path: Path) -> None:
    train = RNG.normal(0, 1, (5, 4, 4))
    catalogue = save(tmp_path, x_train=train / 2, y_train=LABELS, x_test=train, y_test=LABELS)
    low, high = train.min(), train.max()
    values = np.concatenate([train / 2, train])[..., None]
    expected = (values - low) * 255 / (high - low)
    assert np.abs(np.array(pixels(catalogue)) - expected).max() <= 0.5 + 1e-6
    (note,) = catalogue.source.load(0).notes
    assert "stretched" in note


def test_dark_image_among_others_is_not_stretched(tmp_path: Path) -> None:
    images = np.zeros((5, 2, 2), np.float32)
    images[1] = 200
    images[2] = 1  # alone it would be white
    assert save(tmp_path, x=images, y=LABELS).source.load(2).pixels.max() == 1


def test_non_finite_image_is_one_bad_image(tmp_path: Path) -> None:
    images = GRAY.astype(np.float32) / 255
    images[3, 0, 0] = np.nan
    catalogue = save(tmp_path, x=images, y=LABELS)
    assert np.array_equal(catalogue.source.load(0).pixels[..., 0], GRAY[0])
    with pytest.raises(ImageError, match=r"data\.npz:x\[3\]") as caught:
        catalogue.source.load(3)
    assert caught.value.fault == "non-finite"


def test_alpha_over_white(tmp_path: Path) -> None:
    images = np.zeros((5, 6, 6, 4), np.uint8)
    images[0, ..., 3] = 255
    catalogue = save(tmp_path, x=images, y=LABELS)
    assert catalogue.source.load(0).pixels.max() == 0
    assert catalogue.source.load(1).pixels.min() == 255
    assert catalogue.source.load(1).notes == ("alpha over white",)


def test_class_names(tmp_path: Path) -> None:
    labels = np.array([2, 0, 0, 2, 2], np.uint8)
    catalogue = save(tmp_path, x=GRAY, y=labels, class_names=["zebra", "horse", "ass"])
    assert catalogue.classes == ("zebra", "ass")
    assert [sample.label for sample in catalogue.samples] == [1, 0, 0, 1, 1]
    assert [(item.name, item.why) for item in catalogue.left_out] == [("horse", "empty-class")]
    texts = save(tmp_path, x=GRAY, y=np.array(["b", "a", "a", "b", "b"]))
    assert texts.classes == ("a", "b")
    assert [sample.label for sample in texts.samples] == [1, 0, 0, 1, 1]
    assert save(tmp_path, x=GRAY, y=np.array([b"\xc3\xa9", *[b"z"] * 4])).classes == ("z", "é")


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"pictures": GRAY, "y": LABELS}, "has no images: expected .*; found y"),
        ({"x": GRAY}, "no array 'y' of labels"),
        ({"x": GRAY, "y": LABELS[:4]}, "one label for each of the 5 images"),
        ({"x": GRAY, "y": np.eye(5)}, "one label for each of the 5 images"),
        ({"x": GRAY, "y": LABELS * 0.5}, "integers or texts, not float64"),
        ({"x": GRAY, "y": LABELS * 0}, "only one class, '0'"),
        ({"x": GRAY[:0], "y": LABELS[:0]}, "no images found"),
        ({"x": GRAY[0], "y": LABELS}, "expected images of shape"),
        ({"x": np.zeros((5, 3, 9, 3)), "y": LABELS}, "either end may be the channels"),
        ({"x": np.zeros((5, 7, 9, 7)), "y": LABELS}, "neither end"),
        ({"x": GRAY.astype(complex), "y": LABELS}, "complex128, not real numbers"),
        ({"x": GRAY.astype(object), "y": LABELS}, "cannot read the arrays"),
        ({"x": GRAY, "y": LABELS, "class_names": ["a", "b"]}, "do not fit the 2 class names"),
        (
            {"x_train": GRAY, "y_train": LABELS, "x_test": GRAY / 255, "y_test": LABELS},
            "of one type: x_train is uint8, x_test is float64",
        ),
    ],
)
def test_unusable_files(tmp_path: Path, arrays: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        save(tmp_path, **arrays)
    assert "data.npz" in str(caught.value)


def test_not_an_npz(tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    save(tmp_path, x=GRAY, y=LABELS)
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[60:90] = bytes(30)
    with (tmp_path / "one.npy").open("wb") as single:
        np.save(single, GRAY)
    for content in (b"", b"text", whole[:-30], bytes(damaged), (tmp_path / "one.npy").read_bytes()):
        file.write_bytes(content)
        with pytest.raises(DataError, match=r"data\.npz"):
            read_npz(file)
