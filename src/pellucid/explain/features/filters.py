"""Filters: what the weights of a convolution look for, as pictures and as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from torch import nn

from pellucid.capture import Node
from pellucid.errors import UsageError, unknown_name
from pellucid.explain.features.choice import chosen_channels
from pellucid.explain.table import frame
from pellucid.explain.trace import Trace
from pellucid.images.check import finite_range
from pellucid.images.crop import Crop
from pellucid.images.grid import Grid
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import Scale, number
from pellucid.images.sheet import contact_sheet
from pellucid.images.show import strip

if TYPE_CHECKING:
    from pandas import DataFrame

#: More filters than this are not drawn on one sheet.
MOST = 100
#: Filters of 3 and of 1 input channel are pictures themselves, in colour and in gray.
_PICTURES = (1, 3)


@dataclass(frozen=True, eq=False)
class Filters:
    """The filters of a convolution.

    Attributes:
        layer: its name.
        weights: (F, C, kh, kw), all filters; C is the number of input channels that each reads.
        filters: those that are drawn, in their order.
        input_channel: the one input channel that is drawn; None where all are, as a picture.
        common: one scale for all that are drawn; else each filter has its own.
    """

    layer: str
    weights: NDArray[Any]
    filters: tuple[int, ...]
    input_channel: int | None
    common: bool

    def reach(self, filter: int | None = None) -> float:
        """The largest |weight| of a filter as it is drawn, or of all that are drawn."""
        chosen = list(self.filters) if filter is None else [filter]
        return float(np.abs(self._drawn[chosen]).max())

    def kernel(self, filter: int) -> Pixels:
        """One filter as a picture (kh, kw, 3) uint8, a pixel a weight.

        With 3 or 1 input channels in colour or gray: 0 is mid-gray, ±m black and white of each
        channel. One input channel of several: −m is blue, 0 nearly white, m orange.
        """
        most = self.reach(None if self.common else filter)
        planes = self._drawn[filter]
        if self.input_channel is not None:
            return Scale(-most, most, signed=True).apply(planes[0])
        shades = np.rint(127.5 + 127.5 * planes / (most or 1.0)).astype(np.uint8)
        coloured = np.broadcast_to(shades, (3, *shades.shape[1:]))
        return np.ascontiguousarray(np.moveaxis(coloured, 0, 2))

    def picture(self, width: int = 1200) -> Pixels:
        """The filters as a sheet, (H, ``width``, 3) uint8: a weight is a square of whole pixels."""
        tiles = []
        for each in self.filters:
            scale = "" if self.common else f": ±{number(self.reach(each))}"
            tiles.append((f"{each}{scale}", self.kernel(each)))
        sheet = contact_sheet(tiles, width=width)
        return np.concatenate([sheet, self._key(width)]) if self.common else sheet

    def numbers(self, filter: int) -> Grid:
        """One filter with its weights as numbers: a cell a tap, a line an input channel.

        Raises:
            UsageError: no such filter, or one of more than 32×32 taps.
        """
        (chosen,) = chosen_channels([filter], range(len(self.weights)), 1, kind="filter")
        planes = self._drawn[chosen]
        crop = Crop(0, planes.shape[1], 0, planes.shape[2])
        return Grid(crop, np.moveaxis(planes, 0, 2), self.kernel(chosen))

    def figures(self) -> list[dict[str, Any]]:
        """Of every filter, all its channels: least and largest weight, sum, and length (L2)."""
        flat = self.weights.reshape(len(self.weights), -1).astype(np.float64)
        columns = (flat.min(axis=1), flat.max(axis=1), flat.sum(axis=1))
        return [
            {"filter": each, "least": low, "largest": high, "sum": total, "length": length}
            for each, (low, high, total, length) in enumerate(
                zip(*(column.tolist() for column in columns), _lengths(flat), strict=True)
            )
        ]

    def to_frame(self) -> "DataFrame":
        """A pandas table of :meth:`figures`, a row a filter.

        Raises:
            UsageError: pandas is not installed.
        """
        return frame(self.figures())

    def to_json(self) -> dict[str, Any]:
        """Figures of all filters, and the weights of those that are drawn, as they are drawn."""
        return {
            "layer": self.layer,
            "shape": list(self.weights.shape),
            "input_channel": self.input_channel,
            "figures": self.figures(),
            "weights": {str(each): self._drawn[each].tolist() for each in self.filters},
        }

    def __str__(self) -> str:
        count, channels, height, width = self.weights.shape
        part = (
            "" if self.input_channel is None else f", drawn by input channel {self.input_channel}"
        )
        return f"{self.layer}: {count} filters of {channels}×{height}×{width}{part}"

    @property
    def _drawn(self) -> NDArray[Any]:
        if self.input_channel is None:
            return self.weights
        return self.weights[:, self.input_channel : self.input_channel + 1]

    def _key(self, width: int) -> Pixels:
        most = self.reach()
        return strip(Scale(-most, most, signed=self.input_channel is not None), width)

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())


def filters(
    source: Trace | nn.Module,
    layer: str | None = None,
    chosen: Sequence[int] | None = None,
    *,
    input_channel: int | None = None,
    scale: Literal["own", "common"] = "own",
    most: int = MOST,
) -> Filters:
    """The filters of a convolution as pictures.

    Args:
        source: a trace, or a network.
        layer: name of a convolution; by default the first.
        chosen: which filters to draw; by default all, up to ``most``.
        input_channel: draw this input channel's kernels alone. Filters of 3 or 1 input channels
            are drawn as pictures without it; others need it.
        scale: each filter on its ``own`` scale, or all on a ``common`` one.
        most: how many to draw at most, 100 or fewer.

    Raises:
        UsageError: no such layer, filter or input channel; a layer without filters (F, C, kh, kw);
            an unknown word; weights that are NaN or infinite.

    >>> import torch
    >>> layer = nn.Conv2d(1, 2, 3)
    >>> with torch.no_grad():
    ...     layer.weight[0] = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
    >>> found = filters(nn.Sequential(layer))
    >>> print(found, found.reach(0))
    0: 2 filters of 1×3×3 2.0
    >>> found.kernel(0)[1, :, 0].tolist()
    [255, 128, 0]
    """
    if scale not in ("own", "common"):
        raise UsageError(f"expected scale as own or common, found {scale!r}.")
    name, weights = _of_trace(source, layer) if isinstance(source, Trace) else _of(source, layer)
    if weights.ndim != 4:
        shape = "×".join(map(str, weights.shape))
        raise UsageError(f"expected filters (F, C, kh, kw), found {shape} weights in {name}.")
    finite_range(weights, f"the weights of {name}")
    channels = weights.shape[1]
    if input_channel is not None:
        (input_channel,) = chosen_channels(
            [input_channel], range(channels), 1, kind="input channel"
        )
    elif channels not in _PICTURES:
        raise UsageError(
            f"{name} has filters of {channels} input channels, which are no picture: draw one of "
            f"them, input_channel=0 to {channels - 1}."
        )
    drawn = chosen_channels(chosen, range(len(weights)), min(most, MOST), kind="filter")
    return Filters(name, weights, drawn, input_channel, scale == "common")


def _of_trace(trace: Trace, layer: str | None) -> tuple[str, NDArray[Any]]:
    """The weights that a node reads, with the filters first."""
    nodes = [node for node in trace.nodes if node.operation.startswith("conv")]
    node: Node | None = next(iter(nodes), None) if layer is None else trace.node(layer)
    if node is None or "weight" not in node.arguments:
        found = "the network has none" if node is None else f"{layer} is a {node.operation}"
        raise UsageError(f"expected a convolution, but {found}.")
    weights = trace.read(node.arguments["weight"])
    transposed = node.operation.startswith("conv_transpose")
    groups = node.arguments.get("groups", 1)
    return trace.names[node.index], _filters_first(weights, groups) if transposed else weights


def _of(network: nn.Module, layer: str | None) -> tuple[str, NDArray[Any]]:
    """The weights of a module, with the filters first."""
    kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    turned = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    found = {
        name: module
        for name, module in network.named_modules()
        if isinstance(module, kinds + turned)
    }
    if not found:
        kind = type(network).__name__
        raise UsageError(f"expected a network with convolutions, found none in {kind}.")
    name = next(iter(found)) if layer is None else layer
    if name not in found:
        raise unknown_name("convolution", name, found)
    weights = found[name].weight.detach().float().cpu().numpy()
    groups = found[name].groups
    return name or type(network).__name__, (
        _filters_first(weights, groups) if isinstance(found[name], turned) else weights
    )


def _filters_first(weights: NDArray[Any], groups: int) -> NDArray[Any]:
    """Of a transposed convolution (C, F / groups, …) as (F, C / groups, …)."""
    inputs, outputs, *taps = weights.shape
    grouped = weights.reshape(groups, inputs // groups, outputs, *taps)
    return grouped.swapaxes(1, 2).reshape(groups * outputs, inputs // groups, *taps)


def _lengths(flat: NDArray[np.float64]) -> list[float]:
    return [float(length) for length in np.sqrt((flat**2).sum(axis=1))]
