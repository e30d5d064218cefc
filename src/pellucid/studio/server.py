"""Run the studio: one port, one process, until it is told to stop."""

from collections.abc import Callable
from pathlib import Path

from pellucid.service.listening import Server, address_of, configured, listening, names_of
from pellucid.studio.app import Studio, create_app
from pellucid.studio.model import Network
from pellucid.studio.photos import Photo
from pellucid.studio.session import Sessions
from pellucid.studio.state import State

#: Seconds in which pages may finish what they do after a signal to stop.
_GRACE = 1


def open_studio(
    model: Path,
    photo: Photo | None,
    host: str,
    port: int,
    *,
    say: Callable[[str], None],
    opened: Callable[[str], None],
) -> None:
    """Serve the studio until SIGINT or SIGTERM.

    Args:
        model: a run or a bundle.
        photo: that it opens with; None: a bundled one.
        host: address to listen on.
        port: number of the port; 0 takes a free one.
        say: told in one sentence what happens.
        opened: told the address, once it listens.

    Raises:
        ServiceError: the port is in use, or may not be used.
    """
    with listening(host, port) as sockets:
        address = address_of(sockets)
        studio = Studio(
            Network(model),
            Sessions(() if photo is None else (photo,)),
            first=State.picture if photo is None else photo.name,
            hosts=names_of(host),
            cookie=f"pellucid_{sockets.getsockname()[1]}",
        )
        app = create_app(studio)
        say(f"The studio is open: {address} (Ctrl-C closes it).")
        opened(address)
        Server(configured(app, grace=_GRACE), lambda: say("Closing.")).run([sockets])
