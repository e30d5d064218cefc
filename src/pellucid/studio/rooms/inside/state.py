"""What the inside room's address says."""

from dataclasses import dataclass

from pellucid.studio.state import State, text


@dataclass(frozen=True)
class InsideState(State):
    """Which number is looked at, and from where people came down to it.

    Attributes:
        layer: name of the node; empty: the last of the network's main layers.
        at: the position in it, ``c,y,x`` or ``c``; empty: where the layer is strongest.
        trail: the numbers above, from the first on: ``layer@c,y,x`` with ``;`` between.
    """

    layer: str = text("", 200)
    at: str = text("", 60)
    trail: str = text("", 3000)
