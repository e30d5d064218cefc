"""The layers of a network with their strongest maps, and its first filters, for a page."""

from typing import TYPE_CHECKING, Any

from pellucid.errors import UsageError
from pellucid.images.scale import number
from pellucid.report.pictures import drawing_uri

if TYPE_CHECKING:
    from pellucid.capture import Node
    from pellucid.explain import Trace

#: Layers on a page, maps of each, filters.
_MOST_LAYERS, _MAPS, _FILTERS = 16, 8, 64


def layer_rows(trace: "Trace") -> list[dict[str, Any]]:
    """The network's main layers, each with its strongest maps."""
    from pellucid.explain import feature_maps

    rows = []
    for node in main_layers(trace):
        maps = feature_maps(trace, node.index, order="largest", most=_MAPS)
        tiles = [
            {"channel": each, "picture": drawing_uri(maps.map(each)), "scale": str(maps.scale(each))}
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


def main_layers(trace: "Trace") -> "list[Node]":
    """What the network's parts return, where that is maps: as many as a page can show.

    The parts are the modules down to a depth; the depth is the greatest with no more than sixteen
    of them. Of a network without modules it is its last layers.
    """
    found: list[Node] = []
    returned = {path: trace.nodes[node] for (path, _), node in trace.graph.returned.items() if path}
    for depth in range(1, max((path.count(".") + 2 for path in returned), default=1)):
        indices = {node.index for path, node in returned.items() if path.count(".") < depth}
        maps = [trace.nodes[index] for index in sorted(indices) if _has_maps(trace.nodes[index])]
        if found and len(maps) > _MOST_LAYERS:
            break
        found = maps
    return found[:_MOST_LAYERS] or [node for node in trace.nodes if _has_maps(node)][-_MOST_LAYERS:]


def filters_section(trace: "Trace") -> dict[str, Any] | None:
    """The filters of the first convolution; None of a network without."""
    from pellucid.explain import filters

    try:
        found = filters(trace, most=_FILTERS)
    except UsageError:  # no convolution, or one whose filters are no pictures
        return None
    tiles = [
        {"filter": each, "picture": drawing_uri(found.kernel(each)), "reach": number(found.reach(each))}
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
