"""A new bundle comes in while requests run; a damaged one does not."""

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.conftest import Server, check_problem, picture, start, stop, write_bundle


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start(write_bundle(tmp_path_factory.mktemp("reload") / "bundle", 2))
    yield running
    assert stop(running) == 0


def replace(server: Server, seed: int, tmp_path: Path) -> None:
    """Another network in the same place."""
    fresh = write_bundle(tmp_path / f"fresh {seed}", seed)
    shutil.rmtree(server.bundle)
    fresh.rename(server.bundle)


def test_reloading_drops_nothing(served: Server, tmp_path: Path) -> None:
    with served.client() as client:
        first = client.get("/v1/model").json()["model"]
        seen: list[tuple[int, str, float]] = []
        over = threading.Event()

        def ask() -> None:
            with served.client() as mine:
                while not over.is_set():
                    found = mine.post("/v1/predict", files={"f": picture(0)})
                    answer = found.json()
                    one = answer["predictions"][0]["probability"]
                    seen.append((found.status_code, answer["model"], one))

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        replace(served, 3, tmp_path)
        second = client.post("/v1/reload").json()["model"]
        replace(served, 4, tmp_path)
        served.process.send_signal(signal.SIGHUP)
        third = _wait_for_another(client, second)
        time.sleep(0.2)
        over.set()
        for asker in askers:
            asker.join()
        assert len({first, second, third}) == 3
        assert {status for status, _, _ in seen} == {200}
        # Each answer is of the network that it names.
        by_model = {model: {one for _, name, one in seen if name == model} for _, model, _ in seen}
        assert {first, third} <= set(by_model)
        values = [value for value in by_model.values() if value]
        assert all(max(value) - min(value) < 1e-6 for value in values)
        assert len({round(min(value), 5) for value in values}) == len(values)


def _wait_for_another(client: httpx.Client, model: str) -> str:
    for _ in range(100):
        found: str = client.get("/v1/model").json()["model"]
        if found != model:
            return found
        time.sleep(0.1)
    raise AssertionError("SIGHUP has loaded nothing")


def test_a_damaged_bundle_is_refused(served: Server) -> None:
    weights = served.bundle / "weights.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with served.client() as client:
        before = client.post("/v1/predict", files={"f": picture(0)}).json()
        found = check_problem(client.post("/v1/reload"), "damaged", 409)
        assert "checksum" in found["detail"]
        assert client.post("/v1/predict", files={"f": picture(0)}).json() == before
        assert client.get("/readyz").status_code == 200
        weights.write_bytes(whole)
        assert client.post("/v1/reload").json() == {"model": before["model"]}
