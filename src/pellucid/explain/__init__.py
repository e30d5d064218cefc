"""Explain any number of any network: how it came about, from what, down to the pixels.

A :class:`Trace` holds a forward pass as a graph, the preprocessing of the picture included. Every
number in it has an account, recomputed in float64 without torch.
"""

from pellucid.explain.account import Account, account
from pellucid.explain.features import (
    ChannelUse,
    Duplicate,
    Excitation,
    Exciting,
    FeatureMaps,
    Filters,
    LayerUse,
    Trained,
    Unread,
    channel_use,
    feature_maps,
    filters,
    most_exciting,
)
from pellucid.explain.maps import ClassMap, explain_class
from pellucid.explain.sight import (
    Area,
    Box,
    EffectiveField,
    Field,
    Touch,
    Touches,
    effective_field,
    receptive_field,
    touches,
)
from pellucid.explain.trace import Layer, Score, Trace
from pellucid.explain.tracing import Keep, trace_image, trace_network, trace_picture
from pellucid.explain.verification import Check, Verification
from pellucid.explain.verify import verify

__all__ = [
    "Account", "Area", "Box", "ChannelUse", "Check", "ClassMap", "Duplicate", "EffectiveField",
    "Excitation", "Exciting", "FeatureMaps", "Field", "Filters", "Keep", "Layer", "LayerUse",
    "Score", "Touch", "Touches", "Trace", "Trained", "Unread", "Verification", "account",
    "channel_use", "effective_field", "explain_class", "feature_maps", "filters",
    "most_exciting", "receptive_field", "touches", "trace_image", "trace_network",
    "trace_picture", "verify",
]  # fmt: skip
