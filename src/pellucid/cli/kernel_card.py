"""What a person sees of a kernel in a terminal."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.images.terminal import terminal_picture
from pellucid.operators.kernels import Kernel, defaults, kernel, label, names
from pellucid.operators.kernels.exact import LARGEST, common_factor
from pellucid.operators.kernels.picture import response_picture
from pellucid.operators.kernels.typed import BANK
from pellucid.operators.learn.result import grid_of_filter
from pellucid.text import visible

#: Larger kernels are shown by their middle.
MOST_SHOWN = 11
#: Factors of separable kernels are shown up to this many weights.
MOST_FACTOR = 7
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
    bank = "All of gabor in 3 wavelengths (4, 8, 16) and so many directions."
    table.add_row(Text(BANK, "bold"), Text("orientations=4, phase=0"), Text(bank))
    return table


def bank_table(kernels: Sequence[Kernel]) -> Table:
    """The kernels of a bank, each as it can be asked for."""
    table = Table(box=None, pad_edge=False)
    for head in ("kernel", "what it does"):
        table.add_column(head, header_style="dim", overflow="fold")
    for each in kernels:
        table.add_row(Text(label(each), "bold"), Text(each.effect))
    return table


def card(found: Kernel, width: int) -> RenderableType:
    """One kernel: weights, formula, figures, what they mean, frequency response.

    Args:
        found: the kernel.
        width: characters a line.
    """
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in _figures(found):
        facts.add_row(name, Text(value))
    response, caption = response_picture(found)
    sentences = [Text(sentence) for sentence in found.facts]
    return Group(
        Text(visible(found.text) if found.source else found.name, "bold"),
        *([Text(found.effect)] if found.effect else []),
        Text(),
        weights_lines(found.weights, width),
        Text(),
        facts,
        Text(),
        *sentences,
        Text(),
        terminal_picture(response, RESPONSE_WIDTH),
        Text(f"frequency {caption}; slow waves in the middle", "dim"),
    )


def weights_lines(weights: NDArray[np.float64], width: int) -> RenderableType:
    """Weights as rows of numbers: whole ones times a fraction where that is exact.

    Args:
        weights: kh×kw, or a filter O×C×kh×kw: output channels down, input channels across.
        width: characters a line, at most. Of more columns than fit, or more than eleven rows or
            columns, the middle is shown, and said to be.
    """
    whole = grid_of_filter(weights)
    common = common_factor(whole)
    decimals = _decimals(whole)
    texts = np.array(
        [
            [f"{weight:.{decimals}f}" for weight in row.round(decimals) + 0.0]  # no minus 0
            if common is None
            else [str(number) for number in row]
            for row in (whole if common is None else common[1])
        ]
    )
    cell = max(len(text) for text in texts.flat)
    rows, columns = (
        _middle(cells, most)
        for cells, most in zip(whole.shape, (MOST_SHOWN, (width + 1) // (cell + 1)), strict=True)
    )
    shown = texts[rows, columns]
    lines = [" ".join(f"{text:>{cell}}" for text in row) for row in shown]
    parts = [Text(line, no_wrap=True) for line in lines]
    if common is not None and common[0] != 1:
        parts.append(Text(f"each times {common[0]}", "dim"))
    if shown.shape != whole.shape:
        sizes = (" × ".join(map(str, shape)) for shape in (shown.shape, whole.shape))
        parts.append(Text("the middle {} of {} weights".format(*sizes), "dim"))
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
    return [(name, value) for name, value in figures if value]


def _rank(found: Kernel) -> str:
    factors = found.factors
    if factors is None:
        return f"{found.rank}, not separable"
    if max(found.shape) > MOST_FACTOR or min(found.shape) == 1:
        return "1, separable: a column times a row"
    column, row = (_line(factor) for factor in factors)
    return f"1, separable: column {column}, row {row}"


def _line(factor: NDArray[np.float64]) -> str:
    """``1/4 · (1 2 1)`` where that is exact but for rounding, else decimals."""
    near = np.array([float(Fraction(value).limit_denominator(LARGEST)) for value in factor])
    common = common_factor(near) if np.allclose(near, factor, rtol=0, atol=1e-12) else None
    if common is None:
        return f"({' '.join(f'{value:.3g}' for value in factor.round(12) + 0.0)})"
    numbers = " ".join(map(str, common[1]))
    return f"({numbers})" if common[0] == 1 else f"{common[0]} · ({numbers})"


def _middle(cells: int, most: int) -> slice:
    """All of them, or as many in the middle as may be shown, symmetrically."""
    if cells <= most:
        return slice(cells)
    kept = max(1, min(most, MOST_SHOWN))
    kept -= (cells - kept) % 2
    return slice((cells - kept) // 2, (cells + kept) // 2)


def _decimals(weights: NDArray[np.float64]) -> int:
    """So many that the largest weight has four digits."""
    most = float(np.abs(weights).max())
    return int(np.clip(3 - np.floor(np.log10(most)), 0, 8)) if most else 0
