"""The series room: convolution and pooling along time."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.series.page import build
from pellucid.studio.rooms.series.state import SeriesState

ROOM = Room(
    "/series",
    "Series",
    "The same along time: averages are convolutions, a month's last quote is pooling.",
    SeriesState,
    build,
    narrow=True,
)
