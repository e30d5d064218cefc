"""A class map: what each part of a picture does for the score of a class."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import UsageError
from pellucid.explain.maps.overlay import overlay
from pellucid.explain.maps.place import Place, Plane, stretch
from pellucid.explain.maps.question import Question
from pellucid.explain.trace import Trace
from pellucid.images import Pixels, encode_png
from pellucid.images.check import checked, to_bytes
from pellucid.images.scale import Scale
from pellucid.images.show import strip

if TYPE_CHECKING:
    from pandas import DataFrame

#: Numbers that make one together, by name.
Sums = tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class ClassMap:
    """What each part of a picture does for the score of a class, or for one class over another.

    Positive values speak for ``target`` (and against ``against``), negative ones the other way.

    Attributes:
        method: ``cam``, ``grad-cam``, ``occlusion``, ``gradient`` or ``integrated``.
        values: (H', W') float64, the map at its own resolution.
        at_input: (H, W) float64, the same over the network's input. Maps of cells are linear
            between the cells' middles; occlusion averages the patches that cover a pixel.
        target: name of the class; its number where classes have no names.
        against: name of the class that it is compared with; None for the class alone.
        score: of the class, or how far it lies above that of ``against``: the network's own.
        explained: what the method makes of the map: the same score, for ``cam`` and
            ``integrated``. None for methods that do not add up.
        sums: the parts of ``explained`` by name: that of the map, and what the map has no part in.
        layers: names of the nodes that the map was read from, the one with the maps first.
        words: what it is, in a sentence or two.
        place: where the network's input lies on the picture.
        picture: (H₀, W₀, C) uint8, what the trace began with; None for a trace of a tensor.
    """

    method: str
    values: Plane
    at_input: Plane
    target: str
    against: str | None
    score: float
    explained: float | None
    sums: Sums
    layers: tuple[str, ...]
    words: str
    place: Place
    picture: Pixels | None = field(default=None, repr=False)

    @property
    def difference(self) -> float | None:
        """``explained`` − ``score``; None where nothing adds up."""
        return None if self.explained is None else self.explained - self.score

    @cached_property
    def on_picture(self) -> Plane:
        """(H₀, W₀) float64: the map over the original picture; NaN outside of a crop."""
        return self.place.lay(self.at_input)

    @property
    def scale(self) -> Scale:
        """From −m, blue, over 0 to m, orange; m is the map's greatest distance from 0.

        Of a map of single pixels, where a few stand far out, it is the distance that 99% keep to;
        the others are drawn in the ends' colours.
        """
        pixels = self.values.shape == self.at_input.shape
        most = float(np.quantile(np.abs(self.values), 0.99 if pixels else 1)) or 1.0
        return Scale(-most, most, signed=True)

    def overlay(self, picture: Any = None, *, side: int | None = None, key: bool = True) -> Pixels:
        """The map as a film of colour on the gray picture.

        Where the map is 0 or has no values, the film is clear.

        Args:
            picture: H₀×W₀ or H₀×W₀×C as :func:`pellucid.images.show` takes it, as large as the
                original; by default that of the trace, or white paper if it began with a tensor.
            side: the longer side of the picture in pixels; by default small ones are enlarged to
                about 320 and large ones reduced to 1200.
            key: draw the scale with its numbers below.

        Returns:
            (height, width, 3) uint8: :func:`pellucid.images.encode_png` makes a PNG of it.

        Raises:
            UsageError: no such picture, or one of another size.
        """
        ground = self._ground(picture)
        film = overlay(self.at_input, self.place, ground, self.scale, side)
        return np.concatenate([film, strip(self.scale, film.shape[1])]) if key else film

    def _ground(self, picture: Any) -> Pixels:
        size = self.place.height, self.place.width
        given = self.picture if picture is None else to_bytes(checked(picture, name="picture"))
        if given is None:
            return np.full((*size, 1), 255, np.uint8)
        if given.shape[:2] != size:
            found = "×".join(map(str, given.shape[:2]))
            raise UsageError(
                f"expected a picture of {size[0]}×{size[1]} pixels, as the one that was "
                f"explained, found {found}."
            )
        return given

    def to_json(self) -> dict[str, Any]:
        """Plain values: all but the picture; the map at its own resolution."""
        return {
            "method": self.method,
            "target": self.target,
            "against": self.against,
            "score": self.score,
            "explained": self.explained,
            "difference": self.difference,
            "sums": dict(self.sums),
            "scale": {"low": self.scale.low, "high": self.scale.high},
            "layers": list(self.layers),
            "words": self.words,
            "input": list(self.at_input.shape),
            "place": {name: getattr(self.place, name) for name in self.place.__slots__},
            "shape": list(self.values.shape),
            "values": self.values.tolist(),
        }

    def to_frame(self) -> "DataFrame":
        """A pandas table with a row a cell of the map: y, x, value.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise UsageError(
                "expected pandas for a table, found none: pip install 'pellucid[series]'."
            ) from error
        y, x = np.indices(self.values.shape)
        return DataFrame({"y": y.ravel(), "x": x.ravel(), "value": self.values.ravel()})

    def __str__(self) -> str:
        """What it is, and its sums."""
        return self.words

    def _repr_png_(self) -> bytes:
        return encode_png(self.overlay())


def class_map(
    asked: Question,
    method: str,
    values: Plane,
    words: str,
    *,
    at_input: Plane | None = None,
    explained: float | None = None,
    sums: Sums = (),
    layers: tuple[int, ...] = (),
) -> ClassMap:
    """The result of a method, with what follows from the question alone filled in.

    Args:
        asked: the question.
        method: its name.
        values: (H', W').
        words: what it is.
        at_input: (H, W); by default linear between the middles of the values' cells.
        explained: see :class:`ClassMap`, like the rest.
        sums: likewise.
        layers: nodes, by index.
    """
    height, width = asked.input.shape[2:]
    return ClassMap(
        method,
        values,
        stretch(values, height, width) if at_input is None else at_input,
        asked.name(asked.target),
        None if asked.against is None else asked.name(asked.against),
        asked.score,
        explained,
        sums,
        tuple(asked.trace.names[index] for index in layers),
        words,
        Place.of(asked.trace),
        _picture(asked.trace),
    )


def _picture(trace: Trace) -> Pixels | None:
    """What a trace began with, (H₀, W₀, C); None of a tensor."""
    if trace.nodes[0].operation != "pixels":
        return None
    pixels: Pixels = np.moveaxis(trace.value(0)[0], 0, -1)
    return pixels
