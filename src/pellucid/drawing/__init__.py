"""Networks as pictures: boxes from left to right, coloured by what they cost."""

from pellucid.drawing.drawing import COLORS, Drawing, check_color, checked, draw

__all__ = ["COLORS", "Drawing", "check_color", "checked", "draw"]
