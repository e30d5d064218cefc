"""The layers of a network with their strongest maps, and its first filters, for a page."""

from math import ceil
from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.images.scale import number
from pellucid.report.pictures import drawing_uri

if TYPE_CHECKING:
    from pellucid.capture import Node
    from pellucid.explain import FeatureMaps, Trace

#: Layers on a page, at most, and below which a deeper look is taken; maps of each; filters.
_MOST_LAYERS, _FEWEST, _MAPS, _FILTERS = 20, 4, 8, 64


def layer_rows(trace: "Trace") -> list[dict[str, Any]]:
    """The network's main layers, each with its strongest maps."""
    from pellucid.explain import feature_maps

    rows = []
    for node in main_layers(trace):
        maps = feature_maps(trace, node.index, order="largest", most=_MAPS)
        tiles = [
            {"channel": each, "picture": drawing_uri(maps.map(each)), "reach": reach(maps, each)}
            for each in maps.channels
        ]
        rows.append(
            {
                "name": maps.layer,
                "operation": node.operation,
                "shape": "×".join(map(str, node.shape[1:])),
                "tiles": tiles,
            }
        )
    return rows


def reach(maps: "FeatureMaps", channel: int) -> str:
    """What the ends of a map's scale stand for.

    A signed one reaches as far below 0 as above.
    """
    scale = maps.scale(None if maps.common else channel)
    return f"{'±' if scale.signed else ''}{number(scale.high)}"


def main_layers(trace: "Trace") -> "list[Node]":
    """What the network's parts return, where that is maps.

    The parts are the modules down to a depth, the greatest with no more of them than a page shows,
    unless fewer than four are left; then some of the next depth, evenly spread. Of a network
    without modules all of its layers are parts.
    """
    returned = {path: node for (path, _), node in trace.graph.returned.items() if path}
    deepest = max((path.count(".") for path in returned), default=0)
    found: list[int] = []
    for depth in range(deepest + 1):
        nodes = {node for path, node in returned.items() if path.count(".") <= depth}
        maps = [node for node in sorted(nodes) if _has_maps(trace.nodes[node])]
        if len(found) >= _FEWEST and len(maps) > _MOST_LAYERS:
            break
        found = maps
    found = found or [node.index for node in trace.nodes if _has_maps(node)]
    step = max(1, ceil(len(found) / _MOST_LAYERS))
    return [trace.nodes[node] for node in found[::-step][::-1]]


def filters_section(trace: "Trace") -> dict[str, Any] | None:
    """The filters of the first convolution; None of a network without."""
    from pellucid.explain import filters

    try:
        found = filters(trace, most=_FILTERS)
    except UsageError:  # no convolution, or one whose filters are no pictures
        return None
    tiles = [
        {
            "filter": each,
            "picture": drawing_uri(found.kernel(each)),
            "reach": f"±{number(found.reach(each))}",
        }
        for each in found.filters
    ]
    count, channels, height, width = found.weights.shape
    return {
        "layer": found.layer,
        "count": count,
        "size": f"{channels}×{height}×{width}",
        "colour": channels == 3,
        "tiles": tiles,
    }


def _has_maps(node: "Node") -> bool:
    return len(node.shape) == 4 and node.shape[2] * node.shape[3] > 1
