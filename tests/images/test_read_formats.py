"""Formats and colour modes, each against a decoder of another library."""

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pellucid.images.read import Picture, decode_image

RNG = np.random.default_rng(1)
RGB = RNG.integers(0, 256, (11, 17, 3), np.uint8)
GRAY = RGB[..., 0]
ALPHA = RNG.integers(0, 256, (11, 17), np.uint8)
DEEP = RNG.integers(0, 65536, (11, 17, 4)).astype(np.uint16)


def encode(image: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def encode_cv(values: NDArray[Any], extension: str) -> bytes:
    return bytes(cv2.imencode(extension, values)[1])


def encode_tiff(values: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, values, **options)
    return stream.getvalue()


def opencv(data: bytes) -> NDArray[Any]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image[..., ::-1]


def read(data: bytes) -> Picture:
    picture = decode_image(data, "test")
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.flags.c_contiguous
    return picture


def over_white(colors: NDArray[Any], alpha: NDArray[Any]) -> NDArray[np.float64]:
    share = alpha.astype(np.float64)[..., None] / 255
    return colors * share + 255 * (1 - share)


def to8(values: NDArray[Any], limit: float = 65535) -> NDArray[np.float64]:
    return np.floor(values.astype(np.float64) * 255 / limit + 0.5)


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


@pytest.mark.parametrize("extension", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_rounded_not_cut(extension: str, channels: int) -> None:
    values = DEEP[..., :channels]
    picture = read(encode_cv(values, extension))
    colors = to8(values[..., 2::-1] if channels > 1 else values)
    expected = over_white(colors, to8(values[..., 3])) if channels == 4 else colors
    assert np.abs(picture.pixels - expected).max() <= 0.5
    assert picture.mode == {1: "gray16", 3: "RGB16", 4: "RGBA16"}[channels]


def png(color_type: int, rows: NDArray[np.uint16], *extra: bytes) -> bytes:
    """A 16-bit PNG by the specification, for what no library writes."""
    height, width = rows.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    chunks = [
        chunk(b"IHDR", header),
        *extra,
        chunk(b"IDAT", zlib.compress(lines)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_sixteen_bit_gray_with_alpha() -> None:
    picture = read(png(4, DEEP[..., :2]))
    expected = over_white(to8(DEEP[..., :1]), to8(DEEP[..., 1]))
    assert np.abs(picture.pixels - expected).max() <= 0.5
    assert picture.mode == "gray16+alpha"


def test_sixteen_bit_gray_with_one_transparent_value() -> None:
    clear = chunk(b"tRNS", struct.pack(">H", int(DEEP[2, 3, 0])))
    picture = read(png(0, DEEP[..., 0], clear))
    expected = to8(DEEP[..., 0])
    expected[DEEP[..., 0] == DEEP[2, 3, 0]] = 255
    assert np.array_equal(picture.pixels[..., 0], expected)


def test_sixteen_bit_color_with_one_transparent_color() -> None:
    clear = chunk(b"tRNS", struct.pack(">3H", *DEEP[2, 3, :3].tolist()))
    picture = read(png(2, DEEP[..., :3], clear))
    expected = to8(DEEP[..., :3])
    expected[2, 3] = 255
    assert np.array_equal(picture.pixels, expected)


@pytest.mark.parametrize(("byteorder", "bigtiff"), [("<", False), (">", False), ("<", True)])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite", "rgb"])
def test_deep_tiff_layouts(
    bigtiff: bool, byteorder: Any, compression: Any, photometric: Any
) -> None:
    values = DEEP[..., :3] if photometric == "rgb" else DEEP[..., 0]
    data = encode_tiff(
        values,
        bigtiff=bigtiff,
        byteorder=byteorder,
        compression=compression,
        photometric=photometric,
    )
    expected = to8(values.reshape(11, 17, -1))
    if photometric == "miniswhite":
        expected = 255 - expected
    assert np.abs(read(data).pixels - expected).max() <= (photometric == "miniswhite")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(11, 17), (11, 17, 3)])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 255), (-3, 900)])
def test_float_tiff(dtype: Any, shape: tuple[int, ...], low: float, high: float) -> None:
    values = RNG.uniform(low, high, shape).astype(dtype)
    values.flat[0], values.flat[1] = low, high
    photometric: Any = "rgb" if len(shape) == 3 else "minisblack"
    picture = read(encode_tiff(values, photometric=photometric))
    expected = (values.reshape(11, 17, -1).astype(np.float64) - low) * 255 / (high - low)
    assert np.abs(picture.pixels - expected).max() <= 0.5 + 1e-6
    assert picture.mode.endswith(np.dtype(dtype).name)
    assert bool(picture.notes) == (low < 0)


@pytest.mark.parametrize("limit", [7, 200, 255, 1023, 65535])
@pytest.mark.parametrize("channels", [1, 3])
def test_pnm_of_any_depth(limit: int, channels: int) -> None:
    values = RNG.integers(0, limit + 1, (5, 6, channels))
    kind = b"P6" if channels == 3 else b"P5"
    body = values.astype(">u2" if limit > 255 else "u1").tobytes()
    picture = read(kind + b"\n# a comment\n6 5\n%d\n" % limit + body)
    assert np.array_equal(picture.pixels, to8(values, limit))


def test_pnm_as_text() -> None:
    assert read(b"P2 2 1 65535 0 65535").pixels.tolist() == [[[0], [255]]]
    assert read(b"P3 1 1 255 1 2 3").pixels.tolist() == [[[1, 2, 3]]]


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


def test_lab_tiff_against_scikit_image() -> None:
    from skimage.color import lab2rgb

    lab = np.array([[[50, 20, 30], [80, -40, 10], [30, 5, -20], [100, 0, 0]]], np.float64)
    stored = np.round(lab * [2.55, 1, 1]).astype(np.int16).astype(np.uint8)
    picture = read(encode_tiff(stored, photometric="cielab"))
    # Equal up to how the two adapt the white of D50 to that of D65.
    assert np.abs(picture.pixels - lab2rgb(lab) * 255).max() <= 12


@given(st.integers(0, 65535))
def test_sixteen_bit_scaling_rounds_to_nearest(value: int) -> None:
    picture = read(b"P5 1 1 65535 " + value.to_bytes(2, "big"))
    assert abs(int(picture.pixels[0, 0, 0]) - value * 255 / 65535) <= 0.5


def test_digest_is_that_of_the_bytes() -> None:
    one, other = (read(b"P5 1 1 255 " + bytes([value])) for value in (3, 4))
    assert len(one.digest) == 16
    assert one.digest != other.digest
