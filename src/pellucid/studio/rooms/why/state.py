"""What the why room's address says."""

from dataclasses import dataclass

from pellucid.studio.state import State, one_of, text, whole

#: Methods, with what people are told.
METHODS = {
    "auto": "Exact where the head averages, else Grad-CAM",
    "cam": "Class activation map (adds up)",
    "grad-cam": "Grad-CAM",
    "occlusion": "Occlusion, everywhere",
    "gradient": "Gradient of each pixel",
    "integrated": "Integrated gradients (adds up)",
}
#: What covers a part, with what people are told.
FILLS = {"mean": "its mean colour", "gray": "mean colour of training", "blur": "itself, blurred"}


@dataclass(frozen=True)
class WhyState(State):
    """Which score is explained, how, and which part of the picture is covered.

    Attributes:
        target: name or number of the class; empty: the one with the highest score.
        against: of the class that it is compared with; empty: none.
        method: one of :data:`METHODS`.
        fill: one of :data:`FILLS`.
        size: of the patch, in hundredths of each side.
        top: first row that the patch covers; −1: it covers nothing.
        left: first column.
    """

    target: str = text("", 200)
    against: str = text("", 200)
    method: str = one_of("auto", tuple(METHODS))
    fill: str = one_of("mean", tuple(FILLS))
    size: int = whole(30, 2, 100)
    top: int = whole(-1, -1, 10_000)
    left: int = whole(-1, -1, 10_000)
