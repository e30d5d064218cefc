"""What the network room's address says."""

from dataclasses import dataclass

from pellucid.studio.rooms.network.lineup import LINEUP, OWN
from pellucid.studio.state import State, one_of, whole

#: What colours stand for, with what people are told.
COLOURS = {
    "macs": "Cost: multiply-adds",
    "parameters": "Parameters",
    "receptive": "Receptive field",
}
#: No second network.
NONE = "none"


@dataclass(frozen=True)
class NetworkState(State):
    """Which networks are drawn, and what is marked in them.

    Attributes:
        network: key in :data:`LINEUP`.
        other: of the one that it is compared with.
        colour: one of :data:`COLOURS`.
        box: number of the box that is marked; −1: none.
    """

    network: str = one_of(OWN, tuple(LINEUP))
    other: str = one_of(NONE, (NONE, *LINEUP))
    colour: str = one_of("macs", tuple(COLOURS))
    box: int = whole(-1, -1, 1000)
