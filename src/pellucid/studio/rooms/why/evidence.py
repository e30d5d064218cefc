"""What speaks for a class: its map, the sum that makes its score, the classes beside it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pellucid.errors import UsageError
from pellucid.images import Crop, Grid
from pellucid.images.scale import number
from pellucid.studio.parts.readout import Line
from pellucid.studio.parts.scores import Bar
from pellucid.studio.rooms.why.state import WhyState
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.explain import ClassMap, Score, Trace
    from pellucid.explain.sight import Box

#: Classes that are shown; of more, the best.
_CLASSES = 10


@dataclass(frozen=True, eq=False)
class Evidence:
    """A class map of a picture.

    Attributes:
        trace: of the picture.
        found: the map.
    """

    trace: "Trace"
    found: "ClassMap"

    @cached_property
    def ranked(self) -> "tuple[Score, ...]":
        """The scores that are shown, the best first, with those that are asked about."""
        order = sorted(self.trace.scores, key=lambda each: -each.score)
        asked = (self.found.target, self.found.against)
        return tuple(
            each for place, each in enumerate(order) if place < _CLASSES or each.name in asked
        )

    def bars(self, now: "Trace | None" = None) -> list[Bar]:
        """The scores as bars.

        Args:
            now: another pass, such as on a picture that is partly covered: its scores are shown,
                in the same order, with the change.
        """
        scores = (now or self.trace).scores
        roles = {self.found.target: "target", self.found.against: "against"}
        return [
            Bar(
                visible(each.name),
                _score(scores[each.index].score),
                scores[each.index].probability,
                "" if now is None else _signed(scores[each.index].score - each.score),
                roles.get(each.name, ""),
            )
            for each in self.ranked
        ]

    @property
    def title(self) -> str:
        """The class, and the one that it is compared with."""
        against = "" if self.found.against is None else f" rather than {self.found.against}"
        return visible(f"{self.found.target}{against}")

    def lines(self) -> list[Line]:
        """The sum that makes the score."""
        from pellucid.explain.maps.words import digits

        found = self.found
        score = Line("the network's score", digits(found.score, 6))
        if found.explained is None or found.difference is None:
            return [score, Line("the map", "adds up to nothing")]
        parts = [Line(name, digits(value, 6)) for name, value in found.sums]
        total = Line("the sum", digits(found.explained, 6), "recomputed in float64")
        return [*parts, total, score, Line("difference", digits(found.difference, 2))]

    def grid(self, crop: Crop) -> Grid:
        """The numbers of a part of the map."""
        part = self.found.values[crop.top : crop.bottom, crop.left : crop.right]
        return Grid(crop, part[..., None], self.found.scale.apply(part))

    @property
    def strongest(self) -> tuple[int, int]:
        """(y, x) of the map's largest value."""
        y, x = divmod(int(self.found.values.argmax()), self.found.values.shape[1])
        return y, x

    def cell(self, y: int, x: int) -> list[Line]:
        """One place of the map: its value, and what it adds to the score."""
        from pellucid.explain.maps.strongest import spot_at

        spot = spot_at(self.found, y, x)
        lines = [Line("value of the map", number(spot.value))]
        if spot.adds is not None:
            share = "" if not self.found.score else f"{spot.adds / self.found.score:.1%} of it"
            lines.append(Line("adds to the score", _signed(spot.adds), share))
        return lines

    def under(self, y: int, x: int) -> "Box":
        """The pixels of the picture that a place of the map lies over."""
        from pellucid.explain.maps.strongest import spot_at

        return spot_at(self.found, y, x).box


def evidence_of(trace: "Trace", state: WhyState) -> tuple[Evidence, str]:
    """The class map that a state asks for, or else the usual one, and why.

    Raises:
        UsageError: the network gives no class scores.
    """
    try:
        return _asked(trace, state), ""
    except UsageError as error:
        return _asked(trace, WhyState()), str(error)


def _asked(trace: "Trace", state: WhyState) -> Evidence:
    from pellucid.explain import explain_class

    target, against = _which(trace, state.target), _which(trace, state.against)
    found = explain_class(trace, target, against, state.method)  # type: ignore[arg-type]
    if not np.isfinite(found.values).all():
        raise UsageError("the map has NaN or infinite values: choose another method.")
    return Evidence(trace, found)


def _which(trace: "Trace", word: str) -> int | str | None:
    """A class as an address has it: its name, or its number."""
    if not word:
        return None
    return int(word) if word not in trace.classes and word.isdecimal() else word


def _score(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{abs(value):.3f}"
