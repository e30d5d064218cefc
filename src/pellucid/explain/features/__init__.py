"""What a layer makes of pictures: its maps, its filters, what excites it, what it does not use."""

from pellucid.explain.features.exciting import Excitation, Exciting, most_exciting
from pellucid.explain.features.filters import Filters, filters
from pellucid.explain.features.maps import FeatureMaps, feature_maps

__all__ = [
    "Excitation",
    "Exciting",
    "FeatureMaps",
    "Filters",
    "feature_maps",
    "filters",
    "most_exciting",
]
