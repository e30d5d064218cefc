"""How far down each cell lies: as straight lines as the distances allow."""

from collections.abc import Sequence

from pellucid.drawing.layers import Layered

SWEEPS = 24
#: How much a cell counts: chains and branches stay straight, lanes that skip them bend around.
_BOX, _LANE = 1000.0, 1.0


def spread_out(
    wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]
) -> list[float]:
    """Places near those wanted, in the same order and at least the gaps apart.

    The exact least-squares solution: minimal Σ wᵢ·(yᵢ − wantedᵢ)² under yᵢ₊₁ − yᵢ ≥ gapᵢ. With the
    gaps taken off it is isotonic regression, solved by pooling adjacent violators (Barlow et al.
    1972, Statistical inference under order restrictions).

    Args:
        wanted: n places.
        weights: n, above zero.
        gaps: n − 1.

    >>> spread_out([0, 0, 10], [1, 1, 1], [4, 4])
    [-2.0, 2.0, 10.0]
    """
    shifts = [0.0]
    for gap in gaps:
        shifts.append(shifts[-1] + gap)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, weight, shift in zip(wanted, weights, shifts, strict=False):
        mean, heavy, many = want - shift, weight, 1
        while pools and pools[-1][0] > mean:
            other, load, more = pools.pop()
            mean = (mean * heavy + other * load) / (heavy + load)
            heavy, many = heavy + load, many + more
        pools.append((mean, heavy, many))
    means = [mean for mean, _, many in pools for _ in range(many)]
    return [mean + shift for mean, shift in zip(means, shifts, strict=False)]


def middles(
    graph: Layered, layers: Sequence[Sequence[int]], gaps: Sequence[Sequence[float]]
) -> dict[int, float]:
    """The centre of every cell of some layers, in pixels down from a common line.

    Args:
        graph: with links.
        layers: consecutive ones, in order.
        gaps: least distances between the centres of neighbours, a list a layer.
    """
    weight = {c: _LANE if graph.skips(c) else _BOX for cells in layers for c in cells}
    place: dict[int, float] = {}
    for cells, apart in zip(layers, gaps, strict=True):
        middle = sum(apart) / 2
        place |= {cell: sum(apart[:n]) - middle for n, cell in enumerate(cells)}
    for sweep in range(SWEEPS):
        ahead = sweep % 2 == 0
        order = range(len(layers)) if ahead else range(len(layers) - 1, -1, -1)
        last = sweep >= SWEEPS - 2
        for number in order:
            cells = layers[number]
            wanted = []
            for cell in cells:
                near = graph.before[cell] if ahead else graph.after[cell]
                if last:
                    near = graph.before[cell] + graph.after[cell]
                wanted.append(_mean(cell, near, place, weight))
            found = spread_out(wanted, [weight[cell] for cell in cells], gaps[number])
            place.update(zip(cells, found, strict=True))
    return place


def _mean(
    cell: int, near: Sequence[int], place: dict[int, float], weight: dict[int, float]
) -> float:
    """The mean place of the neighbours; for a skipping lane, the lane counts most."""
    known = [(place[other], weight[other]) for other in near if other in place]
    if not known:
        return place[cell]
    if weight[cell] == _LANE:
        known = [(y, _BOX if load == _LANE else _LANE) for y, load in known]
    return sum(y * load for y, load in known) / sum(load for _, load in known)
