"""A room of the studio."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

from pellucid.studio.state import S
from pellucid.studio.visit import Visit


@dataclass(frozen=True)
class Room(Generic[S]):
    """A page with an address of its own.

    Attributes:
        path: its address, e.g. ``/image``.
        title: in the list of rooms.
        lead: what it shows, one sentence.
        state: its kind of state.
        build: makes the page, once a visit.
        narrow: whether the picture is not its subject, so that none is chosen here.
    """

    path: str
    title: str
    lead: str
    state: type[S]
    build: Callable[[Visit[S]], None]
    narrow: bool = False
