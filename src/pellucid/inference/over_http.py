"""``pellucid serve`` as a way of computing: a server of its own, asked over a socket."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Timer
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ServiceError
from pellucid.images.save import encode_png
from pellucid.inference.cases import Case
from pellucid.inference.parity import Way

#: Modules without which there is no service.
NEEDED = ("fastapi", "uvicorn", "prometheus_client", "python_multipart")
#: The service lists at most so many classes, and takes so many seconds to start.
MOST_CLASSES, _PATIENCE = 1000, 60.0


@contextmanager
def serving(path: Path, classes: Sequence[str]) -> Iterator[Way]:
    """While this lasts, a server answers, started as a user would.

    Args:
        path: the run or bundle that it serves.
        classes: K names, at most :data:`MOST_CLASSES`.

    Raises:
        ServiceError: it does not start, or answers with an error.
    """
    command = [sys.executable, "-m", "pellucid", "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield _way(_address(server), tuple(classes))
        finally:
            server.terminate()


def _address(server: "subprocess.Popen[str]") -> str:
    """Host and port, from the line that says them."""
    assert server.stderr is not None
    patience = Timer(_PATIENCE, server.kill)
    patience.start()
    said = []
    for line in server.stderr:
        said.append(line.strip())
        for word in line.split():
            if word.startswith("http://"):
                patience.cancel()
                return urlsplit(word).netloc
    patience.cancel()
    raise ServiceError(f"pellucid serve did not start: {' '.join(said) or 'it said nothing'}")


def _way(address: str, classes: tuple[str, ...]) -> Way:
    def answer(cases: Sequence[Case]) -> NDArray[np.float32]:
        return np.array([_ask(address, classes, case) for case in cases], np.float32)

    return answer


def _ask(address: str, classes: tuple[str, ...], case: Case) -> list[float]:
    connection = HTTPConnection(address, timeout=_PATIENCE)
    try:
        body = encode_png(case.pixels)
        connection.request(
            "POST", f"/v1/predict?top={len(classes)}", body, {"Content-Type": "image/png"}
        )
        response = connection.getresponse()
        record = json.loads(response.read())
    except (OSError, ValueError) as error:
        raise ServiceError(f"the service did not answer on {case.name}: {error}.") from error
    finally:
        connection.close()
    if response.status != 200:
        raise ServiceError(f"the service refused {case.name}: {record.get('detail', record)}")
    [found] = record["predictions"]
    by_label = {one["label"]: one["probability"] for one in found["top"]}
    return [by_label[name] for name in classes]
