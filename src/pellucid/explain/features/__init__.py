"""What a layer makes of pictures: its maps, its filters, what excites it, what it does not use."""

from pellucid.explain.features.exciting import Excitation, Exciting, most_exciting
from pellucid.explain.features.filters import Filters, filters
from pellucid.explain.features.maps import FeatureMaps, feature_maps
from pellucid.explain.features.stream import Image, Trained, Unread
from pellucid.explain.features.unused import ChannelUse, Duplicate, LayerUse, channel_use

__all__ = [
    "ChannelUse",
    "Duplicate",
    "Excitation",
    "Exciting",
    "FeatureMaps",
    "Filters",
    "Image",
    "LayerUse",
    "Trained",
    "Unread",
    "channel_use",
    "feature_maps",
    "filters",
    "most_exciting",
]
