"""The page to drop a picture on: three files, nothing from elsewhere."""

from pathlib import Path

from fastapi import FastAPI, Response

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}


def add_page(app: FastAPI) -> None:
    """Serve the page at ``/``; it does not appear in the OpenAPI description."""
    for path, (name, kind) in _FILES.items():
        content = (Path(__file__).parent / name).read_bytes()
        response = Response(content, media_type=kind)
        app.add_api_route(path, _sender(response), methods=["GET", "HEAD"], include_in_schema=False)


def _sender(response: Response):  # type: ignore[no-untyped-def]  # FastAPI reads the signature
    async def send() -> Response:
        return response

    return send
