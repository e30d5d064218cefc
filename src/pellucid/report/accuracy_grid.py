"""The grid behind accuracy over something that is counted on a logarithmic scale."""

from markupsafe import Markup

from pellucid.report.axes import Axis
from pellucid.report.words import percent, short

_ROW = Markup('<path class="grid" d="M{} {:.1f}H{}"/><text class="end" x="{}" y="{:.1f}">{}</text>')
_COLUMN = Markup('<path class="grid" d="M{0:.1f} {1}V{2}"/><text x="{0:.1f}" y="{3}">{4}</text>')


def accuracy_grid(
    across: Axis, up: Axis, *, left: int, right: int, base: int, columns: tuple[int, int]
) -> Markup:
    """Lines at the ticks of both axes, with their numbers, and the lower axis.

    Args:
        across: of logarithms to base ten.
        up: of accuracies.
        left: where rows begin.
        right: where they end.
        base: height of the lower axis.
        columns: heights between which the lines of ``across`` run.
    """
    digits = 0 if up.step >= 0.01 else 1
    rows = [
        _ROW.format(left, up.at(tick), right, left - 6, up.at(tick) + 4, percent(tick, digits))
        for tick in up.ticks
    ]
    lines = [
        _COLUMN.format(across.at(tick), *columns, base + 17, short(10**tick))
        for tick in across.ticks
    ]
    axis = Markup('<path class="axis" d="M{} {}H{}"/>').format(left, base, right)
    return Markup("").join([*rows, *lines, axis])
