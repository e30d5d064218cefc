"""Many pictures through a network, batch by batch, and what some of its layers make of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pellucid.capture import Graph, Node, capture
from pellucid.data.catalogue import Catalogue
from pellucid.data.preprocessing import Preprocessing
from pellucid.data.workers import for_each
from pellucid.errors import ImageError, UsageError
from pellucid.explain.given import picture_of
from pellucid.explain.trace import Trace
from pellucid.explain.tracing import trace_network
from pellucid.explain.values import plain
from pellucid.images.raw import Pixels
from pellucid.images.read import Picture
from pellucid.watch import Watcher

#: A picture: a file, a picture that was read, or pixels H×W or H×W×C uint8.
Image = str | Path | Picture | NDArray[np.uint8]


class Carded(Protocol):
    """What says how a picture becomes a network's input."""

    @property
    def preprocessing(self) -> Preprocessing:
        """From picture to input."""


class Trained(Protocol):
    """A network with its preprocessing, such as :func:`pellucid.load` gives."""

    @property
    def network(self) -> nn.Module:
        """(N, C, H, W) to scores."""

    @property
    def card(self) -> Carded:
        """What the network says of itself."""


@dataclass(frozen=True)
class Item:
    """One picture of many.

    Attributes:
        index: its number.
        name: for people.
        load: reads it; raises ImageError.
    """

    index: int
    name: str
    load: Callable[[], Picture]


@dataclass(frozen=True)
class Unread:
    """A picture that was passed over.

    Attributes:
        name: of the picture.
        why: one sentence.
    """

    name: str
    why: str


def items(images: Catalogue | Iterable[Image]) -> Iterator[Item]:
    """The pictures of a data set, or those given, without reading them.

    Raises:
        UsageError: something that is no picture.
    """
    if isinstance(images, Catalogue):
        for index, sample in enumerate(images.samples):
            yield Item(index, sample.name, partial(images.source.load, index))
        return
    if isinstance(images, str | Path | np.ndarray | Picture):
        raise UsageError(
            f"expected a data set or a list of pictures, found one {type(images).__name__}: "
            "give [picture], or open a folder by pellucid.data.open.open_catalogue."
        )
    for index, image in enumerate(images):
        name = str(image) if isinstance(image, str | Path) else f"image {index}"
        yield Item(index, name, partial(_picture, image))


def _picture(image: Image) -> Picture:
    picture = picture_of(image)
    if picture is None:
        raise UsageError("expected pictures (files, Picture, or H×W×C uint8), found a tensor.")
    return picture


class Stream:
    """A pass over pictures.

    Attributes:
        layers: the nodes to look at, once a picture has been read, in the order asked for.
        names: their names.
        seen: pictures that the network has seen.
        unread: pictures that were passed over.
    """

    def __init__(
        self,
        model: Trained,
        choose: Callable[[Trace], Sequence[Node]],
        *,
        batch: int,
        watch: Watcher | None,
    ) -> None:
        """A pass that has not begun.

        Args:
            model: the network with its preprocessing.
            choose: the layers to look at, of a trace of the first picture.
            batch: pictures that the network sees at once.
            watch: told how many pictures are done.

        Raises:
            UsageError: a batch below 1.
        """
        if batch < 1:
            raise UsageError(f"expected a batch of at least 1 picture, found {batch}.")
        self.layers: tuple[Node, ...] = ()
        self.names: tuple[str, ...] = ()
        self.graph: Graph | None = None
        self.seen = 0
        self.unread: list[Unread] = []
        self._model, self._choose, self._batch = model, choose, batch
        self._watch = watch or Watcher()

    def run(
        self, images: Catalogue | Iterable[Image]
    ) -> Iterator[tuple[list[Item], list[NDArray[Any]]]]:
        """Pictures and, for each layer, their values (N, …): those that can be read.

        Pictures that cannot be read, or of which a layer's values are NaN or infinite, are named
        in :attr:`unread`.
        """
        total = len(images) if isinstance(images, Catalogue | Sequence) else None
        self._watch.stage("looking at pictures", total)
        source = items(images)
        while chunk := list(islice(source, self._batch)):
            good, fitted = self._read(chunk)
            if good:
                yield self._finite(good, self._values(np.stack(fitted)))
            self._watch.advance(len(chunk))

    def _read(self, chunk: list[Item]) -> tuple[list[Item], list[Pixels]]:
        fitted: list[Pixels | None] = [None] * len(chunk)
        why: list[str] = [""] * len(chunk)

        def work(place: int) -> None:
            try:
                pixels = chunk[place].load().pixels
                fitted[place] = self._model.card.preprocessing.fit(pixels)
            except (ImageError, UsageError) as error:
                why[place] = str(error)

        for_each(len(chunk), work, name=lambda place: chunk[place].name)
        read = [(item, pixels) for item, pixels in zip(chunk, fitted, strict=True)]
        self.unread += [
            Unread(item.name, reason)
            for (item, pixels), reason in zip(read, why, strict=True)
            if pixels is None
        ]
        good = [(item, pixels) for item, pixels in read if pixels is not None]
        return [item for item, _ in good], [pixels for _, pixels in good]

    def _values(self, fitted: Pixels) -> list[NDArray[Any]]:
        """What the layers make of fitted pictures (N, H, W, C)."""
        given = torch.from_numpy(self._model.card.preprocessing.tensor(fitted))
        if self.graph is None:
            trace = trace_network(self._model.network, given[:1], keep="none")
            self.layers = tuple(self._choose(trace))
            self.names = tuple(trace.names[node.index] for node in self.layers)
            self.graph = trace.graph
        weight = next(self._model.network.parameters(), given)
        given = given.to(weight.device, weight.dtype).contiguous(memory_format=torch.channels_last)
        made = capture(self._model.network, given, keep={node.index for node in self.layers})
        for node in self.layers:
            same = len(made.nodes) > node.index and made.nodes[node.index]
            if not same or (same.operation, same.shape[1:]) != (node.operation, node.shape[1:]):
                raise UsageError(
                    f"{made.network} does something else for other pictures: its layers cannot be "
                    "compared over a data set."
                )
        return [plain(made.values[node.index]) for node in self.layers]

    def _finite(
        self, good: list[Item], values: list[NDArray[Any]]
    ) -> tuple[list[Item], list[NDArray[Any]]]:
        keep = np.ones(len(good), np.bool_)
        for each in values:
            keep &= np.isfinite(each).reshape(len(good), -1).all(axis=1)
        self.unread += [
            Unread(item.name, "the network makes NaN or infinite values of it")
            for item, kept in zip(good, keep, strict=True)
            if not kept
        ]
        self.seen += int(keep.sum())
        if keep.all():
            return good, values
        kept = [item for item, fine in zip(good, keep, strict=True) if fine]
        return kept, [each[keep] for each in values]
