"""The image room: an image is an array of numbers."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.image.page import build
from pellucid.studio.rooms.image.state import ImageState

ROOM = Room(
    "/image",
    "Image",
    "An image is an array of numbers. Zoom in until you see them; then change them.",
    ImageState,
    build,
)
