"""The confusion matrix as shades, for two classes or a thousand.

A cell's shade is the square root of its share of the row, so that one image in a hundred can
be seen beside ninety-nine. Right answers and confusions have a colour each.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt

from markupsafe import Markup

#: Units of the drawing, with room for the numbers of the classes on two sides.
SIDE, MARGIN = 480, 30


def shade(count: int, support: int) -> float:
    """How dark a cell is, 0 to 1.

    >>> shade(0, 50), shade(1, 100), shade(50, 50), shade(0, 0)
    (0.0, 0.1, 1.0, 0.0)
    """
    return round(sqrt(count / support), 2) if support else 0.0


def pixel_map(matrix: Sequence[Sequence[int]]) -> Markup:
    """One small square a cell; rows are the truth, columns the prediction.

    Equal cells share one path that carries their count, so the drawing's size follows the
    cells that are not zero, and a script can read off exact numbers.

    Args:
        matrix: K×K counts.

    Returns:
        An ``<svg>`` of 510×510 units.
    """
    size = len(matrix)
    cells: dict[tuple[str, int, float], list[str]] = defaultdict(list)
    for row, counts in enumerate(matrix):
        support = sum(counts)
        for column, count in enumerate(counts):
            if count:
                kind = "right" if row == column else "wrong"
                square = f"M{column} {row}h1v1h-1z"
                cells[kind, count, shade(count, support)].append(square)
    path = Markup('<path class="{}" data-count="{}" opacity="{}" d="{}"/>')
    paths = [
        path.format(kind, count, dark, Markup("").join(squares))
        for (kind, count, dark), squares in sorted(cells.items())
    ]
    return Markup(
        '<svg class="chart map" viewBox="0 0 {edge} {edge}" role="img" aria-label="{label}">'
        '{numbers}<g class="cells" data-size="{size}" transform="translate({margin} {margin}) '
        'scale({scale:.5f})"><rect class="ground" width="{size}" height="{size}"/>{paths}</g></svg>'
    ).format(
        edge=SIDE + MARGIN,
        label=f"Confusion matrix of {size} classes; its largest confusions are listed beside it.",
        numbers=_numbers(size),
        size=size,
        margin=MARGIN,
        scale=SIDE / size,
        paths=Markup("").join(paths),
    )


def _numbers(size: int) -> Markup:
    """The classes' numbers along the top and the left side, about ten of them."""
    every = max(1, round(size / 10 / 5) * 5)
    across = Markup('<text x="{0:.1f}" y="{1}">{2}</text>')
    down = Markup('<text class="end" x="{1}" y="{0:.1f}">{2}</text>')
    found = []
    for number in range(0, size, every):
        middle = MARGIN + (number + 0.5) * SIDE / size
        found.append(across.format(middle, MARGIN - 8, number + 1))
        found.append(down.format(middle + 4, MARGIN - 6, number + 1))
    return Markup("").join(found)
