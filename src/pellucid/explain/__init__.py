"""Explain any number of any network: how it came about, from what, down to the pixels.

A :class:`Trace` holds a forward pass as a graph, the preprocessing of the picture included. Every
number in it has an account, recomputed in float64 without torch.
"""

from pellucid.explain.sight import Area, Box, Field, Touch, Touches, receptive_field, touches
from pellucid.explain.trace import Trace, trace_network

__all__ = [
    "Area",
    "Box",
    "Field",
    "Touch",
    "Touches",
    "Trace",
    "receptive_field",
    "touches",
    "trace_network",
]
