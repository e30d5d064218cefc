"""The picture of a network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from pellucid.drawing.boxes import Box, diagram
from pellucid.drawing.scale import covering
from pellucid.drawing.svg import svg
from pellucid.drawing.words import short, sizes
from pellucid.errors import StorageError, UsageError, unknown_name
from pellucid.ledger import Ledger
from pellucid.storage import write_bytes


@dataclass(frozen=True, slots=True)
class _Color:
    """What the colour of a box stands for: its count, its name, where the steps begin."""

    count: Callable[[Box], int]
    unit: str
    factors: tuple[int, ...]


_COLORS = {
    "macs": _Color(attrgetter("macs"), "multiply-adds (MACs)", (1, 3)),
    "parameters": _Color(attrgetter("parameters"), "parameters", (1, 3)),
    "receptive": _Color(attrgetter("receptive"), "receptive field, pixels", (1, 2, 5)),
}
#: What colours may stand for.
COLORS = tuple(_COLORS)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A network as an SVG picture; notebooks show it.

    Attributes:
        svg: the whole file: self-contained, with light and dark colours.
    """

    svg: str

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the picture as an ``.svg`` file.

        Raises:
            UsageError: another suffix.
            StorageError: the file exists, or cannot be written.
        """
        target = checked(path, overwrite=overwrite)
        write_bytes(target, self.svg.encode())

    def _repr_svg_(self) -> str:
        return self.svg


def checked(path: str | Path, *, overwrite: bool) -> Path:
    """The path of a drawing that may be written.

    Raises:
        UsageError: the suffix is not ``.svg``.
        StorageError: the file exists.
    """
    target = Path(path)
    if target.suffix.lower() != ".svg":
        raise UsageError(
            f"{target}: a drawing is an .svg file; browsers and slide programs open it, and save "
            "it in other formats."
        )
    if target.exists() and not overwrite:
        raise StorageError(f"{target} exists: choose another, or replace it with --overwrite.")
    return target


def check_color(color: str) -> None:
    """Refuse a word that colours cannot stand for.

    Raises:
        UsageError: naming those they can.
    """
    if color not in _COLORS:
        raise unknown_name("colour", color, _COLORS)


def draw(
    account: Ledger,
    *,
    depth: int | None = None,
    color: str = "macs",
    name: str | None = None,
    pictures: Mapping[int, str] | None = None,
) -> Drawing:
    """Draw a network: what reads what, shapes, and by colour where the cost is.

    Boxes stand from left to right in the order of the data flow, branches below each other, long
    networks in several rows. Activations, batch norm and dropout are drawn with the layer before
    them (the pointer shows them).

    Args:
        account: the network's ledger.
        depth: modules at this depth are one box each, at least 1; None for every layer apart
            where they are not too many.
        color: ``macs``, ``parameters`` or ``receptive`` (field).
        name: of the network; its class by default.
        pictures: addresses (or data URIs) of square pictures by the index of the node whose result
            they show; a box has that of its result.

    Raises:
        UsageError: the colour is unknown, or the depth is less than 1.

    >>> from torch import nn
    >>> from pellucid.ledger import ledger
    >>> drawing = draw(ledger(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), (1, 3, 8, 8)))
    >>> drawing.svg.count('<g id="box-')  # the input, and the convolution with its ReLU
    2
    """
    check_color(color)
    if depth is not None and depth < 1:
        raise UsageError(f"expected a depth of at least 1, found {depth}.")
    shown, chosen = diagram(account, depth), _COLORS[color]
    counts = [chosen.count(box) for box in shown.boxes]
    inputs = ", ".join(sizes(account.graph.nodes[node].shape) for node in account.graph.inputs)
    totals = account.totals
    unused = f" ({totals.unused:,} more are not used here)" if totals.unused else ""
    headline = (
        name or account.graph.network,
        f"input {inputs} · {totals.weights + totals.biases:,} parameters{unused} · "
        f"{short(totals.macs)} multiply-adds (MACs)",
    )
    found = pictures or {}
    seen = {
        number: found[box.rows[-1].node.index]
        for number, box in enumerate(shown.boxes)
        if box.rows[-1].node.index in found
    }
    scale = covering(counts, chosen.factors)
    return Drawing(svg(shown, counts, scale, headline, chosen.unit, pictures=seen))
