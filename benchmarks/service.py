"""How much of the network's own speed is left behind HTTP, and does the service stay as it is?

    python benchmarks/service.py [RUN] [--images FOLDER] [--repeats 3] [--seconds 6]
    python benchmarks/service.py [RUN] --minutes 10

Without RUN the network is GoogLeNet at 224×224 with random weights. The server is ``pellucid
serve`` in a process of its own, the callers are threads of this one with a connection each, which
send the bytes of one JPEG a request and wait for the answer; both are on the same cores.

raw        ``Predictor.probabilities`` in this process, batches of 16, on images that are decoded
           and fitted already: what the network alone can do
raw+read   the same, each image decoded and fitted first, one after another
c1 c4 c16  the service, with so many callers
alone16    the service with --batch 1 --window 0, 16 callers: no batches

The passes take turns, in a new order each repeat; a ratio is the median of the repeats' own
ratios. Latencies are of all requests of all repeats. CPU is the processor time for an image, of
all threads of the process that answers: on a busy machine it says more than the clock.

With --minutes the service is called without a pause, by 16 callers: good pictures, broken ones,
several at once, explanations, and a reload every half minute. Its resident memory is printed as it
goes, and at the end its growth from the second fifth of the time to the last.
"""

import argparse
import json
import os
import platform
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
import torch

from pellucid.data.preprocessing import Preprocessing
from pellucid.data.walk import walk
from pellucid.images.read import read_image
from pellucid.inference import Card, load_predictor, save_bundle
from pellucid.models.registry import arguments_for
from pellucid.threads import cores

PACKAGES = ("torch", "onnxruntime", "fastapi", "uvicorn", "starlette")
BATCH = 16


class Caller:
    """A connection that stays open; as little Python as will do, to leave the cores alone."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._socket = socket.create_connection(address, timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, path: str, kind: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer."""
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._address[1]}\r\n"
        head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._socket.sendall(head.encode() + body)
        found = b""
        while (end := found.find(b"\r\n\r\n")) < 0:
            found += self._more()
        length = re.search(rb"content-length: (\d+)", found[:end], re.I)
        assert length is not None, found[:end]
        total = end + 4 + int(length[1])
        while len(found) < total:
            found += self._more()
        return int(found[9:12]), found[end + 4 :]

    def _more(self) -> bytes:
        block = self._socket.recv(1 << 16)
        if not block:
            raise ConnectionError("the server has closed the connection")
        return block


@contextmanager
def served(run: Path, *options: str) -> Iterator[tuple[tuple[str, int], int]]:
    """A server's address and process."""
    command = [sys.executable, "-m", "pellucid", "serve", str(run), "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://127.0.0.1:(\d+)", line):
            break
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        yield ("127.0.0.1", int(found[1])), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, "the server did not stop as it should"


def load(
    address: tuple[str, int], callers: int, seconds: float, ask: Callable[[Caller, int], int]
) -> tuple[int, float, list[float], Counter[int]]:
    """Images and seconds, latencies, and answers by status."""
    latencies: list[list[float]] = [[] for _ in range(callers)]
    statuses: Counter[int] = Counter()
    begin = time.perf_counter()

    def call(number: int) -> None:
        caller, turn = Caller(address), number
        while time.perf_counter() - begin < seconds:
            started = time.perf_counter()
            statuses[ask(caller, turn)] += 1
            latencies[number].append(time.perf_counter() - started)
            turn += callers

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - begin
    every = [one for own in latencies for one in own]
    return len(every), spent, every, statuses


def alone(seconds: float, batch: Callable[[], object]) -> tuple[float, float]:
    """Images a second and processor seconds an image of batches in this process.

    On a thread of its own, as in the service: OpenMP's threads then wait without spinning, which
    on a busy machine doubles the speed.
    """
    begin, spent, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begin < seconds:
        batch()
        done += BATCH
    return done / (time.perf_counter() - begin), (time.process_time() - spent) / done


def processor(pid: int) -> float:
    """Seconds of processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def throughput(run: Path, pictures: list[bytes], arguments: argparse.Namespace) -> None:
    predictor = load_predictor(run, "auto")
    fitted = np.stack(
        [predictor.card.preprocessing.fit(read_image(one).pixels) for one in pictures[:BATCH]]
    )
    answers = predictor.probabilities(fitted)

    def ask(caller: Caller, turn: int) -> int:
        which = turn % BATCH
        status, body = caller.post("/v1/predict?top=1", "image/jpeg", pictures[which])
        found = json.loads(body)["predictions"][0]["probability"]
        assert abs(found - answers[which].max()) < 1e-4, "the service answers otherwise"
        return status

    def read() -> object:
        fit = predictor.card.preprocessing.fit
        batch = [fit(read_image(one).pixels) for one in pictures[:BATCH]]
        return predictor.probabilities(np.stack(batch))

    own = {"raw": lambda: predictor.probabilities(fitted), "raw+read": read}
    seconds = arguments.seconds
    options = ["--window", str(arguments.window)] if arguments.window is not None else []
    with (
        served(run, *options) as batched,
        served(run, "--batch", "1", "--window", "0") as single,
        ThreadPoolExecutor(1) as aside,
    ):
        targets = {
            "c1": (batched, 1),
            "c4": (batched, 4),
            "c16": (batched, 16),
            "alone16": (single, 16),
        }
        names = [*own, *targets]
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        latencies: dict[str, list[float]] = {name: [] for name in targets}
        statuses: Counter[int] = Counter()
        for (address, _), _ in targets.values():
            load(address, 4, 1, ask)
        for repeat in range(arguments.repeats):
            for name in random.Random(repeat).sample(names, len(names)):
                if name in own:
                    found[name].append(aside.submit(alone, seconds, own[name]).result())
                    continue
                (address, pid), callers = targets[name]
                before = processor(pid)
                done, spent, times, seen = load(address, callers, seconds, ask)
                found[name].append((done / spent, (processor(pid) - before) / done))
                latencies[name] += times
                statuses += seen
            shown = ", ".join(f"{name} {found[name][-1][0]:,.1f}" for name in names)
            print(
                f"repeat {repeat + 1}: {shown} images/s; load {os.getloadavg()[0]:.1f}", flush=True
            )
    for name in names:
        print(line(name, found, latencies))
    gains = [a / b for (a, _), (b, _) in zip(found["c16"], found["alone16"], strict=True)]
    saved = [b / a for (_, a), (_, b) in zip(found["c16"], found["alone16"], strict=True)]
    print(
        f"batches: {statistics.median(gains):.2f}× the images a second "
        f"({min(gains):.2f} to {max(gains):.2f}), {statistics.median(saved):.2f}× for the CPU "
        f"({min(saved):.2f} to {max(saved):.2f})"
    )
    errors = {status: count for status, count in statuses.items() if status != 200}
    print(f"{statuses.total():,} requests, errors: {errors or 'none'}")


def line(
    name: str, found: dict[str, list[tuple[float, float]]], latencies: dict[str, list[float]]
) -> str:
    """A row of the table."""
    rates, costs = zip(*found[name], strict=True)
    shares = [a / b for a, (b, _) in zip(rates, found["raw"], strict=True)]
    saved = [b / a for a, (_, b) in zip(costs, found["raw"], strict=True)]
    text = (
        f"{name:9} {statistics.median(rates):8,.1f}/s {statistics.median(shares):5.0%} of raw "
        f"({min(shares):.0%} to {max(shares):.0%})   CPU {1000 * statistics.median(costs):.2f} ms, "
        f"{statistics.median(saved):.0%} of raw's speed by it"
    )
    if name not in latencies:
        return text
    times = latencies[name]
    p50, p95, p99 = (1000 * np.quantile(times, [0.5, 0.95, 0.99])).tolist()
    return f"{text}\n{'':9} p50 {p50:,.1f} ms, p95 {p95:,.1f}, p99 {p99:,.1f} of {len(times):,}"


def form(pictures: list[bytes]) -> bytes:
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="p"\r\n\r\n' + one + b"\r\n"
        for one in pictures
    ]
    return b"".join(parts) + b"--x--\r\n"


def resident(pid: int) -> float:
    """MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def soak(run: Path, pictures: list[bytes], minutes: float) -> None:
    several = [form([*pictures[:3], b"no picture"]), form(pictures[3:8])]

    def ask(caller: Caller, turn: int) -> int:
        one = pictures[turn % len(pictures)]
        if turn % 50 == 7:
            status, _ = caller.post("/v1/explain", "image/jpeg", one)
            return status
        if turn % 10 == 3:
            status, _ = caller.post("/v1/predict", "image/jpeg", one[: len(one) // 2])
            return 200 if status == 422 else -status  # as it should be
        if turn % 10 == 5:
            kind = "multipart/form-data; boundary=x"
            return caller.post("/v1/predict", kind, several[turn % 2])[0]
        return caller.post("/v1/predict", "image/jpeg", one)[0]

    seconds = 60 * minutes
    memory: list[tuple[float, float]] = []
    with served(run) as (address, pid):
        over = threading.Event()

        def watch() -> None:
            begin = time.perf_counter()
            while not over.wait(15):
                spent = time.perf_counter() - begin
                memory.append((spent, resident(pid)))
                reloaded = ""
                if len(memory) % 2 == 0:
                    reloaded = (
                        f", reload {Caller(address).post('/v1/reload', 'text/plain', b'')[0]}"
                    )
                print(f"{spent:6.0f} s: {memory[-1][1]:7.1f} MiB{reloaded}", flush=True)

        watcher = threading.Thread(target=watch)
        watcher.start()
        done, spent, times, statuses = load(address, 16, seconds, ask)
        over.set()
        watcher.join()
    early = [size for when, size in memory if seconds / 5 < when <= 2 * seconds / 5]
    late = [size for when, size in memory if when > 4 * seconds / 5]
    p50, p95, p99 = (1000 * np.quantile(times, [0.5, 0.95, 0.99])).tolist()
    print(f"{done:,} requests in {spent:.0f} s ({done / spent:.0f}/s), by status: {dict(statuses)}")
    print(f"p50 {p50:,.0f} ms, p95 {p95:,.0f}, p99 {p99:,.0f}")
    print(
        f"memory: {statistics.mean(early):.1f} MiB in the second fifth, "
        f"{statistics.mean(late):.1f} MiB in the last; load {os.getloadavg()[0]:.1f}"
    )


def random_googlenet(folder: Path) -> Path:
    arguments = arguments_for("googlenet", classes=10, channels=3, height=224, width=224)
    card = Card(
        "googlenet",
        arguments,
        Preprocessing("rgb", 224, 224, (0.5,) * 3, (0.25,) * 3),
        tuple(f"class {n}" for n in range(10)),
    )
    save_bundle(folder, card.architecture.sample(0), card)
    return folder


def photographs(folder: Path | None) -> list[bytes]:
    """JPEGs of a folder, or blurred noise of 300×200."""
    if folder is not None:
        names = sorted(walk(str(folder)).images)
        chosen = random.Random(0).sample(names, min(64, len(names)))
        return [(folder / name).read_bytes() for name in chosen]
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (25, 38, 3), np.uint8) for _ in range(64)]
    large = [cv2.resize(one, (300, 200), interpolation=cv2.INTER_CUBIC) for one in noise]
    return [cv2.imencode(".jpg", one)[1].tobytes() for one in large]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--images", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--window", type=float, help="milliseconds, instead of the default")
    parser.add_argument("--minutes", type=float, help="soak instead")
    return parser.parse_args()


def main() -> None:
    arguments = parse()
    print(f"{platform.machine()}, {cores()} cores; load {os.getloadavg()}")
    print(
        ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        f"; {torch.get_num_threads()} threads",
    )
    pictures = photographs(arguments.images)
    with tempfile.TemporaryDirectory() as folder:
        run = arguments.run or random_googlenet(Path(folder) / "bundle")
        card = load_predictor(run, "auto").card
        record = card.preprocessing
        print(f"{card.model} at {record.height}×{record.width}, {len(pictures)} pictures")
        if arguments.minutes:
            soak(run, pictures, arguments.minutes)
        else:
            throughput(run, pictures, arguments)


if __name__ == "__main__":
    main()
