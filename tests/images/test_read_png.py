"""Plain PNG files: the same as Pillow makes of them, and whatever is not plain is left to it."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from pellucid.errors import ImageError
from pellucid.images.png import decode_png
from pellucid.images.read import MAX_PIXELS, decode_image

RNG = np.random.default_rng(0)


def png(image: Image.Image, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", **options)
    return file.getvalue()


def noise(mode: str, height: int = 7, width: int = 5) -> Image.Image:
    depth = len(mode) if mode in ("RGB", "RGBA", "LA") else 1
    return Image.fromarray(RNG.integers(0, 256, (height, width, depth), np.uint8).squeeze(), mode)


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def by_hand(rows: bytes, *, kind: int = 0, interlace: int = 0, before: bytes = b"") -> bytes:
    """A file of 4×2 pixels with these compressed rows."""
    header = struct.pack(">IIBBBBB", 4, 2, 8, kind, 0, 0, interlace)
    parts = (chunk(b"IHDR", header), before, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@given(
    st.sampled_from(["L", "RGB"]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0, 9]),
    st.integers(0, 99),
)
def test_plain_files_are_as_pillow_reads_them(
    mode: str, height: int, width: int, level: int, seed: int
) -> None:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), np.uint8)
    data = png(Image.fromarray(values.squeeze(2) if mode == "L" else values), compress_level=level)
    raw = decode_png(data, "x.png", MAX_PIXELS)
    assert raw is not None
    assert (raw.values == values).all()
    assert (raw.format, raw.mode, raw.profile) == ("PNG", {"L": "gray"}.get(mode, mode), None)
    with Image.open(BytesIO(data)) as theirs:
        assert (np.asarray(theirs).reshape(values.shape) == raw.values).all()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[274] = 6
    return png(noise("RGB"), exif=exif)


def with_text() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Title", "noise")
    return png(noise("L"), pnginfo=text)


@pytest.mark.parametrize(
    "data",
    [
        png(noise("RGBA")),
        png(noise("LA")),
        png(noise("RGB").quantize(8)),
        png(Image.fromarray(RNG.integers(0, 65536, (4, 4), np.uint16))),
        png(noise("L").convert("1")),
        png(noise("L"), transparency=0),
        png(noise("RGB"), icc_profile=b"not a profile"),
        with_exif(),
        with_text(),
        png(noise("L")) + b"more",
    ],
    ids=[
        "rgba",
        "la",
        "palette",
        "16-bit",
        "1-bit",
        "transparency",
        "profile",
        "exif",
        "text",
        "appended",
    ],
)
def test_what_is_not_plain_is_left_to_pillow(data: bytes) -> None:
    assert decode_png(data, "x.png", MAX_PIXELS) is None


def test_a_turned_file_is_turned() -> None:
    assert decode_image(with_exif(), "x.png").pixels.shape == (5, 7, 3)


def test_damage_is_left_to_pillow_which_names_it(capfd: pytest.CaptureFixture[str]) -> None:
    whole = png(noise("RGB", 40, 40))
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    for data in (whole[:middle], whole[:-1], whole[:40], changed):
        assert decode_png(data, "x.png", MAX_PIXELS) is None
    for data in (whole[:middle], changed):
        with pytest.raises(ImageError):
            decode_image(data, "x.png")
    assert capfd.readouterr().err == ""  # OpenCV would have printed a line of its own


@pytest.mark.parametrize(
    "rows", [zlib.compress(bytes(5)), zlib.compress(bytes(10))[:-6], b"", b"no"]
)
def test_too_few_rows_under_a_right_check_sum_are_no_picture(rows: bytes) -> None:
    assert decode_png(by_hand(zlib.compress(bytes(10))), "x.png", MAX_PIXELS) is not None
    assert decode_png(by_hand(rows), "x.png", MAX_PIXELS) is None


def test_headers_outside_the_standard_are_left_to_pillow() -> None:
    rows = zlib.compress(bytes(10))
    # Four passes of Adam7 have pixels here: 1, 1, 2 and 4, each row after its filter's number.
    interlaced = by_hand(zlib.compress(bytes(12)), interlace=1)
    assert decode_image(interlaced, "x.png").pixels.shape == (2, 4, 1)
    assert decode_png(interlaced, "x.png", MAX_PIXELS) is None
    assert decode_png(by_hand(rows, before=chunk(b"aaAa", b"")), "x.png", MAX_PIXELS) is None
    wrong = chunk(b"pHYs", bytes(9))[:-1] + b"?"
    assert decode_png(by_hand(rows, before=wrong), "x.png", MAX_PIXELS) is None
    assert decode_png(by_hand(rows, before=chunk(b"pHYs", bytes(9))), "x.png", 8) is not None


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ImageError, match="4×2 pixels"):
        decode_png(by_hand(zlib.compress(bytes(10))), "x.png", 7)
