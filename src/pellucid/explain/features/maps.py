"""Feature maps: what a layer makes of one picture, channel by channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import UsageError
from pellucid.explain.features.choice import chosen_channels
from pellucid.explain.table import frame
from pellucid.explain.trace import Trace
from pellucid.images.check import finite_range
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import Scale, number
from pellucid.images.sheet import contact_sheet
from pellucid.images.show import strip

if TYPE_CHECKING:
    from pandas import DataFrame

#: More maps than this are not drawn on one sheet.
MOST = 64


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """The maps of a layer.

    Attributes:
        layer: name of the node.
        values: (C, H, W), all channels.
        channels: those that are drawn, in their order.
        common: one scale for all that are drawn; else each map has its own.
    """

    layer: str
    values: NDArray[Any]
    channels: tuple[int, ...]
    common: bool

    def scale(self, channel: int | None = None) -> Scale:
        """What the shades of a map stand for; of None those of the common scale.

        0 is black and the largest value white; where any value of the layer is negative, −m is
        blue, 0 nearly white and m orange, m the largest distance from 0.
        """
        drawn = self.values[list(self.channels) if channel is None else [channel]]
        most = float(np.abs(drawn).max())
        signed = bool((self.values < 0).any())
        return Scale(-most if signed else 0.0, most, signed)

    def map(self, channel: int) -> Pixels:
        """One map as a picture (H, W, 3) uint8, a pixel a value."""
        return self.scale(None if self.common else channel).apply(self.values[channel])

    def picture(self, width: int = 1200) -> Pixels:
        """The maps as a sheet, (H', ``width``, 3) uint8: a value is a square of whole pixels.

        Below each its channel and what its own scale reaches to; of a common scale a bar below
        all.
        """
        tiles = [(self._caption(channel), self.map(channel)) for channel in self.channels]
        sheet = contact_sheet(tiles, width=width)
        return np.concatenate([sheet, strip(self.scale(), width)]) if self.common else sheet

    def figures(self) -> list[dict[str, Any]]:
        """Of every channel: least, mean and largest value, the place of the largest, and the share
        of values above 0."""
        flat = self.values.reshape(len(self.values), -1).astype(np.float64)
        places = np.unravel_index(flat.argmax(axis=1), self.values.shape[1:])
        columns = {
            "channel": range(len(flat)),
            "least": flat.min(axis=1).tolist(),
            "mean": flat.mean(axis=1).tolist(),
            "largest": flat.max(axis=1).tolist(),
            "y": places[0].tolist(),
            "x": places[1].tolist(),
            "above_0": (flat > 0).mean(axis=1).tolist(),
        }
        rows = zip(*columns.values(), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def to_frame(self) -> "DataFrame":
        """A pandas table of :meth:`figures`, a row a channel.

        Raises:
            UsageError: pandas is not installed.
        """
        return frame(self.figures())

    def to_json(self) -> dict[str, Any]:
        """Figures of all channels, and the values of those that are drawn."""
        return {
            "layer": self.layer,
            "shape": list(self.values.shape),
            "figures": self.figures(),
            "maps": {str(each): self.values[each].tolist() for each in self.channels},
        }

    def __str__(self) -> str:
        channels, height, width = self.values.shape
        low, high = number(float(self.values.min())), number(float(self.values.max()))
        shown = "all" if len(self.channels) == channels else f"{len(self.channels)} of them"
        return f"{self.layer}: {channels} maps of {height}×{width}, {low} to {high}, {shown} drawn"

    def _caption(self, channel: int) -> str:
        if self.common:
            return f"{channel}"
        scale = self.scale(channel)
        return f"{channel}: {number(scale.low)} to {number(scale.high)}"

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())


def feature_maps(
    trace: Trace,
    layer: int | str,
    channels: Sequence[int] | None = None,
    *,
    scale: Literal["own", "common"] = "own",
    order: Literal["channel", "largest"] = "channel",
    most: int = MOST,
) -> FeatureMaps:
    """The maps of a layer as pictures.

    Args:
        trace: a captured forward pass.
        layer: name or index of a node with maps (N, C, H, W).
        channels: which to draw, in this order; by default all, up to ``most``.
        scale: each map on its ``own`` scale, or all on a ``common`` one.
        order: by ``channel``, or the maps with the ``largest`` value (by distance from 0) first.
        most: how many to draw at most, 64 or fewer.

    Raises:
        UsageError: no such layer or channel, a layer without maps, an unknown word, or values that
            are NaN or infinite.

    >>> import torch
    >>> from torch import nn
    >>> from pellucid.explain import trace_network
    >>> trace = trace_network(nn.ReLU(), torch.tensor([[[[1.0, -2.0]], [[0.5, 3.0]]]]))
    >>> maps = feature_maps(trace, "relu", order="largest")
    >>> print(maps, maps.channels, maps.scale(0))
    relu: 2 maps of 1×2, 0 to 3, all drawn (1, 0) 0 black, 1 white
    """
    node = trace.node(layer)
    name = trace.names[node.index]
    for word, known, found in (
        ("scale", ("own", "common"), scale),
        ("order", ("channel", "largest"), order),
    ):
        if found not in known:
            raise UsageError(f"expected {word} as {' or '.join(known)}, found {found!r}.")
    if len(node.shape) != 4:
        raise UsageError(
            f"expected a layer with maps (N, C, H, W), found {name} of "
            f"{'×'.join(map(str, node.shape))}."
        )
    values = trace.value(node)[0]
    finite_range(values, f"the maps of {name}")
    best = np.abs(values.astype(np.float64)).max(axis=(1, 2))
    ordered = np.argsort(-best, kind="stable") if order == "largest" else np.arange(len(best))
    chosen = chosen_channels(channels, ordered.tolist(), min(most, MOST))
    return FeatureMaps(name, values, chosen, scale == "common")
