"""Limits, the token, a full queue, batches, and a stop that finishes what is in hand."""

import io
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from tests.service.conftest import Server, check_problem, picture, start, stop, write_bundle

#: Milliseconds that a batch comes together: so long that a test can look in.
WINDOW = 400


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("strict")
    (folder / "token").write_text("open sesame\n")
    options = f"--max-bytes 20000 --max-files 3 --max-pixels 10000 --queue 4 --window {WINDOW}"
    bundle = write_bundle(folder / "bundle", 1)
    running = start(
        bundle, "--token-file", str(folder / "token"), *options.split(), "--timeout", "3"
    )
    yield running
    stop(running)


@pytest.fixture
def known(strict: Server) -> Iterator[httpx.Client]:
    with strict.client(headers={"Authorization": "Bearer open sesame"}) as client:
        yield client


def make_busy(client: httpx.Client) -> None:
    """Ask until a batch waits for others, as it does where there are several callers."""
    files = [("f", picture(n)) for n in range(3)]
    for _ in range(50):
        begin = time.perf_counter()
        client.post("/v1/predict", files=files).raise_for_status()
        if time.perf_counter() - begin > WINDOW / 1000:
            return
    raise AssertionError("no batch has waited")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer open", "Basic open sesame", "Bearer open sesamé"]
)
def test_without_the_token_nothing_is_said(strict: Server, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    with strict.client() as client:
        for path in ("/v1/model", "/metrics", "/v1/nothing"):
            found = client.get(path, headers=headers)
            check_problem(found, "unauthorized", 401)
            assert found.headers["www-authenticate"] == "Bearer"
        found = client.post("/v1/predict", files={"f": picture(0)}, headers=headers)
        check_problem(found, "unauthorized", 401)
        check_problem(client.post("/v1/reload", headers=headers), "unauthorized", 401)
        for path in ("/", "/healthz", "/readyz"):  # they tell nothing
            assert client.get(path).status_code == 200


def test_limits_of_a_request(known: httpx.Client) -> None:
    headers = {"Content-Type": "image/png"}
    large = b"x" * 3_000_000
    check_problem(known.post("/v1/predict", content=large, headers=headers), "too-large", 413)
    parts = (large[:1000] for _ in range(100))  # its length is not announced
    check_problem(known.post("/v1/predict", content=parts, headers=headers), "too-large", 413)
    files = [("f", picture(n, size=(5, 5))) for n in range(4)]
    found = check_problem(known.post("/v1/predict", files=files), "too-many-files", 413)
    assert "at most 3 files" in found["detail"]
    buffer = io.BytesIO()
    Image.new("L", (6000, 2)).save(buffer, "PNG")
    wide = buffer.getvalue()
    found = check_problem(known.post("/v1/predict", content=wide, headers=headers), "bomb", 413)
    assert "6000×2" in found["detail"]


def test_a_request_that_never_ends_is_given_up(known: httpx.Client) -> None:
    def slowly() -> Iterator[bytes]:
        yield b"x"
        time.sleep(3.5)
        yield b"x"

    found = known.post("/v1/predict", content=slowly(), headers={"Content-Type": "image/png"})
    check_problem(found, "slow", 408)


def test_a_full_queue_says_when_to_come_again(known: httpx.Client) -> None:
    def ask(images: int) -> httpx.Response:
        return known.post("/v1/predict", files=[("f", picture(n)) for n in range(images)])

    for _ in range(10):  # where the machine is busy, the second may come when the first has gone
        make_busy(known)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(ask, 3)
            time.sleep(WINDOW / 1000 / 4)
            second = ask(2)
        assert waiting.result().status_code == 200
        if second.status_code != 200:
            break
    check_problem(second, "busy", 503)
    assert 1 <= int(second.headers["retry-after"]) <= 60


def test_requests_are_gathered(known: httpx.Client) -> None:
    make_busy(known)

    def batches() -> dict[str, float]:
        families = text_string_to_metric_families(known.get("/metrics").text)
        samples = [one for family in families for one in family.samples]
        return {one.name: one.value for one in samples if one.name.startswith("pellucid_batch_im")}

    before = batches()
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(lambda n: known.post("/v1/predict", files={"f": picture(n)}), range(4))
        )
    after = batches()
    assert [one.status_code for one in found] == [200] * 4
    count, images = "pellucid_batch_images_count", "pellucid_batch_images_sum"
    assert after[images] - before[images] == 4
    assert after[count] - before[count] < 4


def test_stopping_finishes_what_is_in_hand(strict: Server, known: httpx.Client) -> None:
    """The last test of this server."""
    make_busy(known)
    answers: list[httpx.Response] = []
    asking = threading.Thread(
        target=lambda: answers.append(known.post("/v1/predict", files={"f": picture(0)}))
    )
    asking.start()
    time.sleep(WINDOW / 1000 / 2)  # it waits for others now
    assert not answers
    assert stop(strict) == 0
    asking.join()
    assert answers[0].status_code == 200
    assert strict.said[-2:] == ["Stopping: finishing what is in hand.", "Stopped."]
