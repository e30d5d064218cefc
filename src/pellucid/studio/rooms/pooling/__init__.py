"""The pooling room: one number for each neighbourhood."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.pooling.page import build
from pellucid.studio.rooms.pooling.state import PoolingState

ROOM = Room(
    "/pooling",
    "Pooling",
    "A window slides, and one number stands for what it holds. Nothing is learned here.",
    PoolingState,
    build,
)
