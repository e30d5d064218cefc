"""A readable name for every node of a graph, the same each time the network is traced."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from pellucid.capture import Graph, Node
from pellucid.errors import UsageError


def node_names(graph: Graph) -> tuple[str, ...]:
    """A name for every node, none twice.

    - ``features.3``: what a module without parts of its own returned;
    - ``layer1.0.add``: a function called in the ``forward`` of a module, or before the end of one
      without parts; without a path (``flatten``) in the network's own ``forward``;
    - ``chunk[1]``: one of several results;
    - ``conv#2``: the second of a name, as of a module that is called twice.
    """
    whole = {above for node in graph.nodes for above in _above(node.module)}
    names: list[str] = []
    taken: dict[str, int] = {}
    for node in graph.nodes:
        name = _base(graph, node, whole, names)
        count = taken.get(name, 0) + 1
        numbered = name if count == 1 else f"{name}#{count}"
        while numbered in taken:
            count += 1
            numbered = f"{name}#{count}"
        taken[name] = count
        taken.setdefault(numbered, 1)
        names.append(numbered)
    return tuple(names)


def module_results(graph: Graph) -> Mapping[str, int]:
    """What each module returned, by its path: with ``#2`` and so on from its second call on."""
    return {
        f"{path}#{call + 1}" if call else path: node
        for (path, call), node in graph.returned.items()
        if path
    }


def unknown_layer(name: str, known: Collection[str]) -> UsageError:
    """The error for a layer that does not exist, with the nearest that do.

    >>> str(unknown_layer("feature.3", ["input", "features.3"]))
    "unknown layer 'feature.3'; did you mean 'features.3'? trace.names lists all."
    """
    near = [f"'{each}'" for each in get_close_matches(name, known, n=3)]
    hint = f"; did you mean {' or '.join(near)}?" if near else ":"
    return UsageError(f"unknown layer '{name}'{hint} trace.names lists all.")


def _base(graph: Graph, node: Node, whole: set[str], names: Sequence[str]) -> str:
    place = (node.module, node.call)
    if node.module and node.module not in whole and graph.returned.get(place) == node.index:
        return node.module
    if node.operation == "item":
        return f"{names[node.inputs[0]]}[{node.arguments['index']}]"
    return f"{node.module}.{node.operation}".lstrip(".")


def _above(path: str) -> list[str]:
    """The paths of the modules that a module is part of.

    >>> _above("layer1.0.conv")
    ['layer1', 'layer1.0']
    """
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]
