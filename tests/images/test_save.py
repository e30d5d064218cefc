"""Images to files, read back by Pillow, OpenCV and our own reader."""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pellucid.errors import StorageError, UsageError
from pellucid.images.read import Picture, read_image
from pellucid.images.save import SUFFIXES, encode_png, save_image

RNG = np.random.default_rng(5)
RGB = RNG.integers(0, 256, (13, 17, 3), np.uint8)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG"])
@pytest.mark.parametrize("image", [RGB, RGB[..., 0], RGB[..., :1]])
def test_what_is_saved_is_read_back(tmp_path, suffix, image):
    path = tmp_path / f"a{suffix}"
    save_image(path, image)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    with Image.open(path) as opened:
        assert opened.format == SUFFIXES[suffix.lower()]
        found = np.asarray(opened.convert("RGB"), int)
    wanted = np.broadcast_to(image.reshape(13, 17, -1), (13, 17, 3)).astype(int)
    if SUFFIXES[suffix.lower()] != "JPEG":
        assert np.array_equal(found, wanted)
        ours = np.broadcast_to(read_image(path).pixels, (13, 17, 3))
        assert np.array_equal(ours, wanted)
    assert np.abs(found - wanted).mean() < 4


def test_jpeg_keeps_small_coloured_details(tmp_path):
    """Colour in full resolution: a red line of one pixel stays red."""
    image = np.full((16, 16, 3), 128, np.uint8)
    image[:, 8] = (255, 0, 0)
    save_image(tmp_path / "a.jpg", image)
    red, green, blue = cv2.imread(str(tmp_path / "a.jpg"))[8, 8, ::-1].astype(int)
    assert red > 220
    assert max(green, blue) < 40


def test_floats_are_rounded():
    floats = np.array([[0, 0.5, 1.0, 0.0019, 0.0020]])
    found = np.asarray(Image.open(BytesIO(encode_png(floats))))
    assert found.tolist() == [[0, 128, 255, 0, 1]]


def test_any_strides_and_pictures():
    view = RGB[::-1, ::-2, ::-1]
    view.flags.writeable = False
    assert np.array_equal(np.asarray(Image.open(BytesIO(encode_png(view)))), view)
    picture = Picture(RGB, "array", "RGB", bytes(16))
    assert encode_png(picture) == encode_png(RGB)


def test_a_file_is_kept_unless_asked(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError, match=r"a\.png exists"):
        save_image(path, RGB)
    assert path.read_bytes() == b"mine"
    save_image(path, RGB, overwrite=True)
    assert path.read_bytes() == encode_png(RGB)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left"):
        save_image(path, RGB, overwrite=True)
    assert path.read_bytes() == b"mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "image", "error", "words"),
    [
        ("a.jpe", RGB, UsageError, r"unknown suffix '\.jpe'; did you mean '\.jpeg'"),
        ("a", RGB, UsageError, "unknown suffix 'a'"),
        ("a.gif", RGB, UsageError, "Known: .jpeg, .jpg, .png"),
        ("no/a.png", RGB, StorageError, "the folder .*no does not exist"),
        ("a.png", np.zeros((3, 3, 4)), UsageError, r"expected .*a\.png with 1 or 3 channels"),
        ("a.png", np.full((3, 3), np.nan), UsageError, "without NaN"),
        ("a.png", np.zeros((0, 3)), UsageError, "with pixels"),
        ("a.webp", np.zeros((1, 16400), np.uint8), StorageError, "16400×1 pixels as WEBP"),
        ("a.jpg", np.zeros((1, 65600), np.uint8), StorageError, "65600×1 pixels as JPEG"),
    ],
)
def test_refusals_write_nothing(tmp_path, name, image, error, words):
    with pytest.raises(error, match=words):
        save_image(tmp_path / name, image)
    assert list(tmp_path.iterdir()) == []
