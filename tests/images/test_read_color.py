"""Colour profiles and EXIF orientation."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from pellucid.images.orientation import exif_orientation, upright

from .image_files import opencv, read

RNG = np.random.default_rng(3)
RGB = RNG.integers(0, 256, (24, 40, 3), np.uint8)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
#: Columns: the D50-adapted XYZ of the primaries of Adobe RGB (1998), section 4.3.
ADOBE = np.array(
    [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
)
GAMMA = 563 / 256


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC version 2 display profile from its tags (ICC.1:2001-04, section 6)."""
    table, bodies = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    size = start + len(bodies)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2000, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28
    head += xyz(0.9642, 1, 0.8249)[8:]
    return head.ljust(128, b"\0") + table + bodies


def xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in (x, y, z)))


def adobe_profile() -> bytes:
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(GAMMA * 256))
    tags = {b"wtpt": xyz(0.9642, 1, 0.8249)}
    for letter, column in zip((b"r", b"g", b"b"), ADOBE.T, strict=True):
        tags[letter + b"XYZ"] = xyz(*column)
        tags[letter + b"TRC"] = curve
    return profile(b"RGB ", tags)


def gray_profile(gamma: float) -> bytes:
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    return profile(b"GRAY", {b"wtpt": xyz(0.9642, 1, 0.8249), b"kTRC": curve})


def srgb_curve(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1, linear light to 0…255."""
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def adobe_to_srgb(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """By hand: gamma, primaries to XYZ (D50), XYZ to linear sRGB, sRGB's curve."""
    # sRGB's primaries adapted to D50 by Bradford, as in every sRGB profile.
    srgb = np.array(
        [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
    )
    return srgb_curve((values / 255.0) ** GAMMA @ (np.linalg.inv(srgb) @ ADOBE).T)


def encode(values: NDArray[Any], format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, format, **options)
    return stream.getvalue()


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP"])
def test_profile_is_converted_to_srgb(format: str) -> None:
    # Mixed with gray so that no colour leaves sRGB's gamut, where clipping differs.
    values = (96 + RGB // 4).astype(np.uint8)
    options = {"lossless": True} if format == "WEBP" else {}
    picture = read(encode(values, format, icc_profile=adobe_profile(), **options))
    expected = adobe_to_srgb(values)
    assert np.abs(expected - values).max() > 5
    assert np.abs(picture.pixels - expected).max() <= 1
    assert picture.notes == ("colour profile converted to sRGB",)


def test_profile_of_a_jpeg() -> None:
    values = np.full((16, 16, 3), (90, 150, 100), np.uint8)
    plain = read(encode(values, "JPEG", quality=100))
    picture = read(encode(values, "JPEG", quality=100, icc_profile=adobe_profile()))
    assert np.abs(picture.pixels - adobe_to_srgb(plain.pixels)).max() <= 1


def test_gray_profile_keeps_one_channel() -> None:
    ramp = np.arange(256, dtype=np.uint8)[None]
    picture = read(encode(ramp, "PNG", icc_profile=gray_profile(1.0)))
    assert picture.pixels.shape == (1, 256, 1)
    assert np.abs(picture.pixels[0, :, 0] - srgb_curve(ramp[0] / 255.0)).max() <= 1


def cmyk_profile() -> bytes:
    """A press whose four inks darken alike: L* is 100 less 25 for each (ICC.1, lut8Type)."""
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 * (place in (0, 4, 8)) for place in range(9)))
    corners = [sum(map(int, f"{corner:04b}")) for corner in range(16)]
    lightness = b"".join(bytes([round(255 - 63.75 * inks), 128, 128]) for inks in corners)
    head = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity
    table = head + ramp * 4 + lightness + ramp * 3
    data = profile(b"CMYK", {b"wtpt": xyz(0.9642, 1, 0.8249), b"A2B0": table})
    return data[:12] + b"prtrCMYKLab " + data[24:]


def test_profile_of_cmyk() -> None:
    ink = RNG.integers(0, 256, (9, 9, 4)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(ink, "CMYK").save(stream, "TIFF", icc_profile=cmyk_profile())
    picture = read(stream.getvalue())
    lightness = 100 - 25 * (ink / 255.0).sum(axis=2)
    linear = np.where(
        lightness > 8, ((lightness + 16) / 116) ** 3, lightness * 27 / 24389
    )  # CIE 1976
    assert np.abs(picture.pixels - srgb_curve(linear)[..., None]).max() <= 3
    assert picture.notes == ("colour profile converted to sRGB",)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_srgb_profile_changes_nothing(format: str) -> None:
    with_profile, without = (read(encode(RGB, format, icc_profile=icc)) for icc in (SRGB, None))
    assert np.array_equal(with_profile.pixels, without.pixels)
    assert with_profile.notes == ()


@pytest.mark.parametrize("icc", [b"nonsense" * 40, SRGB[:200], gray_profile(2.2)])
def test_unusable_profile_is_a_note(icc: bytes) -> None:
    picture = read(encode(RGB, "PNG", icc_profile=icc))
    assert np.array_equal(picture.pixels, RGB)
    (note,) = picture.notes
    assert note.startswith("colour profile ignored")


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_against_pillow_and_opencv(format: str, orientation: int) -> None:
    data = encode(RGB, format, exif=exif(orientation))
    picture = read(data)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(picture.pixels, expected)
    assert picture.pixels.shape[:2] == ((24, 40) if orientation < 5 else (40, 24))
    assert picture.notes == (("rotated by EXIF",) if orientation > 1 else ())
    if format != "WEBP":
        shown = opencv(data)
        assert np.array_equal(picture.pixels, shown)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_deep_tiff(orientation: int) -> None:
    deep = RGB[..., 0].astype(np.uint16) * 257
    stream = io.BytesIO()
    Image.fromarray(deep).save(stream, "TIFF", tiffinfo={0x0112: orientation})
    picture = read(stream.getvalue())
    assert np.array_equal(picture.pixels, upright(RGB[..., :1], orientation))
    assert picture.notes == (("rotated by EXIF",) if orientation > 1 else ())


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_found_in_either_byte_order(order: str) -> None:
    block = struct.pack(order + "2sHIH", b"II" if order == "<" else b"MM", 42, 8, 2)
    block += struct.pack(order + "HHIHH", 0x010F, 3, 1, 9, 0)
    block += struct.pack(order + "HHIHH", 0x0112, 3, 1, 8, 0)
    assert exif_orientation(block) == 8
    assert exif_orientation(b"Exif\0\0" + block) == 8
    for length in range(len(block) - 4):
        assert exif_orientation(block[:length]) == 1


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_impossible_orientation_is_upright(value: int) -> None:
    assert np.array_equal(read(encode(RGB, "PNG", exif=exif(value))).pixels, RGB)
