"""What a training in a process of its own tells the one that started it: a JSON object a line."""

import json
from collections.abc import Callable
from typing import Any, BinaryIO

from pellucid.watch import Watcher

#: Key of the last message: what the training came to.
END = "end"


class Sender(Watcher):
    """Writes what a watcher is told; the receiver is :func:`relay`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, kind: str, value: Any) -> None:
        """One message."""
        self._stream.write(json.dumps({kind: value}).encode() + b"\n")
        self._stream.flush()

    def stage(self, name: str, total: int | None) -> None:
        self.send("stage", [name, total])

    def advance(self, count: int) -> None:
        self.send("advance", count)

    def epoch(self, record: dict[str, Any]) -> None:
        self.send("epoch", record)

    def message(self, sentence: str) -> None:
        self.send("message", sentence)


def relay(message: dict[str, Any], watch: Watcher, who: str) -> None:
    """Pass one message on to a watcher; its stages are named after who sent it."""
    tell: dict[str, Callable[[Any], None]] = {
        "stage": lambda value: watch.stage(f"{who}: {value[0]}", value[1]),
        "advance": watch.advance,
        "epoch": watch.epoch,
        "message": lambda value: watch.message(f"{who}: {value}"),
    }
    for kind, value in message.items():
        if kind in tell:
            tell[kind](value)
