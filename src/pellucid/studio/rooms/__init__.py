"""The rooms, a module each; :data:`ROOMS` is their order."""

from typing import Any

from pellucid.studio.room import Room
from pellucid.studio.rooms.convolution import ROOM as CONVOLUTION
from pellucid.studio.rooms.data import ROOM as DATA
from pellucid.studio.rooms.image import ROOM as IMAGE
from pellucid.studio.rooms.inside import ROOM as INSIDE
from pellucid.studio.rooms.network import ROOM as NETWORK
from pellucid.studio.rooms.pooling import ROOM as POOLING
from pellucid.studio.rooms.series import ROOM as SERIES
from pellucid.studio.rooms.why import ROOM as WHY

ROOMS: tuple[Room[Any], ...] = (
    IMAGE, CONVOLUTION, POOLING, SERIES, NETWORK, INSIDE, WHY, DATA,
)  # fmt: skip
