"""The network room: the whole network drawn, and what each part of it costs."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.network.page import build
from pellucid.studio.rooms.network.state import NetworkState

ROOM = Room(
    "/network",
    "Network",
    "The whole network with your picture on its way through it, and what each part of it costs.",
    NetworkState,
    build,
)
