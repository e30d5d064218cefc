"""NiceGUI's simulated user in a studio: a room's logic without a browser."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.general import nicegui_reset_globals
from nicegui.testing.user_interaction import UserInteraction

from pellucid.studio.app import Studio, create_app
from pellucid.studio.model import Network


@asynccontextmanager
async def visiting(monkeypatch: pytest.MonkeyPatch, model: Path) -> AsyncIterator[User]:
    """A user of a studio of their own, within one event loop."""
    monkeypatch.setitem(os.environ, "NICEGUI_USER_SIMULATION", "true")
    modules = dict(sys.modules)
    try:
        with nicegui_reset_globals():
            app = create_app(Studio(Network(model)))
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                    yield User(client)
    finally:
        sys.modules.update(modules)  # NiceGUI forgets those with pages, and all above them


def visit(
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    story: Callable[[User], Awaitable[None]],
    model: Path = Path("none"),
) -> None:
    """Open a room and do something there; in a thread, since Playwright has this one's loop."""

    async def run() -> None:
        async with visiting(monkeypatch, model) as user:
            await user.open(path)
            await story(user)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()


async def until(true: Callable[[], bool]) -> None:
    """Wait for a worker's answer."""
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come")


def one(user: User, kind: type[Any], place: int = 0) -> Any:
    """An element of the page by its kind, in the order in which they were made."""
    return sorted(user.find(kind).elements, key=lambda each: each.id)[place]


def trigger(user: User, element: ui.element, event: str, args: Any) -> None:
    """What the browser tells of one element, of which there may be several."""
    UserInteraction(user, {element}, None).trigger(event, args)
