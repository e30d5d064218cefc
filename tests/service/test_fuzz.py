"""Bytes that are hardly pictures: the reader and the service have one form of answer for all."""

import io
import struct
import zlib

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from pellucid.errors import FAULTS, ImageError
from pellucid.images.read import decode_image
from tests.service.conftest import PROBLEM, Server, picture

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
#: What the service takes; the reader is given less, so that a test never needs much memory.
PIXELS = 1_000_000


def animation() -> bytes:
    frames = [Image.effect_noise((16, 12), 90).convert("P") for _ in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def progressive() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((24, 16), 90).save(buffer, "JPEG", progressive=True)
    return buffer.getvalue()


SEEDS = [
    *(picture(1, format, (12, 17)) for format in FORMATS),
    *(picture(2, format, (1, 1)) for format in FORMATS),
    animation(),
    progressive(),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture cut short, with bytes changed, most of them near its beginning."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 6))):
        last = min(len(data), draw(st.sampled_from([40, 200, 10**6]))) - 1
        data[draw(st.integers(0, last))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del data[draw(st.integers(0, len(data))) :]
    if draw(st.booleans()):
        data += draw(st.binary(max_size=30))
    return bytes(data)


@given(damaged())
@settings(max_examples=300, deadline=None)
def test_the_reader_gives_pixels_or_one_sentence(data: bytes) -> None:
    try:
        pixels = decode_image(data, "it", max_pixels=PIXELS).pixels
    except ImageError as error:
        assert error.fault in FAULTS
        assert "\n" not in str(error)
    else:
        assert pixels.ndim == 3 and pixels.shape[2] in (1, 3) and 0 < pixels.size <= 3 * PIXELS


def check_form(found: httpx.Response) -> None:
    if found.status_code == 200:
        [answer] = found.json()["predictions"]
        assert answer["error"] is None and 0 <= answer["probability"] <= 1
    else:
        assert 400 <= found.status_code < 500
        assert found.headers["content-type"] == "application/problem+json"
        assert set(found.json()) == PROBLEM


@given(data=damaged())
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_service_always_has_an_answer(client: httpx.Client, data: bytes) -> None:
    check_form(client.post("/v1/predict", content=data, headers={"Content-Type": "image/x"}))


@given(body=st.binary(max_size=200), kind=st.sampled_from(["", "; boundary=x", '; boundary="']))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_forms_that_are_none(client: httpx.Client, body: bytes, kind: str) -> None:
    headers = {"Content-Type": f"multipart/form-data{kind}"}
    for content in (body, b"--x\r\n" + body, b'--x\r\nContent-Disposition: form-data; name="f"'):
        check_form(client.post("/v1/predict", content=content, headers=headers))


def bomb(format: str, side: int = 20_000) -> bytes:
    """The bytes of a small picture whose header says that it is huge."""
    data = picture(0, format, (8, 8))
    if format == "PNG":
        header = b"IHDR" + struct.pack(">II", side, side) + data[24:29]
        return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    size = {
        "GIF": (6, struct.pack("<HH", side, side)),
        "BMP": (18, struct.pack("<ii", side, side)),
    }
    if format == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        return data[:at] + struct.pack(">HH", side, side) + data[at + 4 :]
    if format == "PPM":
        return b"P6 %d %d 255\n" % (side, side) + data[-192:]
    at, field = size[format]
    return data[:at] + field + data[at + len(field) :]


def test_bombs_and_floods_leave_the_memory_flat(client: httpx.Client, server: Server) -> None:
    bombs = [bomb(format) for format in ("PNG", "GIF", "BMP", "JPEG", "PPM")]
    first = [animation(), *SEEDS, *(seed[: len(seed) // 2] for seed in SEEDS)]

    def all_of_it() -> None:
        for data in bombs:
            found = client.post("/v1/predict", content=data, headers={"Content-Type": "image/x"})
            assert found.status_code == 413, data[:4]
            assert "20000×20000" in found.json()["detail"]
        files = [("f", ("name", data)) for data in first[:32]]
        assert client.post("/v1/predict", files=files).status_code == 200

    for _ in range(3):
        all_of_it()
    before = server.memory()
    for _ in range(15):
        all_of_it()
    assert server.memory() - before < 8 * 2**20


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_a_bomb_harms_nobody_beside_it(client: httpx.Client, format: str) -> None:
    files = [("f", data) for data in (picture(0), bomb(format), picture(1))]
    errors = [one["error"] for one in client.post("/v1/predict", files=files).json()["predictions"]]
    assert errors[0] is errors[2] is None
    assert errors[1]["type"] == "urn:pellucid:bomb"
