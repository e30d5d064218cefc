"""The order within each layer, with few crossings: barycentres (Sugiyama et al. 1981)."""

from bisect import bisect_right, insort

from pellucid.drawing.layers import Layered

#: Times that all layers are put in order, forwards and backwards.
SWEEPS = 6


def put_in_order(graph: Layered) -> None:
    """Order the cells of each layer by the mean place of those they are linked with.

    Swept forwards and backwards; the order with the fewest crossings is kept. Equal means keep
    their order, so branches stay as the network has them.
    """
    best, fewest = [list(cells) for cells in graph.layers], crossings(graph)
    for _ in range(SWEEPS):
        if not fewest:
            break
        for layers, links in (
            (graph.layers, graph.before),
            (graph.layers[::-1], graph.after),
        ):
            _sweep(layers, links)
            found = crossings(graph)
            if found < fewest:
                best, fewest = [list(cells) for cells in graph.layers], found
    graph.layers = best


def crossings(graph: Layered) -> int:
    """How many pairs of links cross.

    >>> crossings(Layered(4, [[0, 1], [2, 3]], after=[[3], [2], [], []]))
    1
    """
    total = 0
    place = _places(graph.layers)
    for cells in graph.layers:
        seen: list[int] = []
        for cell in cells:
            ends = [place[other] for other in graph.after[cell]]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _sweep(layers: list[list[int]], links: list[list[int]]) -> None:
    place = _places(layers[:1])
    for cells in layers[1:]:
        means = {
            cell: sum(place[other] for other in links[cell]) / len(links[cell])
            for cell in cells
            if links[cell]
        }
        # What is not linked stays beside its neighbour above.
        last = -1.0
        for cell in cells:
            last = means.setdefault(cell, last)
        cells.sort(key=means.__getitem__)
        place.update(_places([cells]))


def _places(layers: list[list[int]]) -> dict[int, int]:
    return {cell: place for cells in layers for place, cell in enumerate(cells)}
