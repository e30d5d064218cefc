"""One page load of one room: its state, its session's pictures, and work for it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic

from nicegui import ui
from nicegui.client import Client

from pellucid.images import Pixels
from pellucid.studio.model import Network
from pellucid.studio.photos import BUNDLED, Photo, bundled
from pellucid.studio.session import Session
from pellucid.studio.state import S, write_query
from pellucid.studio.worker import Worker


@dataclass(frozen=True)
class _Listener:
    react: Callable[[], None]
    fields: frozenset[str]


class Visit(Generic[S]):
    """What a room works with.

    Args:
        state: as the address says.
        session: of the browser.
        path: of the room.
        network: that the studio was opened with.

    Attributes:
        state: the whole state; changed by :meth:`change` only.
        session: of the browser.
        network: that the studio was opened with.
    """

    def __init__(self, state: S, session: Session, path: str, network: Network) -> None:
        self.state, self.session, self.network = state, session, network
        self._path = path
        self._listeners: list[_Listener] = []
        self._client: Client = ui.context.client
        self._note = ui.label().classes("note").props('role="status" aria-live="polite"')

    @property
    def photo(self) -> Photo:
        """The picture in use; the first bundled one where this session has no such picture."""
        return self.session.photo(self.state.picture) or bundled(next(iter(BUNDLED)))

    def check_photo(self) -> None:
        """Say it where the state names a picture that is not here."""
        if self.session.photo(self.state.picture) is None:
            self.say(
                f"The picture '{self.state.picture}' is not here (any more): pictures that are "
                "uploaded stay with the browser that sent them. This is a bundled one."
            )

    def on_change(self, react: Callable[[], None], *names: str) -> None:
        """Ask to be told of changes.

        Args:
            react: called after a change, once.
            names: of the state's fields; none: of any.
        """
        self._listeners.append(_Listener(react, frozenset(names)))

    def change(self, **values: Any) -> None:
        """Replace some of the state, in the address too, and tell everyone who asked."""
        changed = {name for name, value in values.items() if getattr(self.state, name) != value}
        if not changed:
            return
        self.state = replace(self.state, **values)
        address = json.dumps([self.address, self.state.picture])
        self._client.run_javascript(f"pellucid.address(...{address})")
        self.say("")
        for listener in self._listeners:
            if not listener.fields or listener.fields & changed:
                listener.react()

    @property
    def address(self) -> str:
        """The room with its state: a link to exactly this."""
        query = write_query(self.state)
        return f"{self._path}?{query}" if query else self._path

    def publish(self, pixels: Pixels) -> str:
        """Make a computed picture available to this session; see :meth:`Session.publish`."""
        return self.session.publish(pixels)

    def worker(self) -> Worker:
        """For work that takes more than some milliseconds."""
        return Worker(self._client, self.say)

    def say(self, sentence: str) -> None:
        """Show one sentence below the room's title; empty removes it."""
        if self._note.text != sentence:
            self._note.set_text(sentence)
