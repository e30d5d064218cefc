"""Where a long drawing is broken into rows."""

from collections.abc import Sequence

_STRETCH = 1.25
#: The cost of any break.
_BREAK = 0.3


def break_rows(widths: Sequence[float], cuts: Sequence[float], limit: float) -> list[range]:
    """Consecutive columns as rows of about equal width, broken where little is cut.

    Least sum over all rows of the squared relative distance from the width that they would have
    if all were equal, and over all breaks of what they cut, by dynamic programming.

    Args:
        widths: of n columns, the distance to the next included.
        cuts: n − 1, what it costs to break behind each column but the last.
        limit: of a row's width; up to a quarter more where it breaks better so.

    >>> break_rows([10, 10, 10, 10], [3, 0, 3], 25)
    [range(0, 2), range(2, 4)]
    """
    n, total = len(widths), sum(widths)
    if total <= limit:
        return [range(n)] if n else []
    rows = -(-total // limit)
    target = total / rows
    best: list[tuple[float, int]] = [(0.0, 0)]  # of the columns before: costs, start of last row
    for end in range(1, n + 1):
        options = []
        width = 0.0
        for start in range(end - 1, -1, -1):
            width += widths[start]
            if width > _STRETCH * limit and start < end - 1:
                break
            cost = (width / target - 1) ** 2 + (cuts[end - 1] + _BREAK if end < n else 0.0)
            options.append((best[start][0] + cost, start))
        best.append(min(options))
    found, end = [], n
    while end:
        start = best[end][1]
        found.append(range(start, end))
        end = start
    return found[::-1]
