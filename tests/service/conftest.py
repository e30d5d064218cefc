"""Servers in processes of their own, and pictures to send them."""

import io
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from pellucid.data.preprocessing import Preprocessing
from pellucid.inference import Card, save_bundle

CLASSES = ("ant", "bee", "cat 🐈")


def write_bundle(folder: Path, seed: int) -> Path:
    """A bundle of a small network with random weights."""
    card = Card(
        "compact",
        {"classes": 3, "channels": 3, "widths": [4, 8]},
        Preprocessing("rgb", 16, 16, (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)),
        CLASSES,
    )
    network = card.architecture.sample(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        nn.init.normal_(network.head.maps.weight)  # type: ignore[union-attr, arg-type]
    save_bundle(folder, network, card)
    return folder


def picture(seed: int, format: str = "PNG", size: tuple[int, int] = (20, 30)) -> bytes:
    """The bytes of a picture of noise, height × width."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format)
    return buffer.getvalue()


@dataclass
class Server:
    """A server that runs.

    Attributes:
        url: where it answers.
        bundle: what it serves.
        process: its own.
        said: the lines it has printed on stderr.
    """

    url: str
    bundle: Path
    process: "subprocess.Popen[str]"
    said: list[str]

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, trust_env=False, **options)

    def memory(self) -> int:
        """Resident bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def start(bundle: Path, *options: str) -> Server:
    """Start ``pellucid serve`` on a free port and wait until it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pellucid", "serve", str(bundle), "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line.rstrip("\n"))
        if found := re.search(r"http://\S+", line):
            break
    else:
        raise AssertionError(f"the server did not start: {said}")
    # Read on, so that the server never waits for its reader.
    threading.Thread(target=_listen, args=(process, said), daemon=True).start()
    return Server(found.group(), bundle, process, said)


def _listen(process: "subprocess.Popen[str]", said: list[str]) -> None:
    assert process.stderr is not None
    said.extend(line.rstrip("\n") for line in process.stderr)
    process.stderr.close()


def stop(server: Server) -> int:
    """Tell a server to stop; its exit code."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
    try:
        return server.process.wait(20)
    finally:
        server.process.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it starts without options."""
    running = start(write_bundle(tmp_path_factory.mktemp("served") / "bundle", 0))
    yield running
    assert stop(running) == 0
    assert not any("Unexpected" in line or "Traceback" in line for line in running.said)


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


PROBLEM = {"type", "title", "status", "detail"}


def check_problem(response: httpx.Response, kind: str, status: int) -> dict[str, Any]:
    """A problem of the one form; gives it back."""
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert set(found) == PROBLEM
    assert (found["type"], found["status"]) == (f"urn:pellucid:{kind}", status)
    assert response.status_code == status
    assert found["detail"].endswith(".") and "\n" not in found["detail"]
    return found
