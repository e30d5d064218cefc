"""The convolution room: a kernel slides over a picture."""

from pellucid.studio.room import Room
from pellucid.studio.rooms.convolution.page import build
from pellucid.studio.rooms.convolution.state import ConvolutionState

ROOM = Room(
    "/convolution",
    "Convolution",
    "A kernel slides over the picture; at each place it makes one number, a sum of products.",
    ConvolutionState,
    build,
)
