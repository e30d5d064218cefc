"""Answers over a real socket: the predictor's own, whatever else is in the request."""

import json
import struct
import zlib
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from pellucid.explain import trace_image
from pellucid.explain.maps import explain_class
from pellucid.images.read import read_image
from pellucid.inference import Predictor, load_predictor
from tests.service.conftest import CLASSES, Server, check_problem, picture


@pytest.fixture(scope="module")
def predictor(server: Server) -> Predictor:
    return load_predictor(server.bundle)


def expected(predictor: Predictor, data: bytes) -> np.ndarray:
    [found] = predictor.predict(read_image(data).pixels)
    return np.array(found.probabilities)


def rows(answer: dict) -> np.ndarray:
    chances = {one["label"]: one["probability"] for one in answer["top"]}
    return np.array([chances[name] for name in CLASSES])


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and has nothing else."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rest = chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM"])
def test_raw_bytes(client: httpx.Client, predictor: Predictor, format: str) -> None:
    data = picture(1, format)
    headers = {"Content-Type": f"image/{format.lower()}"}
    found = client.post("/v1/predict", content=data, headers=headers)
    assert found.status_code == 200
    [answer] = found.json()["predictions"]
    assert np.allclose(rows(answer), expected(predictor, data), atol=1e-6)
    best = answer["top"][0]
    assert (answer["label"], answer["probability"]) == (best["label"], best["probability"])
    assert answer["error"] is None


def test_a_form_of_several_one_of_them_bad(client: httpx.Client, predictor: Predictor) -> None:
    pictures = [picture(seed) for seed in range(5)]
    pictures[2] = b"no image"
    files = [("files", (f"é {n}.png", data)) for n, data in enumerate(pictures)]
    found = client.post("/v1/predict?top=3", files=files)
    assert found.status_code == 200
    answers = found.json()["predictions"]
    assert [answer["name"] for answer in answers] == [f"é {n}.png" for n in range(5)]
    for answer, data in zip(answers, pictures, strict=True):
        if data == b"no image":
            assert answer["error"]["type"] == "urn:pellucid:not-an-image"
            assert answer["label"] is None and answer["top"] == []
        else:
            assert np.allclose(rows(answer), expected(predictor, data), atol=1e-6)


def test_top_is_what_was_asked(client: httpx.Client) -> None:
    found = client.post("/v1/predict?top=2", files={"f": picture(3)}).json()["predictions"][0]
    chances = [one["probability"] for one in found["top"]]
    assert len(chances) == 2 and chances == sorted(chances, reverse=True)


@pytest.mark.parametrize(
    ("content", "kind", "type", "status"),
    [
        (b"text", "image/png", "not-an-image", 415),
        (picture(0, "JPEG")[:200], "image/jpeg", "truncated", 422),
        (picture(0, "PNG")[:-200], "image/png", "truncated", 422),
        (png_header(20_000, 20_000), "image/png", "bomb", 413),
        (b"", "image/png", "no-file", 422),
        (picture(0), "text/plain", "media-type", 415),
        (picture(0), "application/x-www-form-urlencoded", "media-type", 415),
        (picture(0), "", "media-type", 415),
        (b"nonsense", "multipart/form-data", "malformed", 400),
        (b"nonsense", "multipart/form-data; boundary=x", "malformed", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", "no-file", 422),
    ],
)
@pytest.mark.parametrize("path", ["/v1/predict", "/v1/explain"])
def test_what_is_refused(
    client: httpx.Client, path: str, content: bytes, kind: str, type: str, status: int
) -> None:
    found = client.post(path, content=content, headers={"Content-Type": kind})
    check_problem(found, type, status)


@pytest.mark.parametrize("query", ["top=0", "top=x", "top=1001"])
def test_wrong_parameters(client: httpx.Client, query: str) -> None:
    found = client.post(f"/v1/predict?{query}", files={"f": picture(0)})
    assert "top" in check_problem(found, "parameter", 422)["detail"]


def test_one_pixel_and_an_animation(client: httpx.Client) -> None:
    frames = [Image.new("RGB", (9, 9), color) for color in ("red", "blue")]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    still = BytesIO()
    frames[0].save(still, "GIF")
    files = [("f", data) for data in (picture(0, size=(1, 1)), buffer.getvalue(), still.getvalue())]
    one, moving, first = client.post("/v1/predict", files=files).json()["predictions"]
    assert one["error"] is None
    assert np.allclose(rows(moving), rows(first), atol=1e-6)  # its first picture


def test_explain(client: httpx.Client, server: Server) -> None:
    data = picture(4)
    predictor = load_predictor(server.bundle)
    record = predictor.card.preprocessing
    trace = trace_image(predictor.network, read_image(data), record, classes=CLASSES)
    own = explain_class(trace, "bee", "ant")
    headers = {"Content-Type": "image/png"}
    path = "/v1/explain?class=bee&against=ant"
    found = client.post(f"{path}&format=json", content=data, headers=headers).json()
    assert (found["target"], found["against"]) == ("bee", "ant")
    assert np.allclose(found["values"], own.values, atol=1e-6)
    drawn = client.post(path, content=data, headers=headers)
    assert drawn.headers["content-type"] == "image/png"
    assert np.array_equal(read_image(drawn.content).pixels, own.overlay())


def test_explain_what_is_not_there(client: httpx.Client) -> None:
    found = client.post("/v1/explain?class=bea", files={"f": picture(0)})
    assert "did you mean 'bee'" in check_problem(found, "not-explained", 422)["detail"]
    found = client.post("/v1/explain", files=[("f", picture(0)), ("f", picture(1))])
    check_problem(found, "too-many-files", 413)


def test_the_card(client: httpx.Client, predictor: Predictor) -> None:
    found = client.get("/v1/model").json()
    assert found["card"] == json.loads(json.dumps(predictor.card.to_json()))
    assert found["classes"] == list(CLASSES)
    again = client.post("/v1/predict", files={"f": picture(0)}).json()
    assert again["model"] == found["model"]


def test_state_and_metrics(client: httpx.Client) -> None:
    def count(name: str, **labels: str) -> float:
        families = text_string_to_metric_families(client.get("/metrics").text)
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    asked = {"path": "/v1/predict", "method": "POST", "status": "200"}
    before = count("pellucid_requests_total", **asked), count("pellucid_batch_images_sum")
    client.post("/v1/predict", files=[("f", picture(n)) for n in range(3)]).raise_for_status()
    after = count("pellucid_requests_total", **asked), count("pellucid_batch_images_sum")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 3)
    assert count("pellucid_queue_images") == 0
    client.get("/flood/1"), client.get("/flood/2")
    assert count("pellucid_requests_total", path="other", status="404") >= 2
    assert "flood" not in client.get("/metrics").text


def test_nothing_comes_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200
    for path in ("/", "/page.css", "/page.js"):
        found = client.get(path)
        text = found.text.replace("http://…/v1/predict", "")
        assert "http://" not in text and "https://" not in text
        assert "default-src 'none'" in found.headers["content-security-policy"]
        assert found.headers["x-content-type-options"] == "nosniff"
    for path in ("/docs", "/redoc"):  # FastAPI's own would load scripts from elsewhere
        check_problem(client.get(path), "not-found", 404)
    check_problem(client.get("/v1/predict"), "method", 405)


def test_other_sites_may_not_ask(client: httpx.Client, server: Server) -> None:
    files = {"f": picture(0)}
    found = client.post("/v1/predict", files=files, headers={"Origin": "https://evil.example"})
    check_problem(found, "foreign", 403)
    check_problem(client.get("/v1/model", headers={"Host": "evil.example"}), "foreign", 403)
    own = client.post("/v1/predict", files=files, headers={"Origin": server.url})
    assert own.status_code == 200
    assert not any(name.startswith("access-control") for name in own.headers)
