"""``pellucid serve``."""

from pathlib import Path
from typing import Annotated

import typer

from pellucid.cli.console import say
from pellucid.errors import StorageError, UsageError

_NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client")


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder or a bundle.")],
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 is every network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    token: Annotated[
        str | None, typer.Option(help="Whoever asks has to know it (see --token-file).")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="A file with the token, which then shows in no list of processes."),
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="A site whose pages may ask, https://…; repeatable."),
    ] = None,
    batch: Annotated[
        int, typer.Option(min=1, max=1024, help="Images that the network sees at once, at most.")
    ] = 16,
    window: Annotated[
        float,
        typer.Option(min=0, max=1000, help="Milliseconds to wait for pictures of other callers."),
    ] = 2.0,
    queue: Annotated[int, typer.Option(min=1, help="Pictures in hand, at most.")] = 128,
    max_bytes: Annotated[int, typer.Option(min=1, help="Of one request.")] = 32 * 2**20,
    max_pixels: Annotated[int, typer.Option(min=1, help="Of one picture.")] = 50_000_000,
    max_files: Annotated[int, typer.Option(min=1, help="In one request.")] = 32,
    timeout: Annotated[float, typer.Option(help="Seconds for one request.")] = 30.0,
) -> None:
    """Serve a trained network over HTTP, with a page to drop a picture on.

    Listens on this machine alone, unless --host says otherwise. Ctrl-C or SIGTERM finishes what
    is in hand and stops; SIGHUP, or POST /v1/reload, loads the bundle anew without a pause.

    \b
    Examples:
      pellucid serve runs/photos-1
      curl --data-binary @cat.jpg -H 'Content-Type: image/jpeg' localhost:8000/v1/predict
      curl -F files=@cat.jpg -F files=@dog.jpg localhost:8000/v1/predict
      pellucid serve runs/photos-1 --host 0.0.0.0 --token-file secret.txt
    """
    _check_installed()
    from pellucid.service.engine import Settings
    from pellucid.service.limits import Limits
    from pellucid.service.listening import names_of
    from pellucid.service.server import serve

    settings = Settings(
        path=run,
        limits=Limits(max_bytes, max_pixels, max_files, timeout, queue),
        batch=batch,
        window=window / 1000,
        token=_token(token, token_file),
        origins=_origins(cors or []),
        hosts=names_of(host),
    )
    if not settings.hosts and token is None and token_file is None:
        say(f"Everyone who can reach {host} may ask: --token-file FILE asks for a token.")
    serve(settings, host, port, say)


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [name.replace("_", "-") for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"to serve, {', '.join(missing)} is needed and not installed: "
            "pip install 'pellucid[serve]'."
        )


def _token(token: str | None, file: Path | None) -> str | None:
    if token is not None and file is not None:
        raise UsageError("--token and --token-file exclude each other: give one of them.")
    if file is not None:
        try:
            token = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise StorageError(f"cannot read the token in {file}: {reason}.") from error
    if token is not None and (not token or not token.isascii() or not token.isprintable()):
        raise UsageError("expected a token of printable ASCII characters, found another or none.")
    return token


def _origins(given: list[str]) -> tuple[str, ...]:
    from urllib.parse import urlsplit

    for origin in given:
        parts = urlsplit(origin)
        bare = parts.scheme in ("http", "https") and parts.netloc and not parts.path
        if origin != "*" and not (bare and origin == f"{parts.scheme}://{parts.netloc}"):
            raise UsageError(
                f"expected a site such as https://example.org for --cors, found '{origin}'."
            )
    return tuple(given)
