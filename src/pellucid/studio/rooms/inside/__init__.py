"""The inside room: every number of the network, and how it came about."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.inside.page import build
from pellucid.studio.rooms.inside.state import InsideState

ROOM = Room(
    "/inside",
    "Inside",
    "Every number in the network has a reason. Pick a layer, a map, a pixel, and follow it down.",
    InsideState,
    build,
)
