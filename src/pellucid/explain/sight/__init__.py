"""What each number of a network sees of the picture, and what each pixel reaches."""

from pellucid.explain.sight.area import Area, Box
from pellucid.explain.sight.effective import EffectiveField, effective_field
from pellucid.explain.sight.field import Field, receptive_field
from pellucid.explain.sight.touches import Touch, Touches, touches

__all__ = [
    "Area",
    "Box",
    "EffectiveField",
    "Field",
    "Touch",
    "Touches",
    "effective_field",
    "receptive_field",
    "touches",
]
