"""Requests are gathered into batches: one thread runs the network, on what has come together."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pellucid.images.raw import Pixels

Row = NDArray[np.float32]


class Network(Protocol):
    """What the batcher runs."""

    def probabilities(self, fitted: Pixels) -> Row:
        """(N, H, W, C) uint8 to (N, K) float32."""
        ...


@dataclass(slots=True, eq=False)
class _Ticket:
    network: Network
    pixels: Pixels
    answer: "asyncio.Future[Row]"


class Batcher:
    """A queue before a network.

    While the network runs, the next batch comes together by itself: all that are there, ``most`` of
    them, go through it at once. Where the last batch had several images, so that there are several
    callers, the first of the next waits up to ``window`` seconds for others; a lone caller is never
    kept waiting. Images of different networks (after a reload) are not mixed.

    Args:
        most: images that a network sees at once.
        window: seconds.
        watch: told the images and the seconds of every pass, on the batcher's thread.
    """

    def __init__(self, most: int, window: float, watch: Callable[[int, float], None]) -> None:
        self._most, self._window, self._watch = most, window, watch
        self._busy = False
        self._queue: SimpleQueue[_Ticket | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, network: Network, pixels: Pixels) -> "asyncio.Future[Row]":
        """Put an image (H, W, C) in the queue; called on an event loop's thread.

        Returns:
            The probabilities (K,), when they are there. Whoever cancels it gives the place up.
        """
        answer: asyncio.Future[Row] = asyncio.get_running_loop().create_future()
        self._queue.put(_Ticket(network, pixels, answer))
        return answer

    def close(self) -> None:
        """Answer what is in the queue, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            tickets = self._gather(first)
            for _, group in groupby(tickets, lambda ticket: id(ticket.network)):
                self._answer([ticket for ticket in group if not ticket.answer.cancelled()])

    def _gather(self, first: _Ticket) -> list[_Ticket]:
        tickets = [first]
        end = time.monotonic() + (self._window if self._busy else 0.0)
        with suppress(Empty):
            while len(tickets) < self._most:
                left = end - time.monotonic()
                ticket = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
                if ticket is None:
                    self._queue.put(None)  # the end comes after these
                    break
                tickets.append(ticket)
        self._busy = len(tickets) > 1
        return tickets

    def _answer(self, tickets: list[_Ticket]) -> None:
        if not tickets:
            return
        begin = time.perf_counter()
        rows: list[Row | BaseException]
        try:
            found = tickets[0].network.probabilities(np.stack([one.pixels for one in tickets]))
            rows = list(found)
        except BaseException as error:  # the thread goes on: the next batch may be all right
            rows = [error] * len(tickets)
        self._watch(len(tickets), time.perf_counter() - begin)
        with suppress(RuntimeError):  # the loop has ended: nobody waits
            tickets[0].answer.get_loop().call_soon_threadsafe(_hand_out, tickets, rows)


def _hand_out(tickets: list[_Ticket], rows: list[Row | BaseException]) -> None:
    for ticket, row in zip(tickets, rows, strict=True):
        if ticket.answer.done():
            continue
        if isinstance(row, BaseException):
            ticket.answer.set_exception(row)
        else:
            ticket.answer.set_result(row)
