"""The why room: what speaks for a class, exactly, and what happens when it is covered."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.why.page import build
from pellucid.studio.rooms.why.state import WhyState

ROOM = Room(
    "/why",
    "Why",
    "Why this class and not another? The map adds up to the score. Cover a part and see it change.",
    WhyState,
    build,
)
