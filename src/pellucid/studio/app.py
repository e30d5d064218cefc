"""The studio's application: pages by NiceGUI, pictures by two plain routes."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.types import Lifespan

from pellucid.errors import ImageError
from pellucid.images import decode_image
from pellucid.service.app import SILENT
from pellucid.service.gate import Gate
from pellucid.service.guard import problem_response
from pellucid.service.limits import Limits
from pellucid.service.problem import ProblemError, image_problem
from pellucid.service.uploads import Upload, read_uploads
from pellucid.studio.frame import open_room
from pellucid.studio.gatekeeper import Gatekeeper, session_of
from pellucid.studio.model import Network
from pellucid.studio.photos import Photo, photo_of
from pellucid.studio.room import Room
from pellucid.studio.rooms import ROOMS
from pellucid.studio.session import Sessions
from pellucid.studio.state import State


@dataclass(frozen=True)
class Studio:
    """What one server has.

    Attributes:
        network: that it was opened with.
        sessions: of all browsers.
        first: the picture that it opens with.
        limits: of uploads.
        hosts: names by which it may be called; empty allows all.
        cookie: name of its cookie.
    """

    network: Network
    sessions: Sessions = field(default_factory=Sessions)
    first: str = State.picture
    limits: Limits = field(default_factory=Limits)
    hosts: tuple[str, ...] = ()
    cookie: str = "pellucid"


def create_app(studio: Studio) -> FastAPI:
    """The application of a server."""
    app = FastAPI(
        title="Pellucid studio", docs_url=None, redoc_url=None, openapi_url=None, telemetry=SILENT
    )
    _add_pictures(app, studio, Gate(studio.limits))
    for room in ROOMS:
        ui.page(room.path, title=f"{room.title} · Pellucid", language="en-US")(_page(studio, room))
    # No bar for what scripts load: it has no name for screen readers.
    nicegui_app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    ui.run_with(
        app,
        title="Pellucid",
        dark=None,
        tailwind=False,
        language="en-US",
        show_welcome_message=False,
        binding_refresh_interval=None,
        reconnect_timeout=30.0,
    )
    app.router.lifespan_context = _quiet(app.router.lifespan_context)
    app.add_middleware(
        Gatekeeper, sessions=studio.sessions, hosts=studio.hosts, cookie=studio.cookie
    )
    return app


def _quiet(lifespan: Lifespan[Any]) -> Lifespan[Any]:
    """Begin without a warning: NiceGUI looks at every object, and one of torch's complains."""

    @asynccontextmanager
    async def begun(app: Any) -> AsyncIterator[Any]:
        async with AsyncExitStack() as stack:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", ".*torch.distributed.reduce_op", FutureWarning)
                state = await stack.enter_async_context(lifespan(app))
            yield state

    return begun


def _page(studio: Studio, room: Room[Any]) -> Callable[[Request], None]:
    def page(request: Request) -> None:
        open_room(room, ROOMS, request.query_params, session_of(request.scope), studio.network)

    return page


def _add_pictures(app: FastAPI, studio: Studio, gate: Gate) -> None:
    @app.get("/")
    async def home() -> Response:
        return RedirectResponse(f"{ROOMS[0].path}?{urlencode({'picture': studio.first})}")

    @app.get("/view/{name}.png")
    async def view(name: str, request: Request) -> Response:
        data = session_of(request.scope).views.get(name)
        if data is None:
            raise ProblemError("not-found", "this picture is not here (any more).")
        # The name follows from the content, so it can be kept; but by this browser alone.
        keep = {"Cache-Control": "private, max-age=86400, immutable"}
        return Response(data, media_type="image/png", headers=keep)

    @app.post("/pictures")
    async def upload(request: Request) -> Response:
        """Take one picture into the session."""
        with gate.hold() as held:
            try:
                async with asyncio.timeout(studio.limits.seconds):
                    [first, *_] = await read_uploads(request, studio.limits, held)
                    photo = await asyncio.to_thread(_read, first, studio.limits.pixels)
            except TimeoutError as error:
                seconds = f"{studio.limits.seconds:g} seconds"
                raise ProblemError("slow", f"expected the picture within {seconds}.") from error
        session_of(request.scope).photos.put(photo.name, photo, photo.pixels.nbytes)
        return JSONResponse({"picture": photo.name})

    @app.exception_handler(ProblemError)
    async def problem(_: Request, error: ProblemError) -> Response:
        return problem_response(error)


def _read(upload: Upload, most: int) -> Photo:
    try:
        return photo_of(decode_image(upload.data, upload.name, max_pixels=most), upload.name)
    except ImageError as error:
        raise image_problem(error) from error
