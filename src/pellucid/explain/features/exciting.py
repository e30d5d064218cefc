"""The pictures of a data set that most excite a channel, and the part of each that it saw."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.capture import Node
from pellucid.data.catalogue import Catalogue
from pellucid.errors import UsageError
from pellucid.explain.features.best import Best
from pellucid.explain.features.choice import chosen_channels
from pellucid.explain.features.stream import Image, Item, Stream, Trained, Unread
from pellucid.explain.sight.area import Area, Box
from pellucid.explain.sight.original import input_area, on_original
from pellucid.explain.table import frame
from pellucid.explain.trace import Trace
from pellucid.images.raw import Pixels
from pellucid.images.save import encode_png
from pellucid.images.scale import number
from pellucid.images.sheet import contact_sheet
from pellucid.watch import Watcher

if TYPE_CHECKING:
    from pandas import DataFrame

#: Channels that are drawn on one sheet, and pictures of each, at most.
MOST_CHANNELS, MOST_PICTURES = 16, 100


@dataclass(frozen=True, eq=False)
class Excitation:
    """One picture that excites a channel.

    Attributes:
        channel: the channel.
        image: name of the picture.
        index: its number in the data set.
        activation: the channel's largest value on it.
        at: where that is: (y, x) of a map, () of a vector.
        box: the rows and columns of the original picture that this position sees; None where it
            sees nothing but padding.
        patch: those pixels, (h, w, 3) uint8.
    """

    channel: int
    image: str
    index: int
    activation: float
    at: tuple[int, ...]
    box: Box | None
    patch: Pixels

    def to_json(self) -> dict[str, Any]:
        """Everything but the pixels."""
        box = None if self.box is None else self.box._asdict()
        return {**self._record(), "at": list(self.at), "box": box}

    def _record(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "image": self.image,
            "index": self.index,
            "activation": self.activation,
            "at": " ".join(map(str, self.at)),
            "box": None if self.box is None else str(self.box),
        }


@dataclass(frozen=True, eq=False)
class Exciting:
    """What excites the channels of a layer.

    Attributes:
        layer: name of the node.
        rows: by channel, in the order asked for; of a channel the most exciting picture first.
        images: pictures that were looked at.
        unread: pictures that were passed over, and why.
    """

    layer: str
    rows: tuple[Excitation, ...]
    images: int
    unread: tuple[Unread, ...]

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels, in the order asked for."""
        return tuple(dict.fromkeys(row.channel for row in self.rows))

    def channel(self, channel: int) -> tuple[Excitation, ...]:
        """What excites one channel."""
        return tuple(row for row in self.rows if row.channel == channel)

    def picture(self, width: int = 1200) -> Pixels:
        """The patches as a sheet, (H, ``width``, 3) uint8: a row (or several) a channel.

        Below each its activation; the pictures' names are in the table. At most 16 channels.
        """
        sheets = []
        each = [list(rows) for _, rows in groupby(self.rows, lambda row: row.channel)]
        columns = min(9, max(map(len, each)))
        for rows in each[:MOST_CHANNELS]:
            blank = np.full((1, 1, 3), 255, np.uint8)
            words = [f"channel {rows[0].channel}: ", *[""] * (len(rows) - 1)]
            tiles = [
                (f"{word}{number(row.activation)}", row.patch if row.patch.size else blank)
                for word, row in zip(words, rows, strict=True)
            ]
            sheets.append(contact_sheet(tiles, columns=columns, width=width))
        return np.concatenate(sheets)

    def to_frame(self) -> "DataFrame":
        """A pandas table with a row a picture of a channel.

        Raises:
            UsageError: pandas is not installed.
        """
        return frame([row._record() for row in self.rows])

    def to_json(self) -> dict[str, Any]:
        """Everything but the pixels, as plain values."""
        return {
            "layer": self.layer,
            "images": self.images,
            "unread": [{"name": each.name, "why": each.why} for each in self.unread],
            "rows": [row.to_json() for row in self.rows],
        }

    def __str__(self) -> str:
        lines = [f"{self.layer}, of {self.images:,} pictures ({len(self.unread)} passed over):"]
        for channel in self.channels:
            rows = self.channel(channel)
            told = ", ".join(f"{row.image} {number(row.activation)}" for row in rows)
            lines.append(f"  channel {channel}: {told}")
        return "\n".join(lines)

    def _repr_png_(self) -> bytes:
        return encode_png(self.picture())


def most_exciting(
    model: Trained,
    images: Catalogue | Iterable[Image],
    layer: int | str,
    channels: Sequence[int] | None = None,
    *,
    count: int = 9,
    batch: int = 32,
    watch: Watcher | None = None,
) -> Exciting:
    """The pictures that most excite some channels of a layer, each by its largest value.

    One pass over the pictures, whatever the number of channels; of equal pictures the earlier one
    stays. Then only the pictures that were chosen are read again, and of each the part is cut out
    that the position sees (its exact receptive field, through crop and resize).

    Args:
        model: a network with its preprocessing, such as :func:`pellucid.load` gives.
        images: a data set, or files and arrays.
        layer: name or index of a node with maps (N, C, H, W) or a vector (N, C).
        channels: which; by default the first 16.
        count: pictures of each, 100 or fewer.
        batch: pictures that the network sees at once.
        watch: told how far it is.

    Returns:
        Pictures that could not be read are named in ``unread``.

    Raises:
        UsageError: no such layer or channel; no picture that can be read.
    """
    if not 1 <= count <= MOST_PICTURES:
        raise UsageError(f"expected a count from 1 to {MOST_PICTURES} pictures, found {count}.")
    stream = Stream(model, _one_layer(layer), batch=batch, watch=watch)
    best: Best | None = None
    found: dict[int, Item] = {}
    for items, (values,) in stream.run(images):
        if best is None:
            total = values.shape[1]
            most = total if channels is not None else MOST_CHANNELS
            best = Best(chosen_channels(channels, range(total), most), count)
        best.add(values, [item.index for item in items])
        found |= {item.index: item for item in items}
        found = {index: found[index] for index in best.images}  # the others may be forgotten
    if best is None or stream.graph is None:
        first = f" ({stream.unread[0].name}: {stream.unread[0].why})" if stream.unread else ""
        raise UsageError(f"expected pictures that can be read, found none{first}.")
    cutter = _Cutter(model, stream, found)
    rows = tuple(cutter.cut(*each) for each in best.rows())
    return Exciting(stream.names[0], rows, stream.seen, tuple(stream.unread))


def _one_layer(layer: int | str) -> Callable[[Trace], list[Node]]:
    """Find the layer, and see that it has channels."""

    def choose(trace: Trace) -> list[Node]:
        node = trace.node(layer)
        if len(node.shape) not in (2, 4):
            raise UsageError(
                f"expected a layer with maps (N, C, H, W) or a vector (N, C), found "
                f"{trace.names[node.index]} of {'×'.join(map(str, node.shape))}."
            )
        return [node]

    return choose


class _Cutter:
    """Cuts out of pictures what positions of a layer see; the last picture is kept."""

    def __init__(self, model: Trained, stream: Stream, found: dict[int, Item]) -> None:
        self._preprocessing = model.card.preprocessing
        self._stream, self._found = stream, found
        self._areas: dict[tuple[int, ...], Area] = {}
        self._pixels: dict[int, Pixels] = {}

    def cut(self, channel: int, index: int, activation: float, at: tuple[int, ...]) -> Excitation:
        item, place = self._found[index], (channel, *at)
        if place not in self._areas:
            assert self._stream.graph is not None
            self._areas[place] = input_area(self._stream.graph, self._stream.layers[0], place)
        if index not in self._pixels:
            self._pixels = {index: item.load().pixels}
        pixels = self._pixels[index]
        box = on_original(self._areas[place], pixels, self._preprocessing).box
        rows = slice(0, 0) if box is None else slice(box.top, box.bottom)
        columns = slice(0, 0) if box is None else slice(box.left, box.right)
        patch = np.broadcast_to(pixels[rows, columns], (*pixels[rows, columns].shape[:2], 3))
        return Excitation(channel, item.name, index, activation, at, box, patch.copy())
