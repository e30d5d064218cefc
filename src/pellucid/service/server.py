"""Run the service: one port, one process, until it is told to stop."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from pellucid.service.app import create_app
from pellucid.service.engine import Engine, Settings
from pellucid.service.listening import Server, address_of, configured, listening
from pellucid.service.model import load_model
from pellucid.service.problem import ProblemError


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
        config = configured(create_app(engine), grace=round(settings.limits.seconds) + 1)
        say(f"Serving {settings.path} on {address_of(sockets)} (Ctrl-C stops).")
        orders = _Orders(engine)
        Server(config, orders.stop, {signal.SIGHUP: orders.reload}).run([sockets])
        say("Stopped.")


class _Orders:
    """What signals tell the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reloads: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        self._engine.ready = False
        self._engine.say("Stopping: finishing what is in hand.")

    def reload(self) -> None:
        async def work() -> None:
            with suppress(ProblemError):  # the engine has said why
                await self._engine.reload()

        task = asyncio.get_running_loop().create_task(work())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)
