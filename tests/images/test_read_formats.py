"""Formats and colour modes of 8 bits, each against a decoder of another library."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from .image_files import (
    ALPHA,
    GRAY,
    RGB,
    RNG,
    encode,
    opencv,
    over_white,
    read,
)


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("PPM", {}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_color(format: str, options: dict[str, Any]) -> None:
    picture = read(encode(Image.fromarray(RGB), format, **options))
    assert picture.format == format
    assert picture.mode == "RGB"
    assert np.array_equal(picture.pixels, RGB)
    assert picture.notes == ()


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF", "PPM", "GIF"])
def test_gray_stays_one_channel(format: str) -> None:
    picture = read(encode(Image.fromarray(GRAY), format))
    assert np.array_equal(picture.pixels, GRAY[..., None])
    assert format == "GIF" or picture.mode == "gray"


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "PPM"])
def test_one_bit(format: str) -> None:
    bits = GRAY > 127
    picture = read(encode(Image.fromarray(bits), format))
    assert np.array_equal(picture.pixels[..., 0], bits * 255)


def test_palette_of_colors_and_of_grays() -> None:
    index = RNG.integers(0, 4, (5, 6), np.uint8)
    for palette, shape in [
        ([[255, 0, 0], [0, 9, 0], [7, 7, 7], [1, 2, 3]], (5, 6, 3)),
        ([[9, 9, 9], [80, 80, 80], [3, 3, 3], [255, 255, 255]], (5, 6, 1)),
    ]:
        image = Image.fromarray(index)
        image.putpalette(np.array(palette, np.uint8).tobytes())
        picture = read(encode(image, "PNG"))
        assert picture.mode == "palette"
        assert np.array_equal(picture.pixels, np.array(palette)[index][..., : shape[2]])


def test_palette_with_transparency() -> None:
    index = RNG.integers(0, 3, (5, 6), np.uint8)
    palette = np.array([[255, 0, 0], [0, 9, 0], [7, 80, 7]], np.uint8)
    opacity = np.array([0, 128, 255], np.uint8)
    image = Image.fromarray(index)
    image.putpalette(palette.tobytes())
    picture = read(encode(image, "PNG", transparency=opacity.tobytes()))
    expected = over_white(palette[index], opacity[index])
    assert np.abs(picture.pixels - expected).max() <= 0.5
    assert picture.notes == ("alpha over white",)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_alpha_is_laid_over_white(format: str) -> None:
    image = Image.fromarray(np.dstack([RGB, ALPHA]))
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    picture = read(encode(image, format, **options))
    assert picture.mode == "RGBA"
    assert np.abs(picture.pixels - over_white(RGB, ALPHA)).max() <= 0.5
    assert picture.notes == ("alpha over white",)


def test_gray_with_alpha_stays_one_channel() -> None:
    image = Image.fromarray(np.dstack([GRAY, ALPHA]), "LA")
    picture = read(encode(image, "PNG"))
    assert picture.mode == "gray+alpha"
    assert picture.pixels.shape == (11, 17, 1)
    assert np.abs(picture.pixels - over_white(GRAY[..., None], ALPHA)).max() <= 0.5


def test_opaque_alpha_changes_nothing() -> None:
    image = Image.fromarray(np.dstack([RGB, np.full_like(ALPHA, 255)]))
    picture = read(encode(image, "PNG"))
    assert np.array_equal(picture.pixels, RGB)
    assert picture.notes == ()


@pytest.mark.parametrize("format", ["GIF", "WEBP", "TIFF", "PNG"])
def test_first_of_several_frames(format: str) -> None:
    frames = [Image.new("RGB", (6, 5), color) for color in ("red", "lime", "blue")]
    options = {"lossless": True} if format == "WEBP" else {}
    data = encode(frames[0], format, save_all=True, append_images=frames[1:], **options)
    assert (read(data).pixels == [255, 0, 0]).all()


def test_transparent_gif() -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8))
    image.putpalette(bytes([10, 20, 30, 40, 50, 60]))
    picture = read(encode(image, "GIF", transparency=0))
    assert picture.pixels.tolist() == [[[255, 255, 255], [40, 50, 60]]]


def test_lossy_webp_against_opencv() -> None:
    data = encode(Image.fromarray(RGB), "WEBP", quality=80)
    expected = opencv(data)
    assert np.array_equal(read(data).pixels, expected)


def test_digest_is_that_of_the_bytes() -> None:
    one, other = (read(b"P5 1 1 255 " + bytes([value])) for value in (3, 4))
    assert len(one.digest) == 16
    assert one.digest != other.digest
