"""The fast JPEG path against Pillow and OpenCV."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pellucid.errors import ImageError
from pellucid.images.jpeg import decode_jpeg, scan_header
from pellucid.images.read import decode_image

from .image_files import opencv

RNG = np.random.default_rng(2)
#: Smooth colour, as in photographs, of a size that is no multiple of a JPEG block.
PHOTO = Image.fromarray(RNG.integers(0, 256, (45, 67, 3), np.uint8)).filter(
    ImageFilter.GaussianBlur(2)
)


def jpeg(image: Image.Image = PHOTO, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


def pillow(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def insert(data: bytes, marker: int, body: bytes) -> bytes:
    """A segment right after the start of the image."""
    return data[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


@pytest.mark.parametrize("quality", [30, 75, 97])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("progressive", [False, True])
def test_color_equals_pillow_and_opencv(quality: int, subsampling: str, progressive: bool) -> None:
    data = jpeg(quality=quality, subsampling=subsampling, progressive=progressive)
    raw = decode_jpeg(data, "test", 10**6)
    assert raw is not None
    assert raw.mode == "RGB"
    assert np.array_equal(raw.values, np.asarray(pillow(data)))
    assert np.array_equal(raw.values, opencv(data))


def test_gray_stays_one_channel() -> None:
    data = jpeg(PHOTO.convert("L"))
    picture = decode_image(data, "test")
    assert picture.mode == "gray"
    assert np.array_equal(picture.pixels, np.asarray(pillow(data))[..., None])


def test_stored_as_rgb() -> None:
    data = jpeg(keep_rgb=True)
    assert np.array_equal(decode_image(data, "test").pixels, np.asarray(pillow(data)))


def ycck(data: bytes) -> bytes:
    """The same four planes, declared to be YCCK by Adobe's marker (transform 2)."""
    start = data.index(b"Adobe")
    return data[: start + 11] + b"\2" + data[start + 12 :]


@pytest.mark.parametrize("convert", [bytes, ycck])
def test_cmyk_is_inverted(convert: Any) -> None:
    data = convert(jpeg(PHOTO.convert("CMYK"), quality=95))
    picture = decode_image(data, "test")
    assert picture.mode == "CMYK"
    ink = np.asarray(pillow(data)).astype(np.float64)
    expected = (255 - ink[..., :3]) * (255 - ink[..., 3:]) / 255
    assert np.abs(picture.pixels - expected).max() <= 0.5
    assert np.abs(picture.pixels - opencv(data).astype(int)).max() <= 2


def test_unusual_sampling_is_left_to_pillow() -> None:
    data = bytearray(jpeg(subsampling="4:4:4"))
    frame = data.index(b"\xff\xc0")
    data[frame + 14] = 0x12  # chroma finer than luma: TurboJPEG has no name for it
    try:
        expected = np.asarray(pillow(bytes(data)))
    except OSError:
        with pytest.raises(ImageError):
            decode_image(bytes(data), "test")
    else:
        assert np.array_equal(decode_image(bytes(data), "test").pixels, expected)


@pytest.mark.parametrize("extra", [b"\0" * 9, b"garbage", b"\xff\xd8\xff"])
def test_bytes_after_the_end_are_harmless(extra: bytes) -> None:
    data = jpeg()
    assert np.array_equal(
        decode_image(data + extra, "test").pixels, decode_image(data, "test").pixels
    )


def test_junk_before_the_end_marker_is_harmless() -> None:
    data = jpeg()
    padded = data[:-2] + b"\0\0\0\0" + data[-2:]
    assert np.array_equal(decode_image(padded, "x").pixels, decode_image(data, "x").pixels)


@pytest.mark.parametrize("progressive", [False, True])
def test_every_cut_is_noticed(progressive: bool) -> None:
    data = jpeg(quality=50, progressive=progressive)
    for length in range(3, len(data), 7):
        with pytest.raises(ImageError) as caught:
            decode_image(data[:length], "cut.jpg")
        assert caught.value.fault == "truncated"


def damaged_table(data: bytes) -> bytes:
    """A Huffman table that promises more codes than there are."""
    table = data.index(b"\xff\xc4")
    return data[: table + 5] + b"\xff" * 16 + data[table + 21 :]


def test_damage_within_is_noticed() -> None:
    data = jpeg(quality=50)
    middle = len(data) * 2 // 3
    early_end, wrong_marker = b"\xff\xd9", b"\xff\xd3"
    for bad, fault in [
        (data[:middle] + early_end, "truncated"),
        (data[:middle] + wrong_marker + data[middle:], "broken"),
        (damaged_table(data), "broken"),
    ]:
        with pytest.raises(ImageError) as caught:
            decode_image(bad, "test")
        assert caught.value.fault == fault


def test_header_scan() -> None:
    data = jpeg(progressive=True)
    header = scan_header(insert(data, 0xE1, b"Exif\0\0rest"))
    assert header is not None
    assert (header.width, header.height, header.components) == (67, 45, 3)
    assert header.progressive
    assert header.exif == b"Exif\0\0rest"
    assert scan_header(data[:20]) is None


def test_fill_bytes_between_markers() -> None:
    data = jpeg()
    filled = data[:2] + b"\xff\xff\xff" + data[2:]
    assert scan_header(filled) == scan_header(data)
    assert np.array_equal(decode_image(filled, "x").pixels, decode_image(data, "x").pixels)


def test_twelve_bits_are_left_to_pillow() -> None:
    data = jpeg()
    precision = data.index(b"\xff\xc0") + 4
    assert scan_header(data[:precision] + b"\x0c" + data[precision + 1 :]) is None


def test_profile_chunks_are_joined_in_order() -> None:
    data = jpeg()
    for number, part in ((2, b"late"), (1, b"early")):
        data = insert(data, 0xE2, b"ICC_PROFILE\0" + bytes([number, 2]) + part)
    data = insert(data, 0xE2, b"ICC_PROFILE\0")  # cut short, and so without a number
    header = scan_header(data)
    assert header is not None
    assert header.profile == b"earlylate"


def test_a_file_of_endless_scans_is_refused() -> None:
    data = jpeg(progressive=True)
    with pytest.raises(ImageError) as caught:
        decode_image(data + b"\xff\xda" * 501, "test")
    assert caught.value.fault == "bomb"


BIG = Image.fromarray(RNG.integers(0, 256, (301, 203, 3), np.uint8)).filter(
    ImageFilter.GaussianBlur(4)
)


@pytest.mark.parametrize(
    ("enough", "size"), [(None, (301, 203)), (64, (113, 77)), (101, (151, 102)), (202, (301, 203))]
)
def test_a_reduced_picture_keeps_the_true_size_and_is_the_picture_shrunk(enough, size):
    picture = decode_image(jpeg(BIG, quality=95), "x.jpg", enough=enough)
    assert picture.pixels.shape[:2] == size and picture.size == (301, 203)
    assert (picture.full is None) == (size == (301, 203))
    expected = np.asarray(BIG.resize(size[::-1], Image.Resampling.BOX), np.float64)
    assert np.abs(picture.pixels - expected).mean() < 2


def test_a_reduced_picture_is_turned_upright_size_and_all():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode_image(jpeg(BIG, exif=exif), "x.jpg", enough=64)
    assert picture.size == (203, 301) and picture.pixels.shape[:2] == (77, 113)


@pytest.mark.parametrize("progressive", [False, True])
def test_damage_anywhere_shows_in_a_reduced_picture_too(progressive):
    data = jpeg(BIG, progressive=progressive)
    for end in (len(data) - 2, len(data) // 2, len(data) // 5):
        with pytest.raises(ImageError) as caught:
            decode_image(data[:end], "x.jpg", enough=64)
        assert caught.value.fault == "truncated"
