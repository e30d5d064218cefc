"""What a place of a layer sees, exactly and in effect, as ``pellucid explain`` says it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.text import Text

from pellucid.cli import figures
from pellucid.cli.console import say
from pellucid.errors import UsageError
from pellucid.text import visible

if TYPE_CHECKING:
    from pellucid.explain import Area, Field, Trace
    from pellucid.explain.sight import EffectiveField


class Seen(NamedTuple):
    """What a place sees.

    Attributes:
        field: the pixels that can change it.
        effective: how much each moves it; None where that has no meaning or cannot be told.
    """

    field: "Field"
    effective: "EffectiveField | None"

    def lines(self) -> Iterator[Text]:
        """In words, each area with its share of the whole."""
        field = self.field
        yield figures.title(f"What {visible(field.layer)} at {field.place} sees")
        if field.original is not None:
            yield figures.line("image", _sized(field.original))
        if field.input.count:
            yield figures.line("input", _sized(field.input))
        if self.effective is not None:
            yield figures.line("in effect", in_effect(self.effective))

    def record(self) -> dict[str, Any]:
        """In plain values."""
        effective = None if self.effective is None else self.effective.to_json()
        return {"receptive_field": self.field.to_json(), "effective_field": effective}


def in_effect(effective: "EffectiveField") -> str:
    """How much of the field counts."""
    if not effective.total:
        return "nothing: the gradient is 0 everywhere, as behind a ReLU that is off"
    square = effective.square()
    return (
        f"95% of the gradient lies in a square of {effective.side()}×{effective.side()}, "
        f"{square.share:.1%} of the input"
    )


def seen_from(trace: "Trace", layer: int, at: tuple[int, ...]) -> Seen:
    """What a place sees; on stderr why its effective field cannot be told, where it cannot.

    Args:
        trace: of a picture.
        layer: index of a node.
        at: (c, y, x), (y, x) or (feature,).

    Raises:
        UsageError: no such place, or an operation on the way of which nothing is known.
    """
    from pellucid.explain import receptive_field
    from pellucid.explain.sight import effective_field

    if layer <= trace.input.index:  # before the network: there is nothing to differentiate
        return Seen(receptive_field(trace, layer, at), None)
    try:
        effective = effective_field(trace, layer, at)
    except UsageError as error:
        say(f"no effective receptive field: {error}")
        return Seen(receptive_field(trace, layer, at), None)
    return Seen(effective.field, effective)


def _sized(area: "Area") -> str:
    return f"{area}, {area.share:.1%} of it"
