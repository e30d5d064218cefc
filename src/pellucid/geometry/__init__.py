"""The window arithmetic of convolution and pooling: sizes, padding, who reads whom.

Pure Python, exact, and the only place with a size formula: every other module asks here.
"""

from pellucid.geometry.axis import Axis
from pellucid.geometry.padding import MODES, SCHEMES, Mode, Padding, Scheme
from pellucid.geometry.window import Window, window

__all__ = ["MODES", "SCHEMES", "Axis", "Mode", "Padding", "Scheme", "Window", "window"]
