"""More than 8 bits a channel, and TIFF in all its layouts."""

import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from pellucid.errors import ImageError

from .image_files import (
    DEEP,
    RGB,
    RNG,
    encode,
    encode_cv,
    encode_tiff,
    opencv,
    over_white,
    read,
    to8,
)


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


@pytest.mark.parametrize("values", [RGB, DEEP[..., :3]])
def test_tiff_in_tiles(values: NDArray[Any]) -> None:
    picture = read(encode_tiff(values, photometric="rgb", tile=(16, 16)))
    assert np.array_equal(picture.pixels, RGB if values is RGB else to8(values))


def test_signed_tiff() -> None:
    for dtype in (np.int8, np.int16, np.int32):
        values = np.array([[-100, -20], [27, 100]], dtype)
        picture = read(encode_tiff(values, photometric="minisblack"))
        assert (
            np.abs(picture.pixels[..., 0] - (values.astype(float) + 100) * 255 / 200).max() <= 0.5
        )
        assert picture.notes == ("values from -100 to 100 stretched to 0 to 255",)


def test_deep_gray_with_alpha_in_tiff_is_refused() -> None:
    options: dict[str, Any] = {"photometric": "minisblack", "planarconfig": "contig"}
    data = encode_tiff(DEEP[..., :2], extrasamples=["unassalpha"], **options)
    with pytest.raises(ImageError, match="2 channels of 16 bits are not read"):
        read(data)


def test_tiff_in_planes_is_right_or_refused() -> None:
    shallow, deep = (np.moveaxis(values, -1, 0) for values in (RGB, DEEP[..., :3]))
    data = encode_tiff(shallow, photometric="rgb", planarconfig="separate")
    assert np.array_equal(read(data).pixels, RGB)
    with pytest.raises(ImageError, match="colours of 16 bits stored in separate planes"):
        read(encode_tiff(deep, photometric="rgb", planarconfig="separate"))


def test_meaning_of_a_fourth_deep_channel() -> None:
    colors, alpha = to8(DEEP[..., :3]), to8(DEEP[..., 3])
    weighted = (DEEP[..., :3] * (DEEP[..., 3:] / 65535)).astype(np.uint16)
    premultiplied = np.dstack([weighted, DEEP[..., 3]])
    for extra, values, expected, tolerance in [
        ("unspecified", DEEP, colors, 0),
        ("unassalpha", DEEP, over_white(colors, alpha), 0.5),
        ("assocalpha", premultiplied, to8(weighted) + (255 - alpha[..., None]), 1.5),
    ]:
        picture = read(encode_tiff(values, photometric="rgb", extrasamples=[extra]))
        assert np.abs(picture.pixels - expected).max() <= tolerance


def test_cmyk_tiff() -> None:
    ink = RNG.integers(0, 256, (5, 6, 4)).astype(np.uint8)
    picture = read(encode(Image.fromarray(ink, "CMYK"), "TIFF"))
    expected = (255.0 - ink[..., :3]) * (255.0 - ink[..., 3:]) / 255
    assert picture.mode == "CMYK"
    assert np.abs(picture.pixels - expected).max() <= 0.5


def test_jpeg_within_tiff() -> None:
    smooth = cv2.GaussianBlur(cv2.resize(RGB, (48, 32)), (9, 9), 3)
    data = encode(Image.fromarray(smooth), "TIFF", compression="jpeg", quality=95)
    assert np.abs(read(data).pixels - opencv(data).astype(int)).max() <= 2
    assert np.abs(read(data).pixels - smooth.astype(int)).mean() < 3


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
    assert np.abs(picture.pixels - values * 255 / limit).max() <= 0.5 + 1e-9


def test_pnm_as_text() -> None:
    assert read(b"P2 2 1 65535 0 65535").pixels.tolist() == [[[0], [255]]]
    assert read(b"P3 1 1 255 1 2 3").pixels.tolist() == [[[1, 2, 3]]]


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
