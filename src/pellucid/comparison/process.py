"""Start a training in a process of its own, listen to it, and stop it."""

import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from pellucid.comparison.member import Task
from pellucid.comparison.messages import END, relay
from pellucid.watch import Watcher

_COMMAND = (sys.executable, "-m", "pellucid.comparison.member")
#: Seconds between two looks at whether a stop was asked for.
_LOOK = 0.1


@dataclass(frozen=True)
class Outcome:
    """How a process ended.

    Attributes:
        status: ``finished``, ``interrupted`` or ``failed``.
        error: why it failed; None otherwise.
    """

    status: str
    error: str | None = None


def train_apart(
    task: Task, lock: int, who: str, watch: Watcher, stopped: Callable[[], bool]
) -> Outcome:
    """Train in a process of its own, and wait for it.

    Args:
        task: what to train.
        lock: file descriptor that the process holds for as long as it lives.
        who: the training's name, for the watcher.
        watch: told what it tells.
        stopped: asked now and then; true lets it save and end.
    """
    with tempfile.TemporaryFile() as complaints, _start(lock, complaints) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            with suppress(BrokenPipeError):  # it died at once: the end says why
                process.stdin.write(pickle.dumps(task))
                process.stdin.flush()
            end = _listen(process, who, watch, stopped)
        except BaseException:
            process.kill()
            raise
        with suppress(BrokenPipeError):
            process.stdin.close()
        code = process.wait()
        if end is not None:
            return Outcome(end["status"], end.get("error"))
        return Outcome("failed", _last_words(code, complaints))


def _start(lock: int, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    # The same modules as here; a session of its own, so that Ctrl-C reaches it through us alone.
    path = os.pathsep.join(filter(None, sys.path))
    return subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env={**os.environ, "PYTHONPATH": path},
        pass_fds=[lock],
        start_new_session=True,
    )


def _listen(
    process: subprocess.Popen[bytes], who: str, watch: Watcher, stopped: Callable[[], bool]
) -> dict[str, Any] | None:
    """Pass messages on until the process closes its output; its last word, if it had one."""
    lines: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    end: dict[str, Any] | None = None
    asked = False
    while True:
        if stopped() and not asked:
            asked = True
            assert process.stdin is not None
            process.stdin.close()
        try:
            line = lines.get(timeout=_LOOK)
        except queue.Empty:
            continue
        if line is None:
            return end
        message = json.loads(line)
        end = message.get(END, end)
        relay(message, watch, who)


def _read(stream: IO[bytes], lines: "queue.Queue[bytes | None]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _last_words(code: int, complaints: IO[bytes]) -> str:
    """Why a process died without a word of its own."""
    if code < 0:
        name = signal.Signals(-code).name
        short = " (memory may have run out)" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{short}."
    complaints.seek(0)
    said = [line.strip() for line in complaints.read().decode(errors="replace").splitlines()]
    last = next((line for line in reversed(said) if line), "nothing was said")
    return f"its process ended with code {code}: {last}"
