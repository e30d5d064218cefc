"""Who is here: each browser has a session, and sees nothing of the others'.

All of it lies in memory, within bounds: what was unused the longest goes first.
"""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pellucid.images import Pixels, encode_png
from pellucid.studio.photos import BUNDLED, Photo, bundled

#: Sessions at once, at most.
MOST_SESSIONS = 64
#: Bytes of uploaded pictures, and of computed ones, that a session keeps.
PHOTO_BYTES, VIEW_BYTES = 48 * 2**20, 24 * 2**20

T = TypeVar("T")


class Shelf(Generic[T]):
    """Things by name within a bound of bytes; the one unused the longest goes first.

    Args:
        most: bytes of all together; one that is larger by itself is still kept, alone.

    >>> shelf = Shelf[str](10)
    >>> for name in "abc":
    ...     shelf.put(name, name.upper(), 4)
    >>> shelf.get("a"), shelf.get("c"), shelf.bytes
    (None, 'C', 8)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self.bytes = 0

    def put(self, name: str, thing: T, size: int) -> None:
        """Keep something; it replaces what had its name."""
        self.bytes += size - self._things.pop(name, (thing, 0))[1]
        self._things[name] = (thing, size)
        while self.bytes > self._most and len(self._things) > 1:
            _, (_, freed) = self._things.popitem(last=False)
            self.bytes -= freed

    def get(self, name: str) -> T | None:
        """It, marked as used now; None if there is none (any more)."""
        if name not in self._things:
            return None
        self._things.move_to_end(name)
        return self._things[name][0]

    def items(self) -> tuple[tuple[str, T], ...]:
        """Those there are by name, the last used last."""
        return tuple((name, thing) for name, (thing, _) in self._things.items())


@dataclass(frozen=True)
class Session:
    """One browser's things.

    Attributes:
        given: pictures that the studio was opened with; everyone sees them.
        photos: that it uploaded, by name.
        views: PNG files of what was computed for it, by name.
    """

    given: tuple[Photo, ...] = ()
    photos: Shelf[Photo] = field(default_factory=lambda: Shelf(PHOTO_BYTES))
    views: Shelf[bytes] = field(default_factory=lambda: Shelf(VIEW_BYTES))

    def photo(self, name: str) -> Photo | None:
        """A picture that this browser may see; None where there is none (any more)."""
        if name in BUNDLED:
            return bundled(name)
        given = next((photo for photo in self.given if photo.name == name), None)
        return given or self.photos.get(name)

    def titles(self) -> dict[str, str]:
        """Titles of all the pictures that this browser may see, by name."""
        own = [*self.given, *(photo for _, photo in self.photos.items())]
        return {photo.name: photo.title for photo in own} | dict(BUNDLED)

    def publish(self, pixels: Pixels) -> str:
        """Keep a picture for the page, and say where it is; equal pictures have one address.

        Safe to call in a worker's thread.
        """
        data = encode_png(pixels)
        name = hashlib.blake2b(data, digest_size=16).hexdigest()
        self.views.put(name, data, len(data))
        return f"/view/{name}.png"


class Sessions:
    """All sessions by their secret key.

    Args:
        given: pictures that everyone sees.
    """

    def __init__(self, given: tuple[Photo, ...] = ()) -> None:
        self._given = given
        self._all: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._all)

    def find(self, key: str) -> Session | None:
        """The session of a key; None where there is none (any more)."""
        if key not in self._all:
            return None
        self._all.move_to_end(key)
        return self._all[key]

    def new(self) -> tuple[str, Session]:
        """A new session and its key; the one unused the longest makes room."""
        key, session = secrets.token_hex(16), Session(self._given)
        self._all[key] = session
        if len(self._all) > MOST_SESSIONS:
            self._all.popitem(last=False)
        return key, session
