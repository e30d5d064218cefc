"""What every request of the studio passes: who may ask, whose session it is, what may be loaded."""

from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pellucid.service.guard import check_site, problem_response
from pellucid.service.problem import ProblemError
from pellucid.studio.session import Session, Sessions

#: NiceGUI's pages have scripts and styles in them, and Vue compiles templates: hence the two
#: "unsafe". Nothing can be loaded from, or sent to, anywhere but this server.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_SESSION = "pellucid.session"
#: Closes a WebSocket that nobody may open.
_REFUSED: Message = {"type": "websocket.close", "code": 1008}


def session_of(scope: MutableMapping[str, Any]) -> Session:
    """The session of a request that has passed the gatekeeper."""
    found: Session = scope[_SESSION]
    return found


class Gatekeeper:
    """An ASGI application around another.

    Args:
        app: answers what passes.
        sessions: of all browsers.
        hosts: names by which the server may be called; empty allows all.
        cookie: name of the session's cookie; browsers keep one jar for all ports of a host.
    """

    def __init__(
        self, app: ASGIApp, sessions: Sessions, hosts: tuple[str, ...], cookie: str
    ) -> None:
        self._app, self._sessions, self._hosts, self._cookie = app, sessions, hosts, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            check_site(headers, self._hosts, ())
        except ProblemError as problem:
            if scope["type"] == "websocket":
                await send(_REFUSED)
            else:
                await problem_response(problem)(scope, receive, send)
            return
        session = self._sessions.find(self._key(headers))
        new = "" if session else self._new(scope)
        if session:
            scope[_SESSION] = session

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    found.setdefault(name, value)
                if new:
                    found.append("Set-Cookie", new)
            await send(message)

        await self._app(scope, receive, sending)

    def _key(self, headers: Headers) -> str:
        try:
            jar = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return ""
        return jar[self._cookie].value if self._cookie in jar else ""

    def _new(self, scope: Scope) -> str:
        """Begin a session; returns the header that tells the browser its key.

        Only for pages: what a page loads comes with the session that the page began.
        """
        if scope["type"] != "http" or scope["path"].startswith("/_nicegui"):
            return ""
        key, scope[_SESSION] = self._sessions.new()
        return f"{self._cookie}={key}; Path=/; HttpOnly; SameSite=Strict"
