"""Listen on an address, and run a server on it until it is told to stop.

Shared by all that Pellucid serves.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from pellucid.errors import ServiceError, UsageError

#: The names of this machine for itself.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: Connections that may wait to be taken by a busy server.
_BACKLOG = 1024
#: Seconds that a connection may be idle between two requests.
_KEEP_ALIVE = 30


def names_of(host: str) -> tuple[str, ...]:
    """The names by which a server may be called; empty: any.

    A server for this machine alone answers only under its names, so that a page elsewhere cannot
    reach it under a name of its own (DNS rebinding).

    >>> names_of("127.0.0.1"), names_of("0.0.0.0")
    (('127.0.0.1', 'localhost', '::1'), ())
    """
    return LOOPBACK if host in LOOPBACK else ()


def address_of(listener: socket.socket) -> str:
    """Where a socket listens, as a browser takes it.

    >>> with listening("127.0.0.1", 0) as found:
    ...     address_of(found).rpartition(":")[0]
    'http://127.0.0.1'
    """
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def configured(app: Any, *, grace: int) -> uvicorn.Config:
    """uvicorn's settings for all that Pellucid serves: it logs nothing and names no software.

    Args:
        app: an ASGI application.
        grace: seconds in which requests in hand may be finished after a signal to stop.
    """
    for name in ("uvicorn", "python_multipart"):  # the one tells all, the other of each byte
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=grace,
    )


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket]:
    """A socket that listens.

    Raises:
        UsageError: there is no such address.
        ServiceError: the port is in use, or may not be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise UsageError(
            f"expected an address of this machine for --host, found '{host}'."
        ) from error
    # With its protocol named, asyncio sends at once what is written (TCP_NODELAY); without, each
    # answer would wait 40 ms for the receipt of its head.
    with socket.socket(family, kind, protocol) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(address)
            opened.listen(_BACKLOG)
        except OSError as error:
            raise ServiceError(
                f"cannot listen on {host} port {port}: {(error.strerror or str(error)).lower()}; "
                "choose another port with --port (0 takes a free one)."
            ) from error
        opened.setblocking(False)
        yield opened


class Server(uvicorn.Server):
    """uvicorn's server, but a signal to stop is an order that is carried out, not a death.

    Args:
        config: what is served, see :func:`configured`.
        stopping: called once, when it is told to stop by SIGINT or SIGTERM.
        signals: what other signals call.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        stopping: Callable[[], None],
        signals: Mapping[int, Callable[[], None]] | None = None,
    ) -> None:
        super().__init__(config)
        self._stopping, self._signals = stopping, dict(signals or {})

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """While the server runs; afterwards nothing is raised again, so the process ends with 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, number)
        for extra, call in self._signals.items():
            loop.add_signal_handler(extra, call)
        try:
            yield
        finally:
            for extra in (signal.SIGINT, signal.SIGTERM, *self._signals):
                loop.remove_signal_handler(extra)

    def _stop(self, number: int) -> None:
        if not self.should_exit:
            self._stopping()
        self.handle_exit(number, None)  # a second Ctrl-C does not wait
