"""What the image room's address says."""

from dataclasses import dataclass

from pellucid.images import MODELS
from pellucid.studio.state import State, one_of, real, text, whole

#: Channel operators by name, with what people are told.
OPERATORS = {
    "none": "The picture as it is",
    "add": "Add one channel to the others",
    "saturation": "Only the saturation",
    "hue": "Turn the hue",
    "mix": "Mix the channels (3×3 matrix)",
}
IDENTITY = "1 0 0; 0 1 0; 0 0 1"
#: Sides of the largest picture there is, and rounds of the guessing game.
_LARGEST, _ROUNDS = 1_000_000, 10_000


@dataclass(frozen=True)
class ImageState(State):
    """What is done with the picture, and which cell is looked at.

    Attributes:
        operator: one of :data:`OPERATORS`.
        channel: that is added.
        weight: how much of it.
        degrees: by which the hue is turned.
        matrix: of the mixing, row by row.
        model: of the planes.
        plane: that the large picture shows; empty: all, in colours.
        y: of the cell; −1: none yet.
        x: of the cell.
        round: of the guessing game, from 1.
        guess: number of the answer that was chosen, from 1; 0: none yet.
    """

    operator: str = one_of("none", tuple(OPERATORS))
    channel: str = one_of("green", ("red", "green", "blue"))
    weight: float = real(1.0, -2.0, 2.0)
    degrees: float = real(0.0, -180.0, 180.0)
    matrix: str = text(IDENTITY, 400)
    model: str = one_of("rgb", tuple(MODELS))
    plane: str = text("", 20)
    y: int = whole(-1, -1, _LARGEST)
    x: int = whole(-1, -1, _LARGEST)
    round: int = whole(1, 1, _ROUNDS)
    guess: int = whole(0, 0, 4)
