"""The training that people start in the studio: one at a time, watched from any of its pages."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pellucid.comparison.messages import END
from pellucid.errors import UsageError

#: Messages that are kept.
_MESSAGES = 30


@dataclass
class Training:
    """What is known of a training.

    Attributes:
        order: see :mod:`pellucid.studio.trainee`.
        stage: what it does now.
        total: steps of the stage; None where unknown.
        done: of these.
        began: the stage, on ``time.monotonic``'s clock.
        epochs: rows of the run's history.
        messages: the plan, and whatever is worth knowing.
        end: what it came to; None while it runs.
    """

    order: dict[str, Any]
    stage: str = "starting"
    total: int | None = None
    done: int = 0
    began: float = field(default_factory=time.monotonic)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    end: dict[str, Any] | None = None

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message of the process."""
        for kind, value in message.items():
            if kind == "stage":
                self.stage, self.total = value
                self.done, self.began = 0, time.monotonic()
            elif kind == "advance":
                self.done += value
            elif kind == "epoch":
                self.epochs.append(value)
            elif kind == "message":
                self.messages = [*self.messages, value][-_MESSAGES:]

    @property
    def share(self) -> float:
        """Of the stage, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


class Trainer:
    """Starts trainings, one at a time, each in a process of its own.

    Attributes:
        now: the last one; None before the first.
    """

    def __init__(self) -> None:
        self.now: Training | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def busy(self) -> bool:
        """Whether one runs."""
        return self.now is not None and self.now.end is None

    def start(self, order: dict[str, Any], history: Sequence[dict[str, Any]] = ()) -> Training:
        """Begin a training, or go on with one.

        Args:
            order: see :mod:`pellucid.studio.trainee`.
            history: epochs that were done before.

        Raises:
            UsageError: another one runs.
        """
        if self.busy:
            raise UsageError("a training runs already: stop it, or wait for its end.")
        training = Training(order, epochs=list(history))
        # The same modules as here; a session of its own: Ctrl-C reaches it through us alone.
        process = subprocess.Popen(
            (sys.executable, "-m", "pellucid.studio.trainee", json.dumps(order)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
        self.now, self._process = training, process
        threading.Thread(target=_listen, args=(process, training), daemon=True).start()
        return training

    def stop(self) -> None:
        """Ask the one that runs to save and end."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()


def _listen(process: "subprocess.Popen[bytes]", training: Training) -> None:
    """Take messages until the process ends."""
    assert process.stdout is not None and process.stderr is not None
    complaints: list[bytes] = []
    errors = process.stderr
    reader = threading.Thread(target=lambda: complaints.extend(errors), daemon=True)
    reader.start()
    end: dict[str, Any] | None = None
    for line in process.stdout:
        message = json.loads(line)
        end = message.get(END, end)
        training.hear(message)
    code = process.wait()
    reader.join()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    if end is None:
        said = [line.decode(errors="replace").strip() for line in complaints]
        last = next((line for line in reversed(said) if line), "nothing was said")
        end = {"status": "failed", "error": f"its process ended with code {code}: {last}"}
    training.end = end  # last: then another one may begin


#: The one of this server: a training takes all cores.
TRAINER = Trainer()
