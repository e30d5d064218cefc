"""The planes of a colour model, each with its histogram."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class Card(NamedTuple):
    """One plane.

    Attributes:
        name: of the channel.
        src: address of its picture.
        key: what its shades stand for.
        summary: least, mean and greatest value in words.
        low: lower end of the histogram, in words.
        high: upper end.
        counts: of the histogram's bins.
    """

    name: str
    src: str
    key: str
    summary: str
    low: str
    high: str
    counts: tuple[int, ...]


class Planes(ui.element, component=WEB / "planes.js", esm=ESM):
    """Cards beside each other; one can be chosen to be looked at.

    Args:
        choose: called with the name of the plane that is chosen; empty: none any more.
    """

    def __init__(self, choose: Callable[[str], None]) -> None:
        super().__init__()

        def chosen(event: GenericEventArguments) -> None:
            choose(str(event.args))

        self.on("choose", chosen)

    def show(self, cards: Sequence[Card], chosen: str) -> None:
        """Replace all cards."""
        self._props.update(cards=[card._asdict() for card in cards], chosen=chosen)
        self.update()
