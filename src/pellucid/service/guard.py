"""What every request passes: whose it is, who may ask, and what every answer carries."""

import asyncio
import hmac
import time
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pellucid.service.engine import Engine, Settings
from pellucid.service.problem import MEDIA_TYPE, ProblemError
from pellucid.service.uploads import linger

#: Paths that are told apart in the metrics; all else is "other", so that nobody can flood them.
PATHS = frozenset(
    ["/", "/v1/predict", "/v1/explain", "/v1/model", "/v1/reload", "/healthz", "/readyz",
     "/metrics", "/openapi.json"]
)  # fmt: skip
_METHODS = frozenset(["GET", "HEAD", "POST", "OPTIONS"])
_SECRET = ("/v1/", "/metrics")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


def problem_response(problem: ProblemError) -> Response:
    """A problem in its one form."""
    return JSONResponse(
        problem.to_json(), problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


class Guard:
    """An ASGI application around another.

    Args:
        app: answers what passes.
        engine: whose metrics and settings these are.
    """

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self._app, self._meters, self._settings = app, engine.meters, engine.settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        path = scope["path"] if scope["path"] in PATHS else "other"
        try:
            await self._pass(scope, receive, sending)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._meters.requests.labels(path, method, str(status)).inc()
            self._meters.request_seconds.labels(path).observe(time.perf_counter() - begin)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            check(scope, self._settings)
        except ProblemError as problem:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.limits.seconds):
                    await linger(Request(scope, receive))
            await problem_response(problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def check(scope: Scope, settings: Settings) -> None:
    """Who may ask what.

    Raises:
        ProblemError: ``foreign`` or ``unauthorized``.
    """
    headers = Headers(scope=scope)
    check_site(headers, settings.hosts, settings.origins)
    if (
        settings.token is not None
        and scope["path"].startswith(_SECRET)
        and scope["method"] != "OPTIONS"
        and not _knows(headers.get("authorization", ""), settings.token)
    ):
        raise ProblemError("unauthorized", "expected the header 'Authorization: Bearer TOKEN'.")


def check_site(headers: Headers, hosts: tuple[str, ...], origins: tuple[str, ...]) -> None:
    """Under which name a server is called, and from which site.

    Args:
        headers: of a request, or of a WebSocket's first one.
        hosts: names by which the server may be called; empty allows all.
        origins: sites whose pages may ask, besides its own.

    Raises:
        ProblemError: ``foreign``.
    """
    host = headers.get("host", "")
    if hosts and _name(host) not in hosts:
        raise ProblemError(
            "foreign", f"expected one of the hosts {', '.join(hosts)}, found '{host}'."
        )
    origin = headers.get("origin")
    if origin is not None and not _welcome(origin, host, origins):
        raise ProblemError(
            "foreign", f"pages of {origin} may not ask: start the server with --cors {origin}."
        )


def _welcome(origin: str, host: str, origins: tuple[str, ...]) -> bool:
    if origin in origins or "*" in origins:
        return True
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # no address at all
        return False


def _name(host: str) -> str:
    """A host without its port: ``[::1]:8000`` is ``::1``."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _knows(authorization: str, token: str) -> bool:
    """Compared in a time that tells nothing of how much is right."""
    scheme, _, given = authorization.partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    return same and scheme.lower() == "bearer"
