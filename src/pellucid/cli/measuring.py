"""A measured check and a matrix of a network, in a terminal."""

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.text import Text

from pellucid.cli import figures
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.ledger import ConvolutionMatrix, Equivariance


def equivariance_view(found: "Equivariance") -> Lines:
    """The error of shifted features, phase by phase."""
    maps, stride = figures.times(found.maps), figures.times(found.stride)
    layer = visible(found.layer)
    title = f"Shift in, shift out: {layer}, {maps} maps, one every {stride} pixels"
    head = ("shift", "phase", "largest error", "mean error", "positions")
    table = figures.table(head, left=0)
    for each in found.phases:
        cells = (
            figures.pair(each.shift),
            figures.pair(each.phase),
            f"{each.largest:.2g}",
            f"{each.mean:.2g}",
            f"{each.compared:,}",
        )
        table.add_row(*map(Text, cells))
    note = (
        f"Shifts by whole strides: {found.on_grid:.2g} of the largest feature at most; other "
        f"shifts: {found.off_grid:.2g}. Positions whose receptive field lies inside both inputs; "
        "a picture of noise."
    )
    return Lines(figures.title(title), table, Text(), Text("\n".join(wrap(note, figures.WIDTH))))


def matrix_lines(layer: str, found: "ConvolutionMatrix") -> Iterator[str]:
    """The matrix of a convolution in numbers."""
    rows, columns = found.matrix.shape
    yield f"{layer}: {figures.times(found.input_shape)} to {figures.times(found.output_shape)}"
    yield f"Matrix       {rows:,} × {columns:,} = {found.entries:,} entries"
    yield f"Connections  {found.connections:,} ({found.density:.3%} of them)"
    yield f"Weights      {found.weights:,}, each in {found.uses:,.1f} entries on average"
