"""What a person sees of a kernel in a terminal."""

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.images.terminal import terminal_picture
from pellucid.operators.kernels import Kernel, defaults, kernel, names
from pellucid.operators.kernels.picture import response_picture
from pellucid.operators.kernels.typed import common_factor
from pellucid.operators.learn.result import grid_of_filter
from pellucid.text import visible

#: Larger kernels are shown by their middle.
MOST_SHOWN = 11
#: Characters across the picture of the frequency response.
RESPONSE_WIDTH = 28


def names_table() -> Table:
    """All named kernels with their parameters and defaults."""
    table = Table(box=None, pad_edge=False)
    for head in ("kernel", "parameters", "what it does"):
        table.add_column(head, header_style="dim", overflow="fold")
    table.columns[0].no_wrap = True
    for name in names():
        given = kernel(name).parameters
        parameters = ", ".join(f"{key}={given[key]:g}" for key in defaults(name))
        table.add_row(Text(name, "bold"), Text(parameters), Text(kernel(name).effect))
    return table


def card(found: Kernel) -> RenderableType:
    """One kernel: weights, formula, figures, what they mean, frequency response."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in _figures(found):
        facts.add_row(label, Text(value))
    response, caption = response_picture(found)
    sentences = [Text(sentence) for sentence in found.facts]
    return Group(
        Text(visible(found.text) if found.source else found.name, "bold"),
        *([Text(found.effect)] if found.effect else []),
        Text(),
        weights_lines(found.weights),
        Text(),
        facts,
        Text(),
        *sentences,
        Text(),
        terminal_picture(response, RESPONSE_WIDTH),
        Text(f"frequency {caption}; slow waves in the middle", "dim"),
    )


def weights_lines(weights: NDArray[np.float64]) -> RenderableType:
    """Weights as a table: whole numbers times a fraction where that is exact.

    Of more than eleven rows or columns the middle is shown, and said to be.
    """
    shown = grid_of_filter(weights)
    whole = shown.shape
    cut = tuple(_middle(cells) for cells in whole)
    shown = shown[cut]
    common = common_factor(shown)
    table = Table.grid(padding=(0, 1))
    for _ in range(shown.shape[1]):
        table.add_column(justify="right", no_wrap=True)
    decimals = _decimals(shown)
    for place, row in enumerate(shown if common is None else common[1]):
        table.add_row(*(f"{each:.{decimals}f}" if common is None else str(each) for each in row))
        del place
    parts: list[RenderableType] = [table]
    if common is not None and common[0] != 1:
        parts.append(Text(f"each times {common[0]}", "dim"))
    if shown.shape != whole:
        size = " × ".join(map(str, shown.shape))
        parts.append(Text(f"the middle {size} of {' × '.join(map(str, whole))} weights", "dim"))
    return Group(*parts)


def _figures(found: Kernel) -> list[tuple[str, str]]:
    rows, columns = found.shape
    figures = [
        ("formula", found.formula),
        ("size", f"{rows} × {columns}"),
        ("sum", f"{found.total:.6g}" if abs(found.total) > 1e-12 else "0"),
        ("norm", f"{found.l1:.6g} (sum of |w|), {found.l2:.6g} (root of the sum of w²)"),
        ("rank", _rank(found)),
        ("applied", "as cross-correlation: laid on the picture as printed, not turned"),
        ("source", found.source),
    ]
    return [(label, value) for label, value in figures if value]


def _rank(found: Kernel) -> str:
    factors = found.factors
    if factors is None:
        return f"{found.rank}, not separable"
    if max(found.shape) > MOST_SHOWN or min(found.shape) == 1:
        return "1, separable"
    column, row = (_line(factor) for factor in factors)
    return f"1, separable: column {column}, row {row}"


def _line(factor: NDArray[np.float64]) -> str:
    """``1/4 · (1 2 1)`` where that is exact but for rounding, else decimals."""
    rounded = factor.round(12)
    common = common_factor(rounded)
    if common is None:
        return f"({' '.join(f'{value:.3g}' for value in rounded + 0.0)})"
    numbers = " ".join(map(str, common[1]))
    return f"({numbers})" if common[0] == 1 else f"{common[0]} · ({numbers})"


def _middle(cells: int) -> slice:
    start = max(0, (cells - MOST_SHOWN) // 2)
    return slice(start, start + MOST_SHOWN)


def _decimals(weights: NDArray[np.float64]) -> int:
    """So many that the largest weight has four digits."""
    most = float(np.abs(weights).max())
    return int(np.clip(3 - np.floor(np.log10(most)), 0, 8)) if most else 0
