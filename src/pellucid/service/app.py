"""The HTTP interface: paths, parameters, forms."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from pellucid._version import __version__
from pellucid.images import encode_png
from pellucid.inference.answer import answer
from pellucid.service import meters, schemas
from pellucid.service.engine import Engine, Outcome
from pellucid.service.guard import Guard, problem_response
from pellucid.service.page import add_page
from pellucid.service.problem import ProblemError
from pellucid.service.schemas import IMAGES, problems
from pellucid.service.uploads import Upload, read_uploads

_SEEN_BY_ALL = ("unauthorized", "foreign")
_UPLOAD = (
    *("media-type", "too-large", "too-many-files", "no-file", "malformed", "parameter"),
    *("slow", "busy", "late", "not-an-image", "bomb", "truncated", "broken", "empty"),
    *("non-finite", *_SEEN_BY_ALL, "internal"),
)
#: Newer versions of FastAPI send figures to wherever the environment says. This service does not.
SILENT: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
Top = Annotated[int, Query(ge=1, le=1000, description="How many classes each answer lists.")]


def create_app(engine: Engine) -> FastAPI:
    """The application of a server.

    FastAPI's own documentation pages are off: they load scripts from elsewhere.

    Args:
        engine: does the work; it is started and closed with the application.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        engine.start()
        yield
        await asyncio.get_running_loop().run_in_executor(None, engine.close)

    app = FastAPI(
        title="Pellucid",
        summary="An image classifier that accounts for its numbers.",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=SILENT,
    )
    _add_images(app, engine)
    _add_model(app, engine)
    _add_state(app, engine)
    add_page(app)
    _add_problems(app, engine)
    settings = engine.settings
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )
    app.add_middleware(Guard, engine=engine)
    return app


def _add_images(app: FastAPI, engine: Engine) -> None:
    @app.post(
        "/v1/predict",
        summary="Classify pictures",
        response_model=schemas.Predictions,
        responses=problems(*_UPLOAD),
        openapi_extra=IMAGES,
    )
    async def predict(request: Request, top: Top = 5) -> Response:
        """Send the bytes of one picture, or a form with several files.

        One picture that cannot be read is answered by a problem. Of several each has its own
        answer, and those that cannot be read have the problem as their `error`.
        """

        async def work(uploads: list[Upload]) -> Response:
            model, outcomes = await engine.predict(uploads)
            if len(outcomes) == 1 and isinstance(outcomes[0], ProblemError):
                raise outcomes[0]
            answers = [
                _answer(upload.name, outcome, model.card.classes, top)
                for upload, outcome in zip(uploads, outcomes, strict=True)
            ]
            return JSONResponse({"model": model.digest, "predictions": answers})

        return await _within_limits(engine, request, work)

    @app.post(
        "/v1/explain",
        summary="Show what parts of a picture speak for a class",
        response_model=schemas.ClassMapJson,
        responses={200: {"content": {"image/png": {}}}, **problems(*_UPLOAD, "not-explained")},
        openapi_extra=IMAGES,
    )
    async def explain(
        request: Request,
        target: Annotated[
            str | None, Query(alias="class", description="By default the most probable.")
        ] = None,
        against: Annotated[str | None, Query(description="The class to compare with.")] = None,
        form: Annotated[Literal["png", "json"], Query(alias="format")] = "png",
    ) -> Response:
        """A class activation map, laid over the picture, or as numbers."""

        async def work(uploads: list[Upload]) -> Response:
            if len(uploads) > 1:
                raise ProblemError("too-many-files", "expected one picture to explain, found more.")
            found = await engine.explain(uploads[0], target, against)
            if form == "json":
                return JSONResponse(found.to_json())
            loop = asyncio.get_running_loop()
            png = await loop.run_in_executor(None, lambda: encode_png(found.overlay()))
            return Response(png, media_type="image/png")

        return await _within_limits(engine, request, work)


def _add_model(app: FastAPI, engine: Engine) -> None:
    @app.get(
        "/v1/model",
        summary="The bundle's card",
        response_model=schemas.ModelCard,
        responses=problems(*_SEEN_BY_ALL),
    )
    async def model() -> Response:
        return JSONResponse(
            {
                "model": engine.model.digest,
                "runtime": engine.model.predictor.runtime.name,
                "classes": list(engine.model.card.classes),
                "card": engine.model.card.to_json(),
                "limits": asdict(engine.settings.limits),
            }
        )

    @app.post(
        "/v1/reload",
        summary="Load the bundle anew from where it lies",
        response_model=schemas.Reloaded,
        responses=problems("damaged", *_SEEN_BY_ALL),
    )
    async def reload() -> Response:
        """No request is dropped. A damaged bundle is refused, and the old one goes on."""
        return JSONResponse({"model": await engine.reload()})


def _add_state(app: FastAPI, engine: Engine) -> None:
    @app.get("/healthz", summary="The process answers", response_model=schemas.Status)
    async def healthz() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get(
        "/readyz",
        summary="Requests are taken",
        response_model=schemas.Status,
        responses=problems("not-ready"),
    )
    async def readyz() -> Response:
        if not engine.ready:
            raise ProblemError("not-ready", "the server is about to stop.", retry_after=5)
        return JSONResponse({"status": "ready"})

    @app.get(
        "/metrics",
        summary="For Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **problems(*_SEEN_BY_ALL)},
    )
    async def metrics() -> Response:
        return Response(engine.meters.text(), headers={"Content-Type": meters.CONTENT_TYPE})


def _add_problems(app: FastAPI, engine: Engine) -> None:
    """Everything that goes wrong has the one form, the framework's own errors included."""

    @app.exception_handler(ProblemError)
    async def problem(_: Request, error: ProblemError) -> Response:
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def wrong_parameter(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        return problem_response(ProblemError("parameter", f"{where}: {first['msg']}."))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        words = {
            404: ("not-found", f"there is no {request.url.path}: see /openapi.json."),
            405: ("method", f"{request.url.path} does not take {request.method}."),
        }
        kind, sentence = words.get(error.status_code, ("malformed", f"{error.detail}."))
        response = problem_response(ProblemError(kind, sentence))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def failure(_: Request, error: Exception) -> Response:
        engine.meters.errors.inc()
        engine.say(f"Unexpected {type(error).__name__}: {error}.")
        return problem_response(ProblemError("internal", "the service failed; its log says why."))


def _answer(name: str, outcome: Outcome, classes: tuple[str, ...], top: int) -> dict[str, Any]:
    if isinstance(outcome, ProblemError):
        return answer(name, classes, top, row=None, error=outcome.to_json())
    return answer(name, classes, top, row=outcome.tolist())


async def _within_limits(
    engine: Engine, request: Request, work: Callable[[list[Upload]], Awaitable[Response]]
) -> Response:
    """Read the images of a request and answer, all within the time allowed."""
    limits = engine.settings.limits
    arrived = False
    try:
        async with asyncio.timeout(limits.seconds):
            with engine.gate.hold() as held:
                uploads = await read_uploads(request, limits, held)
                arrived = True
                return await work(uploads)
    except TimeoutError as error:
        seconds = f"{limits.seconds:g} seconds"
        if not arrived:
            raise ProblemError("slow", f"expected the whole request within {seconds}.") from error
        raise ProblemError(
            "late", f"there was no answer within {seconds}.", retry_after=engine.gate.wait()
        ) from error
