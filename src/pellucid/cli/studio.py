"""``pellucid studio``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pellucid.cli.console import say, stderr
from pellucid.cli.demo import EPOCHS, WIDTH
from pellucid.errors import TrainingError, UsageError

if TYPE_CHECKING:
    from pellucid.studio.photos import Photo

_NEEDED = ("nicegui", "fastapi", "uvicorn", "python_multipart", "prometheus_client")


def command(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="A run folder or a bundle.")
    ] = None,
    photo: Annotated[
        Path | None, typer.Argument(metavar="[PHOTO]", help="The picture to open with.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 is every network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8400,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Open the studio: pictures, operators and your network, to see and touch in a browser.

    Without RUN it has a small network, trained on the bundled images: about a minute, the first
    time only. Listens on this machine alone, unless --host says otherwise; Ctrl-C closes it.

    \b
    Examples:
      pellucid studio
      pellucid studio runs/photos-1
      pellucid studio runs/photos-1 cat.jpg
      pellucid studio --host 0.0.0.0 --port 80
    """
    _check_installed()
    from pellucid.service.listening import names_of
    from pellucid.studio.server import open_studio

    if photo is None and run is not None and run.is_file() and run.suffix.lower() != ".zip":
        run, photo = None, run
    opening = None if photo is None else _read(photo)
    model = _bundled() if run is None else _checked(run)
    if not names_of(host):
        say(f"Everyone who can reach {host} can use the studio.")
    open_studio(model, opening, host, port, say=say, opened=_show if browser else _leave)


def _check_installed() -> None:
    from importlib.util import find_spec

    missing = [name.replace("_", "-") for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"for the studio, {', '.join(missing)} is needed and not installed: "
            "pip install 'pellucid[studio]'."
        )


def _read(path: Path) -> "Photo":
    from pellucid.images import read_image
    from pellucid.studio.photos import photo_of

    return photo_of(read_image(path), path.name)


def _checked(run: Path) -> Path:
    """A damaged bundle is told of here, not in a room."""
    from pellucid.inference.bundle import open_bundle

    open_bundle(run)
    return run


def _bundled() -> Path:
    """The run of the bundled data in the user's cache folder; trained if it is not there yet."""
    from pellucid._version import __version__
    from pellucid.data.cachefolder import cache_folder

    run = cache_folder().with_name("studio") / f"clothes-{__version__}"
    if not run.is_dir():
        _train(run)
    return run


def _train(run: Path) -> None:
    """Train on the bundled data; the folder gets its name when it is whole."""
    from tempfile import TemporaryDirectory

    from pellucid import api
    from pellucid.cli.watching import TerminalWatcher
    from pellucid.demo import demo_data

    say("The first time: a small network is trained on the bundled images, about a minute.")
    run.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=run.parent) as folder:
        with TerminalWatcher() as watch:
            made = api.train(
                demo_data(), Path(folder) / "run", epochs=EPOCHS, width=WIDTH, watch=watch
            )
        if made.status != "finished":
            raise TrainingError("the training was stopped: without a network there is no studio.")
        if not run.is_dir():  # another studio may have been quicker
            made.folder.rename(run)


def _show(address: str) -> None:
    import webbrowser

    if stderr().is_interactive:
        webbrowser.open(address)


def _leave(address: str) -> None:
    """Who does not want a browser opens the address."""
