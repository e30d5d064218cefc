"""The window arithmetic of convolution and pooling: sizes, padding, who reads whom.

Pure Python, exact, and the only place with a size formula: every other module asks here.
"""

from pellucid.geometry.adaptive import AdaptiveAxis
from pellucid.geometry.axis import Axis
from pellucid.geometry.chain import Branches, Chain, Layer, chain, chains
from pellucid.geometry.cost import Cost, convolution_cost, transposed_cost
from pellucid.geometry.padding import MODES, SCHEMES, Mode, Padding, Scheme
from pellucid.geometry.receptive import ReceptiveField
from pellucid.geometry.resampled import ResampledAxis, Resampling
from pellucid.geometry.transposed import TransposedAxis, TransposedWindow, transposed_window
from pellucid.geometry.window import Window, window

__all__ = [
    "MODES",
    "SCHEMES",
    "AdaptiveAxis",
    "Axis",
    "Branches",
    "Chain",
    "Cost",
    "Layer",
    "Mode",
    "Padding",
    "ReceptiveField",
    "ResampledAxis",
    "Resampling",
    "Scheme",
    "TransposedAxis",
    "TransposedWindow",
    "Window",
    "chain",
    "chains",
    "convolution_cost",
    "transposed_cost",
    "transposed_window",
    "window",
]
