"""The parts below HTTP: the gate, batches, and what happens when the network itself fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from pellucid.errors import UsageError
from pellucid.service.app import create_app
from pellucid.service.batcher import Batcher
from pellucid.service.engine import Engine, Settings
from pellucid.service.gate import Gate
from pellucid.service.limits import Limits
from pellucid.service.model import Model, load_model
from pellucid.service.problem import KINDS, ProblemError
from tests.service.conftest import check_problem, picture, write_bundle


class Summing:
    """Gives each image the sum of its pixels; notes its batches."""

    def __init__(self, seconds: float = 0) -> None:
        self.batches: list[int] = []
        self.seconds = seconds

    def probabilities(self, fitted: np.ndarray) -> np.ndarray:
        time.sleep(self.seconds)
        self.batches.append(len(fitted))
        return fitted.reshape(len(fitted), -1).sum(1, keepdims=True).astype(np.float32)


class Failing:
    def probabilities(self, fitted: np.ndarray) -> np.ndarray:
        raise RuntimeError("out of memory")


def images(count: int) -> list[np.ndarray]:
    return [np.full((1, 1, 1), value, np.uint8) for value in range(count)]


def batched(work: Callable[[Batcher], Awaitable[Any]], most: int, window: float) -> Any:
    seen: list[tuple[int, float]] = []
    batcher = Batcher(most, window, lambda count, seconds: seen.append((count, seconds)))
    batcher.start()

    async def run() -> Any:
        return await work(batcher)

    try:
        return asyncio.run(run())
    finally:
        batcher.close()


@pytest.mark.parametrize("most", [1, 3, 100])
def test_each_image_gets_its_own_answer(most: int) -> None:
    network = Summing()

    async def work(batcher: Batcher) -> list[float]:
        rows = await asyncio.gather(*(batcher.submit(network, one) for one in images(20)))
        return [float(row[0]) for row in rows]

    assert batched(work, most, 0.05) == list(range(20))
    assert sum(network.batches) == 20
    assert max(network.batches) <= most
    if most == 100:
        assert len(network.batches) <= 2  # perhaps the first alone


def test_without_a_window_what_waits_is_gathered() -> None:
    """While the network runs, a batch comes together by itself."""
    network = Summing(0.05)

    async def work(batcher: Batcher) -> None:
        first = batcher.submit(network, images(1)[0])
        await asyncio.sleep(0.02)
        rest = [batcher.submit(network, one) for one in images(7)]
        await asyncio.gather(first, *rest)

    batched(work, 100, 0.0)
    assert network.batches == [1, 7]


def test_with_several_callers_the_first_waits_and_a_lone_one_does_not() -> None:
    network = Summing()

    async def work(batcher: Batcher) -> tuple[float, float]:
        async def seconds() -> float:
            begin = time.perf_counter()
            await batcher.submit(network, images(1)[0])
            return time.perf_counter() - begin

        while not any(count > 1 for count in network.batches):
            await asyncio.gather(*(batcher.submit(network, one) for one in images(9)))
        return await seconds(), await seconds()

    among_others, alone = batched(work, 100, 0.5)
    assert among_others >= 0.5 > alone


def test_networks_are_not_mixed_and_one_that_fails_harms_no_other() -> None:
    good, bad = Summing(), Failing()

    async def work(batcher: Batcher) -> list[Any]:
        networks = [good, bad, bad, good, good]
        asked = [batcher.submit(net, one) for net, one in zip(networks, images(5), strict=True)]
        gone = batcher.submit(good, images(1)[0])
        gone.cancel()
        return await asyncio.gather(*asked, return_exceptions=True)

    found = batched(work, 100, 0.05)
    assert [float(found[index][0]) for index in (0, 3, 4)] == [0, 3, 4]
    assert all(isinstance(found[index], RuntimeError) for index in (1, 2))
    assert good.batches == [1, 2]


def test_closing_answers_what_is_in_the_queue() -> None:
    network = Summing(0.02)
    batcher = Batcher(2, 0.0, lambda count, seconds: None)

    async def run() -> list[float]:
        asked = [batcher.submit(network, one) for one in images(6)]
        batcher.start()
        await asyncio.to_thread(batcher.close)
        return [float(row[0]) for row in await asyncio.gather(*asked)]

    assert asyncio.run(run()) == list(range(6))


def test_the_gate_counts_images_and_bytes() -> None:
    gate = Gate(Limits(bytes=100, files=2, queue=3))
    with gate.admit(2):
        with pytest.raises(ProblemError, match="2 of 3 places") as found, gate.admit(2):
            pass
        assert found.value.status == 503 and found.value.headers["Retry-After"] == "1"
        with gate.admit(1):
            assert gate.images == 3
    assert gate.images == 0
    with gate.hold() as held, gate.hold() as other:
        held.add(700)
        with pytest.raises(ProblemError, match="too many uploads"):
            other.add(101)
        other.add(100)
    assert gate.bytes == 0


@pytest.mark.parametrize("field", ["bytes", "pixels", "files", "seconds", "queue"])
def test_limits_are_positive(field: str) -> None:
    with pytest.raises(UsageError, match=field):
        Limits(**{field: 0})
    with pytest.raises(UsageError, match="one full request"):
        Limits(queue=10, files=11)


@pytest.mark.parametrize("kind", KINDS)
def test_every_problem_has_the_form(kind: str) -> None:
    found = ProblemError(kind, "two\nlines.").to_json()
    assert found["detail"] == "two\\nlines."
    assert 400 <= found["status"] <= 503 and found["title"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(write_bundle(tmp_path_factory.mktemp("model") / "bundle", 0))


def ask(model: Model, network: Any, limits: Limits) -> tuple[httpx.Response, list[str]]:
    """One request to a service whose network is another."""
    said: list[str] = []
    engine = Engine(Settings(Path("nowhere"), limits), model, said.append)
    app = create_app(engine)
    assert not any((getattr(app, "_telemetry", None) or {"none": False}).values())

    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            engine.start()
            engine.model = Model(network, model.bundle, model.digest)
            network.card = model.card
            try:
                return await client.post("/v1/predict", files={"f": picture(0)})
            finally:
                await asyncio.to_thread(engine.close)

    return asyncio.run(run()), said


def test_a_network_that_fails_is_a_problem_too(model: Model) -> None:
    found, said = ask(model, Failing(), Limits())
    check_problem(found, "internal", 500)
    assert "memory" not in found.text  # that is for the log
    assert said == ["Unexpected RuntimeError: out of memory."]


def test_an_answer_that_is_late(model: Model) -> None:
    found, _ = ask(model, Summing(0.5), Limits(seconds=0.1))
    check_problem(found, "late", 503)
    assert int(found.headers["retry-after"]) >= 1
