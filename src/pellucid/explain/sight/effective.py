"""The effective receptive field: how much each pixel really moves a number of a network."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.explain.sight.area import Area
from pellucid.explain.sight.draw import as_picture, fitted_mask, outline
from pellucid.explain.sight.field import Field, receptive_field
from pellucid.explain.sight.slopes import input_slopes
from pellucid.explain.table import frame
from pellucid.explain.trace import Trace
from pellucid.images.fit import fit
from pellucid.images.lettering import PAPER, write_text
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import POSITIVE, Scale
from pellucid.images.show import strip

if TYPE_CHECKING:
    from pandas import DataFrame

#: Parts of the gradient of which tables give the squares; the one that is named where none is.
PARTS, USUAL = (0.5, 0.8, 0.9, 0.95, 0.99), 0.95
#: The line around the exact field: the other colour that all people tell from orange.
_EXACT = (60, 150, 220)
#: Where in the strip of a scale its numbers begin.
_BELOW_BAR = 15


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """How much the pixels of the input move one position of a layer.

    Attributes:
        field: the exact receptive field of the position.
        gradient: (H, W) float64, over the network's input: mean over the inputs of Σ_c |∂y/∂x_c|,
            where y is the position's value, or the sum of its channels if none was named.
        inputs: number of inputs that the mean is over.
        seen: (H, W, 3) uint8, the input of the trace as a picture.
    """

    field: Field
    gradient: NDArray[np.float64]
    inputs: int
    seen: Pixels

    @cached_property
    def total(self) -> float:
        """Σ of the gradient."""
        return float(self.gradient.sum())

    def side(self, part: float = USUAL) -> int:
        """Side of the smallest square around the exact field's centre with a part of the gradient.

        The centre is that of the field's box; where it lies between two cells, the side is even.
        0 where the gradient is 0 everywhere.

        Args:
            part: above 0, up to 1.

        Raises:
            UsageError: the part is out of range.
        """
        if not 0 < part <= 1:
            raise UsageError(f"expected a part above 0 and up to 1, found {part!r}.")
        if not self.total:
            return 0
        sides = self._sides
        sums = np.cumsum(np.bincount(sides.ravel(), weights=self.gradient.ravel()))
        # The last sums may differ from the total by rounding alone.
        return int(np.searchsorted(sums, min(part * self.total, float(sums[-1]))))

    def square(self, part: float = USUAL) -> Area:
        """The square of :meth:`side`, as far as it lies on the input."""
        return Area(self._sides <= self.side(part))

    @property
    def deviation(self) -> tuple[float, float]:
        """Standard deviation of the gradient's place, down and across, in pixels.

        Of one that falls off as a Gaussian does (Luo et al., section 2.2), two deviations to each
        side hold 95.45%, down and across each.
        """
        if not self.total:
            return 0.0, 0.0
        down, across = (
            self.gradient.sum(axis=1) / self.total,
            self.gradient.sum(axis=0) / self.total,
        )
        return _deviation(down), _deviation(across)

    def squares(self) -> list[dict[str, Any]]:
        """For some parts of the gradient: the side of the square, and its share of the exact
        field's pixels."""
        rows = []
        for part in PARTS:
            inside = int(np.count_nonzero(self.square(part).mask & self.field.input.mask))
            share = inside / self.field.input.count if self.field.input.count else 0.0
            rows.append({"part": part, "side": self.side(part), "share_of_field": share})
        return rows

    def picture(self, side: int = 960) -> Pixels:
        """The gradient in orange over the input, (H', W', 3) uint8, with its scale below.

        In blue the outline of the exact field, in orange that of the square with 95%.
        """
        base = fit(self.seen, side, side)
        gray = (110 + 145 / 255 * base.mean(axis=2, keepdims=True)).astype(np.float64)
        most = float(self.gradient.max()) or 1.0
        heat = fit(np.rint(self.gradient[..., None] / most * 255).astype(np.uint8), side, side)
        opaque = heat / 255 * 0.9
        drawn = np.rint(gray * (1 - opaque) + np.array(POSITIVE) * opaque).astype(np.uint8)
        for area, colour in ((self.field.input, _EXACT), (self.square(), POSITIVE)):
            drawn[outline(fitted_mask(area.mask, *drawn.shape[:2]), max(1, side // 320))] = colour
        return np.concatenate([drawn, _key(most, drawn.shape[1])])

    def to_frame(self) -> "DataFrame":
        """A pandas table of :meth:`squares`.

        Raises:
            UsageError: pandas is not installed.
        """
        return frame(self.squares())

    def to_json(self) -> dict[str, Any]:
        """The exact field, the gradient and the squares, as plain values."""
        return {
            "field": self.field.to_json(),
            "inputs": self.inputs,
            "deviation": list(self.deviation),
            "squares": self.squares(),
            "gradient": self.gradient.tolist(),
        }

    def __str__(self) -> str:
        where = f"{self.field.layer} at {self.field.place}"
        if not self.total:
            return f"{where}: the gradient is 0 everywhere, as behind a ReLU that is off"
        side, exact = self.side(), self.field.input
        return (
            f"{where}: {USUAL:.0%} of the gradient lies in a square of {side}×{side}, "
            f"the exact field is {exact}"
        )

    @cached_property
    def _sides(self) -> NDArray[np.int64]:
        """For every pixel the side of the smallest square around the centre that holds it."""
        height, width = self.gradient.shape
        box = self.field.input.box
        top, bottom, left, right = (0, height, 0, width) if box is None else box
        rows, columns = np.ogrid[:height, :width]
        # Twice the distance from the centre, which may lie between two cells: whole numbers.
        down, across = abs(2 * rows + 1 - top - bottom), abs(2 * columns + 1 - left - right)
        return np.asarray(np.maximum(down, across) + 1, np.int64)

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())


def effective_field(
    trace: Trace,
    layer: int | str,
    at: int | Sequence[int],
    inputs: NDArray[Any] | None = None,
) -> EffectiveField:
    """The effective receptive field of a position: the gradient's map on the input.

    Of the exact field a network uses only part: the gradient falls off from its middle, much as a
    Gaussian (Luo, Li, Urtasun and Zemel 2016, Understanding the effective receptive field in deep
    convolutional neural networks, sections 2 and 3). The network, its modes and the gradients
    stored in it are left as they are.

    Args:
        trace: a captured forward pass.
        layer: name or index of a node.
        at: (c, y, x) or (y, x) of maps, an index of a vector.
        inputs: what to take the mean over, (N, C, H, W), as the network takes them; noise for
            instance. None for the trace's own picture.

    Raises:
        UsageError: no such layer or position; inputs of another shape; torch cannot differentiate
            the layer with respect to the input.

    >>> import torch
    >>> from torch import nn
    >>> from pellucid.explain import trace_network
    >>> network = nn.Conv2d(1, 1, 5, padding=2, bias=False)
    >>> _ = nn.init.zeros_(network.weight)
    >>> network.weight.data[0, 0, 1:4, 1:4] = 1
    >>> print(effective_field(trace_network(network, torch.ones(1, 1, 9, 9)), "conv2d", (4, 4)))
    conv2d at y 4, x 4: 95% of the gradient lies in a square of 3×3, the exact field is \
5×5 (rows 2 to 6, columns 2 to 6)
    """
    field = receptive_field(trace, layer, at)
    own = trace.value(trace.input)
    given = own if inputs is None else np.asarray(inputs)
    if given.ndim != own.ndim or given.shape[1:] != own.shape[1:] or not len(given):
        wanted = "×".join(map(str, own.shape[1:]))
        raise UsageError(f"expected inputs of N×{wanted}, found {'×'.join(map(str, given.shape))}.")
    total = np.zeros(own.shape[2:])
    for slopes in input_slopes(trace, trace.node(layer), field.at, given):
        total += np.abs(slopes).sum(axis=(0, 1))
    return EffectiveField(field, total / len(given), len(given), as_picture(own[0]))


def _key(most: float, width: int) -> Pixels:
    """The bar of a scale from 0 to ``most``: the right half of that from −most."""
    half = strip(Scale(-most, most, signed=True), 2 * width)[:, width:].copy()
    half[_BELOW_BAR:, :20] = PAPER
    write_text(half, "0", x=3, y=half.shape[0] - 10, size=14, anchor="lm")
    return half


def _deviation(weights: NDArray[np.float64]) -> float:
    places = np.arange(len(weights))
    mean = float((weights * places).sum())
    return float(np.sqrt((weights * (places - mean) ** 2).sum()))
