"""Places of boxes and lines: properties over random graphs, parts against other algorithms."""

from functools import cache
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from pellucid.drawing.layers import in_layers, longest_paths
from pellucid.drawing.layout import Layout, lay_out
from pellucid.drawing.order import crossings, put_in_order
from pellucid.drawing.place import spread_out
from pellucid.drawing.rows import break_rows

Edges = list[tuple[int, int]]
Sizes = list[tuple[float, float]]


@st.composite
def graphs(draw: st.DrawFn, most: int = 30) -> tuple[Sizes, Edges]:
    """Boxes of many sizes; every edge leads to a higher number; some boxes read nothing."""
    count = draw(st.integers(1, most))
    sizes = [
        (float(draw(st.integers(20, 300))), float(draw(st.sampled_from((36, 52, 68)))))
        for _ in range(count)
    ]
    near = draw(st.integers(1, 8))
    edges = [
        (source, target)
        for target in range(1, count)
        for source in draw(st.sets(st.integers(max(0, target - near), target - 1), max_size=3))
    ]
    return sizes, edges


def along(layout: Layout, edge: tuple[int, int]) -> list[tuple[float, float]]:
    """Points on an edge's line, a few pixels apart; curves as SVG draws them."""
    points = []
    for (_, start), (kind, end) in pairwise(layout.routes[edge]):
        half = (start[0] + end[0]) / 2
        for t in np.linspace(0, 1, 40):
            if kind == "C":
                a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                x = a * start[0] + (b + c) * half + d * end[0]
                y = (a + b) * start[1] + (c + d) * end[1]
            else:
                x, y = (1 - t) * np.array(start) + t * np.array(end)
            points.append((float(x), float(y)))
    return points


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_boxes_do_not_overlap_and_stay_inside(graph: tuple[Sizes, Edges]) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    assert len(layout.boxes) == len(sizes)
    for box, (wide, high) in zip(layout.boxes, sizes, strict=True):
        assert box.width >= wide and box.height == high
        assert box.x >= 0 and box.y >= -1e-9
        assert box.right <= layout.width + 1e-9 and box.bottom <= layout.height + 1e-9
    for one, other in combinations(layout.boxes, 2):
        assert not one.meets(other)


@settings(max_examples=40, deadline=None)
@given(graphs(most=20))
def test_lines_connect_their_boxes_and_cross_no_other(graph: tuple[Sizes, Edges]) -> None:
    sizes, edges = graph
    layout = lay_out(sizes, edges)
    assert set(layout.routes) == set(edges)
    for source, target in edges:
        points = along(layout, (source, target))
        (x, y), (to_x, to_y) = points[0], points[-1]
        start, end = layout.boxes[source], layout.boxes[target]
        assert x == pytest.approx(start.right) and y == pytest.approx(start.middle)
        assert to_x == pytest.approx(end.x) and end.y < to_y < end.bottom
        for box in layout.boxes:
            inside = [
                (x, y)
                for x, y in points
                if box.x + 0.1 < x < box.right - 0.1 and box.y + 0.1 < y < box.bottom - 0.1
            ]
            assert not inside


def test_long_graphs_are_broken_into_rows() -> None:
    sizes = [(120.0, 52.0)] * 100
    layout = lay_out(sizes, list(pairwise(range(100))))
    assert layout.width < 2600 and len({box.y for box in layout.boxes}) > 4
    assert 1 < layout.width / layout.height < 3


def test_a_chain_is_straight_and_its_shortcuts_bend() -> None:
    edges = [(0, 1), (1, 2), (2, 3), (0, 3)]
    layout = lay_out([(80.0, 52.0)] * 4, edges)
    middles = [box.middle for box in layout.boxes]
    assert middles == pytest.approx([middles[0]] * 4, abs=0.5)
    assert min(y for _, y in along(layout, (0, 3))) < layout.boxes[1].y


def test_branches_are_centred_on_what_they_read() -> None:
    edges = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]
    boxes = lay_out([(80.0, 52.0)] * 5, edges).boxes
    assert boxes[0].middle == boxes[2].middle == boxes[4].middle
    assert boxes[1].middle - boxes[0].middle == boxes[0].middle - boxes[3].middle


@settings(max_examples=40, deadline=None)
@given(graphs(most=16), st.data())
def test_frames_hold_their_members_and_nothing_else(
    graph: tuple[Sizes, Edges], data: st.DataObject
) -> None:
    sizes, edges = graph
    ends = sorted(data.draw(st.sets(st.integers(0, len(sizes)), min_size=2, max_size=6)))
    groups = [frozenset(range(*pair)) for pair in pairwise(ends)]
    layout = lay_out(sizes, edges, groups)
    for number, frame in layout.frames.items():
        for place, box in enumerate(layout.boxes):
            held = frame.x <= box.x and frame.y <= box.y
            held = held and box.right <= frame.right and box.bottom <= frame.bottom
            assert held == (place in groups[number])
            assert held or not frame.meets(box)
    for one, other in combinations(layout.frames.values(), 2):
        assert not one.meets(other)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_layers_are_longest_paths(graph: tuple[Sizes, Edges]) -> None:
    sizes, edges = graph

    @cache
    def longest(box: int) -> int:
        return max((longest(source) + 1 for source, target in edges if target == box), default=0)

    layers = longest_paths(len(sizes), edges)
    reading = {target for _, target in edges}
    for box in range(len(sizes)):
        if box in reading or box == 0:
            assert layers[box] == longest(box)
    assert all(layers[source] < layers[target] for source, target in edges)


@settings(max_examples=60, deadline=None)
@given(graphs(most=14))
def test_crossings_by_looking_at_every_pair(graph: tuple[Sizes, Edges]) -> None:
    layered = in_layers(len(graph[0]), graph[1])
    place = {cell: n for cells in layered.layers for n, cell in enumerate(cells)}
    layer = {cell: n for n, cells in enumerate(layered.layers) for cell in cells}
    links = [(a, b) for a, after in enumerate(layered.after) for b in after]
    slow = sum(
        layer[a] == layer[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in combinations(links, 2)
    )
    assert crossings(layered) == slow
    put_in_order(layered)
    assert crossings(layered) <= slow
    assert all(layer[cell] == n for n, cells in enumerate(layered.layers) for cell in cells)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-99, 99), st.floats(0.5, 50), st.floats(1, 30)), min_size=1, max_size=12
    )
)
def test_spreading_against_isotonic_regression(cells: list[tuple[float, float, float]]) -> None:
    wanted, weights, gaps = map(np.array, zip(*cells, strict=True))
    shift = np.concatenate(([0.0], np.cumsum(gaps[:-1])))
    expected = isotonic_regression(wanted - shift, weights=weights).x + shift
    found = spread_out(wanted.tolist(), weights.tolist(), gaps[:-1].tolist())
    assert found == pytest.approx(expected, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rows_are_the_cheapest_of_all(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 8))
    widths = data.draw(st.lists(st.integers(20, 90), min_size=n, max_size=n))
    cuts = data.draw(st.lists(st.integers(0, 4), min_size=n - 1, max_size=n - 1))
    limit = 150.0
    rows = break_rows(widths, cuts, limit)
    assert [column for row in rows for column in row] == list(range(n))
    if sum(widths) <= limit:
        assert len(rows) == 1
        return
    target = sum(widths) / -(-sum(widths) // limit)

    def cost(breaks: tuple[bool, ...]) -> float:
        ends = [place + 1 for place, each in enumerate(breaks) if each]
        lengths = [sum(widths[a:b]) for a, b in pairwise([0, *ends, n])]
        if max(lengths) > 1.25 * limit:
            return float("inf")
        shape = sum((length / target - 1) ** 2 for length in lengths)
        return shape + sum(cuts[end - 1] + 0.3 for end in ends)

    ends = {row[-1] for row in rows}
    own = cost(tuple(place in ends for place in range(n - 1)))
    assert own == pytest.approx(min(map(cost, product((False, True), repeat=n - 1))))
