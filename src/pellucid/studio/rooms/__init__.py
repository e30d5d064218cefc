"""The rooms, a module each; :data:`ROOMS` is their order."""

from typing import Any

from pellucid.studio.room import Room
from pellucid.studio.rooms.image import ROOM as IMAGE
from pellucid.studio.rooms.inside import ROOM as INSIDE
from pellucid.studio.rooms.why import ROOM as WHY

ROOMS: tuple[Room[Any], ...] = (IMAGE, INSIDE, WHY)
