"""What ``pellucid explain`` shows of a class: scores, a map, the sum that makes the score."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pellucid.cli import figures
from pellucid.images.scale import number
from pellucid.images.terminal import terminal_picture
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.cli.explain_field import Seen
    from pellucid.explain import Trace
    from pellucid.explain.maps import ClassMap
    from pellucid.explain.maps.strongest import Spot
    from pellucid.images.raw import Pixels
    from pellucid.report.explanation import Explanation

#: Scores that are shown.
BEST = 5
#: Characters across the overlay in the terminal.
_WIDTH = 44


@dataclass(frozen=True)
class Verdict:
    """Why a class has its score.

    Attributes:
        trace: of the picture.
        found: the map.
        index: of the class.
    """

    trace: "Trace"
    found: "ClassMap"
    index: int

    @cached_property
    def spots(self) -> "tuple[Spot, ...]":
        """The map's strongest places."""
        from pellucid.explain.maps.strongest import strongest

        return strongest(self.found)

    @cached_property
    def seen(self) -> "Seen | None":
        """What the strongest place sees; None where the map is of pixels, not of a layer."""
        from pellucid.cli.explain_field import seen_from

        if not self.found.layers or not self.spots:
            return None
        layer = self.trace.node(self.found.layers[0])
        return seen_from(self.trace, layer.index, (self.spots[0].y, self.spots[0].x))

    def view(self, *, colour: bool) -> RenderableType:
        """Scores, map in words, sum, strongest places; the overlay where there is colour."""
        parts: list[RenderableType] = [
            figures.title("Scores"),
            self._scores(),
            Text(),
            figures.title(f"What speaks for {visible(self._title())}"),
            Text(visible(self.found.words)),
        ]
        if self.found.explained is not None:
            parts += [Text(), self._sum()]
        if self.spots:
            parts += [Text(), figures.title("Strongest places"), self._places()]
        if self.seen is not None:
            parts += [Text(), *self.seen.lines()]
        if colour:
            parts += [Text(), self._overlay(), Text(f"scale: {_coloured(self.found)}", "dim")]
        return Group(*parts)

    def record(self) -> dict[str, Any]:
        """All scores, the map and its strongest places."""
        return {
            "scores": [asdict(score) for score in self.trace.scores],
            "class_map": self.found.to_json(),
            "places": [{**spot._asdict(), "box": spot.box._asdict()} for spot in self.spots],
            **({} if self.seen is None else self.seen.record()),
        }

    def picture(self) -> "Pixels":
        """The map on the picture, with its scale."""
        return self.found.overlay()

    def page(self) -> "Explanation":
        """Everything about the class: its score is accounted for, down to a pixel."""
        from pellucid.explain.account import account
        from pellucid.explain.steps import to_pixels
        from pellucid.report.explanation import Explanation

        score = account(self.trace, self.trace.output, (self.index,))
        field, effective = self.seen or (None, None)
        return Explanation(
            self.trace,
            found=self.found,
            steps=to_pixels(score),
            field=field,
            effective=effective,
        )

    def _title(self) -> str:
        against = self.found.against
        return self.found.target if against is None else f"{self.found.target} and not {against}"

    def _scores(self) -> Table:
        """The best, and those that are asked about."""
        ranked = sorted(self.trace.scores, key=lambda each: -each.score)
        asked = (self.found.target, self.found.against)
        table = figures.table(("class", "score", "probability"), left=1)
        for place, score in enumerate(ranked):
            if place < BEST or score.name in asked:
                style = "bold" if score.index == self.index else ""
                cells = (visible(score.name), number(score.score), f"{score.probability:.1%}")
                table.add_row(*map(Text, cells), style=style)
        return table

    def _sum(self) -> Table:
        from pellucid.explain.maps.words import digits

        found = self.found
        assert found.explained is not None and found.difference is not None
        rows = [
            *((name, digits(value, 7)) for name, value in found.sums),
            ("sum, recomputed", digits(found.explained, 7)),
            ("the network's score", digits(found.score, 7)),
            ("difference", digits(found.difference, 2)),
        ]
        table = figures.table(("the score", ""), left=1)
        for row in rows:
            table.add_row(*map(Text, row))
        return table

    def _places(self) -> Table:
        added = any(spot.adds is not None for spot in self.spots)
        head = ("at y, x", "of the picture", "value", *(["adds to the score"] if added else []))
        table = figures.table(head, left=2)
        for spot in self.spots:
            cells = [f"{spot.y}, {spot.x}", str(spot.box), number(spot.value)]
            if spot.adds is not None:
                cells.append(number(spot.adds))
            table.add_row(*map(Text, cells))
        return table

    def _overlay(self) -> RenderableType:
        return terminal_picture(self.found.overlay(side=_WIDTH, key=False), _WIDTH)


def class_answer(
    trace: "Trace", target: str | None, against: str | None, method: str, layer: str | None
) -> Verdict:
    """Explain the score of a class.

    Args:
        trace: of the picture.
        target: class, by name or number; None for the best.
        against: class to compare with.
        method: see :func:`pellucid.explain.maps.explain_class`.
        layer: whose maps Grad-CAM takes.

    Raises:
        UsageError: no such class, method or layer, or a method that does not fit the network.
    """
    from pellucid.explain.maps import explain_class
    from pellucid.explain.maps.question import question

    one, other = class_of(trace, target), class_of(trace, against)
    # A word from a user: an unknown one is refused there.
    found = explain_class(trace, one, other, method, layer=layer)  # type: ignore[arg-type]
    return Verdict(trace, found, question(trace, one, other).target)


def class_of(trace: "Trace", word: str | None) -> int | str | None:
    """A class as it was typed: a name if there is such a class, else a number."""
    if word is None or word in trace.classes or not word.isdecimal():
        return word
    return int(word)


def _coloured(found: "ClassMap") -> str:
    return str(found.scale).replace("0 white", "0 clear")
