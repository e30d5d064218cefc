"""The studio's routes and its door: uploads, sessions, hosts, headers. No browser."""

import io
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image


def png(seed: int, size: tuple[int, int] = (8, 12)) -> bytes:
    """A picture of noise, height × width."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def send(client: httpx.Client, data: bytes, name: str = "mine.png") -> httpx.Response:
    return client.post("/pictures", files={"file": (name, data)})


def test_the_front_door_leads_to_the_first_room(client: httpx.Client) -> None:
    assert client.get("/").headers["location"] == "/image?picture=village"


def test_a_picture_is_seen_by_its_own_session_alone(client: httpx.Client, address: str) -> None:
    client.get("/image")
    name = send(client, png(1), "<b>mine</b>.png").json()["picture"]
    mine = client.get("/image", params={"picture": name}).text
    assert "\\u003cb\\u003emine" in mine or "&lt;b&gt;mine" in mine
    assert "is not here" not in mine and "<b>mine" not in mine
    with httpx.Client(base_url=address, timeout=60) as other:
        assert other.cookies != client.cookies
        theirs = other.get("/image", params={"picture": name}).text
        assert f"The picture &#39;{name}&#39;" in theirs or f"The picture '{name}'" in theirs
        assert "mine" not in theirs.replace(name, "")


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"", 422, "empty"),
        (b"hello", 415, "not-an-image"),
        (png(2)[:60], 422, "truncated"),
        (b"P6 9000 9000 255 ", 413, "bomb"),
    ],
)
def test_a_bad_picture_is_one_sentence(
    client: httpx.Client, data: bytes, status: int, kind: str
) -> None:
    answer = send(client, data)
    assert answer.status_code == status and answer.json()["type"] == f"urn:pellucid:{kind}"
    assert answer.json()["detail"].count("\n") == 0 and answer.json()["detail"].endswith(".")


def test_uploads_are_bounded(client: httpx.Client) -> None:
    answer = client.post("/pictures", content=b"x" * (32 * 2**20 + 1), headers=RAW)
    assert answer.status_code == 413 and "33,554,432 bytes" in answer.json()["detail"]
    answer = client.post("/pictures", content=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


RAW = {"Content-Type": "image/png"}


def test_only_this_machine_and_its_own_pages_may_ask(client: httpx.Client, address: str) -> None:
    assert client.get("/image", headers={"Host": "evil.example"}).status_code == 403
    for path in ("/image", "/pictures", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        answer = client.get(path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, path
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    socket = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    for extra, status in (
        ({"Origin": address}, 101),
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
    ):
        with client.stream("GET", socket, headers=handshake | extra) as answer:
            assert answer.status_code == status, extra


def test_pages_may_load_from_here_only_and_cookies_are_for_here_only(client: httpx.Client) -> None:
    answer = client.get("/image")
    policy = answer.headers["content-security-policy"]
    sources = {word for part in policy.split(";") for word in part.split()[1:]}
    assert sources <= {"'none'", "'self'", "'unsafe-inline'", "'unsafe-eval'", "blob:", "data:"}
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "set-cookie" not in client.get("/image").headers


def test_views_that_are_not_there(client: httpx.Client) -> None:
    answer = client.get("/view/0123.png")
    assert answer.status_code == 404 and "not here" in answer.json()["detail"]
    for path in ("/docs", "/openapi.json", "/redoc"):
        assert client.get(path).status_code == 404
