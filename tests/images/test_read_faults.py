"""What cannot be read: one sentence, the right word, and never another exception."""

import os
import socket
import struct
import time
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from pellucid.errors import FAULTS, ImageError
from pellucid.images.read import decode_image, read_image

from .image_files import encode

PHOTO = Image.fromarray(np.random.default_rng(4).integers(0, 256, (20, 30, 3), np.uint8)).filter(
    ImageFilter.GaussianBlur(1)
)


#: One file of every kind that has its own way through the decoders.
FILES = {
    "jpeg": encode(PHOTO, "JPEG"),
    "progressive": encode(PHOTO, "JPEG", progressive=True, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
    "cmyk": encode(PHOTO.convert("CMYK"), "JPEG"),
    "png": encode(PHOTO, "PNG"),
    "palette": encode(PHOTO.quantize(9), "PNG", transparency=2),
    "gray16": encode(Image.fromarray(np.arange(99, dtype=np.uint16).reshape(9, 11)), "PNG"),
    "gif": encode(PHOTO, "GIF"),
    "bmp": encode(PHOTO, "BMP"),
    "webp": encode(PHOTO, "WEBP"),
    "webp-alpha": encode(PHOTO.convert("RGBA"), "WEBP", lossless=True, exif=b"II*\0"),
    "tiff": encode(PHOTO, "TIFF"),
    "tiff-lzw": encode(PHOTO, "TIFF", compression="tiff_lzw"),
    "tiff-float": encode(PHOTO.convert("F"), "TIFF"),
    "ppm": encode(PHOTO, "PPM"),
    "pgm16": b"P5 3 2 999 " + bytes(range(12)),
}


def fault_of(data: bytes, **options: Any) -> str:
    with pytest.raises(ImageError) as caught:
        decode_image(data, "folder/name.jpg", **options)
    message = str(caught.value)
    assert message.startswith("cannot read 'folder/name.jpg': " + FAULTS[caught.value.fault])
    assert message.endswith(".")
    assert "\n" not in message
    return caught.value.fault


def test_empty() -> None:
    assert fault_of(b"") == "empty"


@pytest.mark.parametrize("content", [b"just some text", b"<html>", b"%PDF-1.4", b"\0" * 99, b"\1"])
def test_not_an_image(content: bytes) -> None:
    assert fault_of(content) == "not-an-image"


def test_an_image_of_an_unsupported_format_is_named() -> None:
    with pytest.raises(ImageError, match="AVIF or HEIC") as caught:
        decode_image(b"\0\0\0\x1cftypheic\0\0\0\0", "photo.jpg")
    assert caught.value.fault == "broken"


@pytest.mark.parametrize("kind", FILES)
def test_a_cut_file_never_gives_other_pixels(kind: str) -> None:
    """Either it is refused or all its pixels were there."""
    data = FILES[kind]
    whole = decode_image(data, "whole").pixels
    faults = set()
    for length in [*range(12, len(data), max(1, len(data) // 60)), len(data) - 1]:
        try:
            pixels = decode_image(data[:length], "cut").pixels
        except ImageError as error:
            faults.add(error.fault)
        else:
            assert np.array_equal(pixels, whole), length
    assert "truncated" in faults
    assert faults <= {"truncated", "broken"}


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp"])
def test_a_half_file_is_truncated(kind: str) -> None:
    assert fault_of(FILES[kind][: len(FILES[kind]) // 2]) == "truncated"


def bomb_png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", b"x\x9c") + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_bomb_is_refused_at_once() -> None:
    decode_image(FILES["png"], "start-up of Pillow")
    tracemalloc.start()
    start = time.perf_counter()
    assert fault_of(bomb_png(30_000, 30_000)) == "bomb"
    seconds = time.perf_counter() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 1
    assert peak < 5_000_000


@pytest.mark.parametrize("kind", FILES)
def test_limit_on_pixels(kind: str) -> None:
    height, width, _ = decode_image(FILES[kind], "x").pixels.shape
    decode_image(FILES[kind], "x", max_pixels=height * width)
    assert fault_of(FILES[kind], max_pixels=height * width - 1) == "bomb"


def test_between_pillows_limit_and_ours_nothing_is_said() -> None:
    image = Image.new("1", (9_600, 9_600))
    assert image.width * image.height > (Image.MAX_IMAGE_PIXELS or 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode_image(encode(image, "PNG"), "large.png").pixels.shape == (9600, 9600, 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite(value: float) -> None:
    values = np.zeros((4, 5), np.float32)
    values[2, 3] = value
    assert fault_of(encode(Image.fromarray(values), "TIFF")) == "non-finite"


def test_missing_and_folder(tmp_path: Path) -> None:
    for path, fault in [(tmp_path / "no.png", "missing"), (tmp_path, "unreadable")]:
        with pytest.raises(ImageError) as caught:
            read_image(path)
        assert caught.value.fault == fault
        assert str(path) in str(caught.value)


def test_special_files_do_not_block(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket.jpg"))
    loop = tmp_path / "loop.jpg"
    loop.symlink_to(loop)
    with listener:
        for path in (pipe, tmp_path / "socket.jpg", Path("/dev/zero"), loop, Path("null\0.png")):
            with pytest.raises(ImageError) as caught:
                read_image(path)
            assert caught.value.fault == "unreadable"


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(FILES["png"])

    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ImageError, match="Permission denied") as caught:
        read_image(path)
    assert caught.value.fault == "unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_for_real(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(FILES["png"])
    path.chmod(0)
    with pytest.raises(ImageError) as caught:
        read_image(path)
    assert caught.value.fault == "unreadable"


def test_out_of_memory_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("pellucid.images.pillow._channels", fail)
    assert fault_of(FILES["bmp"]) == "bomb"


def test_what_opencv_cannot_hold_is_left_to_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise cv2.error("Insufficient memory")

    monkeypatch.setattr(cv2, "imdecode", fail)
    assert decode_image(FILES["png"], "x.png").format == "PNG"


def test_bytes_without_a_name() -> None:
    assert read_image(FILES["png"]).format == "PNG"
    with pytest.raises(ImageError, match="<bytes>"):
        read_image(b"")


def test_names_of_any_kind_are_read_and_named(tmp_path: Path) -> None:
    for name in ("a b.png", "🐱.png", "new\nline.png", os.fsdecode(b"\xff\xfe.png")):
        path = tmp_path / name
        path.write_bytes(FILES["png"])
        assert read_image(path).pixels.shape == (20, 30, 3)
        path.write_bytes(b"")
        with pytest.raises(ImageError) as caught:
            read_image(path)
        str(caught.value).encode()  # printable, also where the name is not
        assert "\n" not in str(caught.value)


def test_name_in_messages(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"'cats/1\.png'"):
        read_image(tmp_path / "1.png", name="cats/1.png")


def test_threads_give_the_same_pixels_and_no_warning() -> None:
    expected = {kind: decode_image(data, kind).pixels for kind, data in FILES.items()}
    filters = list(warnings.filters)

    def check(kind: str) -> bool:
        return np.array_equal(decode_image(FILES[kind], kind).pixels, expected[kind])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(check, list(FILES) * 8))
    assert warnings.filters == filters


def decode_or_refuse(data: bytes) -> None:
    try:
        picture = decode_image(data, "fuzz", max_pixels=10**6)
    except ImageError as error:
        assert error.fault in FAULTS
    else:
        assert picture.pixels.ndim == 3
        assert picture.pixels.shape[2] in (1, 3)


@settings(deadline=2000, max_examples=150)
@given(st.sampled_from([data[:12] for data in FILES.values()]), st.binary(max_size=200))
def test_random_bytes_after_a_signature(head: bytes, tail: bytes) -> None:
    decode_or_refuse(head + tail)
    decode_or_refuse(tail)


@settings(deadline=2000, max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
)
def test_mutated_files(kind: str, edits: list[tuple[float, int]], keep: float) -> None:
    data = bytearray(FILES[kind])
    for place, value in edits:
        data[int(place**3 * len(data))] = value  # mostly in the header
    decode_or_refuse(bytes(data[: max(1, int(keep**0.2 * len(data)))]))
