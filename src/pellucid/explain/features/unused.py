"""Dead and duplicate channels: what a layer computes and nobody needs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.capture import Node
from pellucid.data.catalogue import Catalogue
from pellucid.errors import UsageError
from pellucid.explain.features.stream import Image, Stream, Trained, Unread
from pellucid.explain.features.sums import ChannelSums
from pellucid.explain.table import frame, html_table
from pellucid.explain.trace import Trace
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import Scale
from pellucid.images.show import sized, strip
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pandas import DataFrame

#: Layers that are looked at where nobody names any: results of these.
_ACTIVATIONS = {
    "relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish",
    "hardswish", "hardsigmoid", "sigmoid", "tanh", "softplus",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A channel that says what an earlier one says.

    Attributes:
        channel: the later one.
        of: the earlier one.
        correlation: of the two, over all positions and pictures.
        exact: whether all values were equal.
    """

    channel: int
    of: int
    correlation: float
    exact: bool


@dataclass(frozen=True, eq=False)
class LayerUse:
    """What the channels of a layer are worth.

    Attributes:
        layer: name of the node.
        values: of each channel that were looked at: positions times pictures.
        least: (C,), the smallest value of each channel.
        largest: (C,), the largest.
        mean: (C,).
        correlation: (C, C), NaN with a constant channel.
        duplicates: every channel that is equal to an earlier one, or correlated with it at least
            as the threshold says; of several earlier ones the most alike.
    """

    layer: str
    values: int
    least: NDArray[np.float64]
    largest: NDArray[np.float64]
    mean: NDArray[np.float64]
    correlation: NDArray[np.float64]
    duplicates: tuple[Duplicate, ...]

    @property
    def dead(self) -> tuple[int, ...]:
        """Channels that are never above 0: behind a ReLU they are always 0."""
        return _numbers(self.largest <= 0)

    @property
    def constant(self) -> tuple[int, ...]:
        """Channels that have the same value everywhere."""
        return _numbers(self.least == self.largest)

    def picture(self) -> Pixels:
        """The correlations as a picture (H, W, 3) uint8: −1 blue, 0 nearly white, 1 orange."""
        scale = Scale(-1, 1, signed=True)
        drawn = sized(scale.apply(np.nan_to_num(self.correlation)))
        return np.concatenate([drawn, strip(scale, drawn.shape[1])])

    def to_json(self) -> dict[str, Any]:
        """All figures but the correlations of pairs below the threshold."""
        return {
            "layer": self.layer,
            "channels": len(self.mean),
            "values": self.values,
            "least": self.least.tolist(),
            "largest": self.largest.tolist(),
            "mean": self.mean.tolist(),
            "dead": list(self.dead),
            "constant": list(self.constant),
            "duplicates": [
                {name: getattr(each, name) for name in Duplicate.__slots__}
                for each in self.duplicates
            ],
        }

    def _record(self) -> dict[str, Any]:
        return {
            "layer": self.layer,
            "channels": len(self.mean),
            "dead": len(self.dead),
            "constant": len(self.constant),
            "duplicates": len(self.duplicates),
            "exact": sum(each.exact for each in self.duplicates),
        }

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())


@dataclass(frozen=True, eq=False)
class ChannelUse:
    """Dead and duplicate channels of some layers.

    Attributes:
        layers: one by one.
        threshold: the correlation from which on a channel counts as a duplicate.
        images: pictures that were looked at.
        unread: pictures that were passed over, and why.
    """

    layers: tuple[LayerUse, ...]
    threshold: float
    images: int
    unread: tuple[Unread, ...]

    def layer(self, name: str) -> LayerUse:
        """One layer by its name.

        Raises:
            UsageError: it was not looked at.
        """
        for each in self.layers:
            if each.layer == name:
                return each
        known = ", ".join(each.layer for each in self.layers)
        raise UsageError(f"'{name}' was not looked at, only {known}.")

    def to_frame(self) -> "DataFrame":
        """A pandas table with a row a layer: numbers of channels, dead, constant and duplicate.

        Raises:
            UsageError: pandas is not installed.
        """
        return frame([each._record() for each in self.layers])

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values: see :meth:`LayerUse.to_json`."""
        return {
            "threshold": self.threshold,
            "images": self.images,
            "unread": [{"name": each.name, "why": each.why} for each in self.unread],
            "layers": [each.to_json() for each in self.layers],
        }

    def __str__(self) -> str:
        lines = [f"{self.images:,} pictures, {len(self.unread)} passed over"]
        for each in self.layers:
            record = each._record()
            lines.append(
                f"  {each.layer}: of {record['channels']} channels {record['dead']} never above 0, "
                f"{record['constant']} constant, {record['duplicates']} duplicates (correlation "
                f"{self.threshold:g} or more), {record['exact']} of them exact"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return html_table([each._record() for each in self.layers])


def channel_use(
    model: Trained,
    images: Catalogue | Iterable[Image],
    layers: Sequence[int | str] | None = None,
    *,
    threshold: float = 0.99,
    batch: int = 32,
    watch: Watcher | None = None,
) -> ChannelUse:
    """Find channels that are never above 0, constant, or duplicates, over many pictures.

    One pass; the memory does not grow with the pictures. Channels are compared over all positions
    of all pictures (:class:`pellucid.explain.features.sums.ChannelSums`).

    Args:
        model: a network with its preprocessing, such as :func:`pellucid.load` gives.
        images: a data set, or files and arrays.
        layers: names or indices of nodes with maps (N, C, H, W) or vectors (N, C); by default
            every activation (ReLU and its kind) with maps, or every convolution if there is none.
        threshold: of Pearson's correlation, above 0, up to 1.
        batch: pictures that the network sees at once.
        watch: told how far it is.

    Returns:
        Pictures that could not be read are named in ``unread``.

    Raises:
        UsageError: no such layer, a threshold out of range, no picture that can be read.
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"expected a threshold above 0 and up to 1, found {threshold!r}.")
    stream = Stream(model, _choice(layers), batch=batch, watch=watch)
    sums: list[ChannelSums] = []
    for _, values in stream.run(images):
        sums = sums or [ChannelSums(each.shape[1]) for each in values]
        for gathered, each in zip(sums, values, strict=True):
            gathered.add(each)
    if not stream.seen:
        first = f" ({stream.unread[0].name}: {stream.unread[0].why})" if stream.unread else ""
        raise UsageError(f"expected pictures that can be read, found none{first}.")
    uses = map(_use, stream.names, sums, [threshold] * len(sums))
    return ChannelUse(tuple(uses), threshold, stream.seen, tuple(stream.unread))


def _choice(layers: Sequence[int | str] | None) -> Callable[[Trace], list[Node]]:
    def choose(trace: Trace) -> list[Node]:
        if layers is None:
            maps = [node for node in trace.nodes if len(node.shape) == 4]
            chosen = [node for node in maps if node.operation in _ACTIVATIONS]
            chosen = chosen or [node for node in maps if node.operation.startswith("conv")]
        else:
            chosen = [trace.node(each) for each in layers]
        for node in chosen:
            if len(node.shape) not in (2, 4):
                raise UsageError(
                    f"expected layers with maps (N, C, H, W) or vectors (N, C), found "
                    f"{trace.names[node.index]} of {'×'.join(map(str, node.shape))}."
                )
        if not chosen:
            raise UsageError("expected a layer to look at, found none: name some.")
        return chosen

    return choose


def _use(name: str, sums: ChannelSums, threshold: float) -> LayerUse:
    correlation, same = sums.correlation(), sums.same()
    constant = sums.least == sums.largest
    found = []
    for channel in range(1, len(same)):
        if constant[channel]:
            continue  # said so already
        alike = np.nan_to_num(correlation[channel, :channel], nan=-1.0)
        exact = bool(same[channel] != channel)
        earlier = int(same[channel]) if exact else int(alike.argmax())
        if exact or alike[earlier] >= threshold:
            found.append(Duplicate(channel, earlier, float(alike[earlier]), exact))
    return LayerUse(
        name, sums.count, sums.least, sums.largest, sums.mean, correlation, tuple(found)
    )


def _numbers(where: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(channel) for channel in np.flatnonzero(where))
