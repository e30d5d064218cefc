"""Explain any number of any network: how it came about, from what, down to the pixels.

A :class:`Trace` holds a forward pass as a graph, the preprocessing of the picture included. Every
number in it has an account, recomputed in float64 without torch.
"""

from pellucid.explain.account import Account, account
from pellucid.explain.trace import Layer, Score, Trace
from pellucid.explain.tracing import Keep, trace_image, trace_network, trace_picture
from pellucid.explain.verification import Check, Verification
from pellucid.explain.verify import verify

__all__ = [
    "Account", "Check", "Keep", "Layer", "Score", "Trace", "Verification", "account",
    "trace_image", "trace_network", "trace_picture", "verify",
]  # fmt: skip
