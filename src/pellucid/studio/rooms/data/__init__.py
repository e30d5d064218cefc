"""The data room: what the network was trained on, where it is wrong, and new trainings."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.data.page import build
from pellucid.studio.rooms.data.state import DataState

ROOM = Room(
    "/data",
    "Data",
    "What it was trained on, what it confuses, and what the next training does better.",
    DataState,
    build,
    narrow=True,
)
