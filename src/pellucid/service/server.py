"""Run the service: one port, one process, until it is told to stop."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import uvicorn

from pellucid.errors import ServiceError, UsageError
from pellucid.service.app import create_app
from pellucid.service.engine import Engine, Settings
from pellucid.service.model import load_model
from pellucid.service.problem import ProblemError

#: Connections that may wait to be taken by a busy server.
_BACKLOG = 1024
#: Seconds that a connection may be idle between two requests.
_KEEP_ALIVE = 30


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serve a run or a bundle until SIGINT or SIGTERM; what is in hand is finished then.

    SIGHUP loads the bundle anew.

    Args:
        settings: what to serve, and how.
        host: address to listen on.
        port: number of the port; 0 takes a free one.
        say: told in one sentence what happens.

    Raises:
        ServiceError: the port is in use, or may not be used.
        BundleError: the bundle cannot be used.
    """
    with listening(host, port) as sockets:  # before the network is loaded: this fails at once
        engine = Engine(settings, load_model(settings.path), say)
        config = uvicorn.Config(
            create_app(engine),
            log_config=None,
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=round(settings.limits.seconds) + 1,
        )
        for name in ("uvicorn", "python_multipart"):  # the one tells all, the other of each byte
            logging.getLogger(name).setLevel(logging.CRITICAL)
        address = sockets.getsockname()
        shown = f"[{address[0]}]" if ":" in address[0] else address[0]
        say(f"Serving {settings.path} on http://{shown}:{address[1]} (Ctrl-C stops).")
        _Server(config, engine).run([sockets])
        say("Stopped.")


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


class _Server(uvicorn.Server):
    """uvicorn's server, but a signal to stop is an order that is carried out, not a death."""

    def __init__(self, config: uvicorn.Config, engine: Engine) -> None:
        super().__init__(config)
        self._engine = engine
        self._reloads: set[asyncio.Task[None]] = set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """While the server runs; afterwards nothing is raised again, so the process ends with 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop, number)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _stop(self, number: int) -> None:
        if not self.should_exit:
            self._engine.ready = False
            self._engine.say("Stopping: finishing what is in hand.")
        self.handle_exit(number, None)  # a second Ctrl-C does not wait

    def _reload(self) -> None:
        async def work() -> None:
            with suppress(ProblemError):  # the engine has said why
                await self._engine.reload()

        task = asyncio.get_running_loop().create_task(work())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)
