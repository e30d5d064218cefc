"""Names with numbers, large enough for the back row; changed without redrawing the page."""

from collections.abc import Sequence
from typing import NamedTuple

from nicegui import ui

from pellucid.studio.parts import ESM, WEB


class Line(NamedTuple):
    """One line of a readout.

    Attributes:
        name: what it is.
        value: its number or sentence.
        detail: how it comes about, in smaller letters.
        colour: of a swatch before the name, as CSS has it; empty: no swatch.
    """

    name: str
    value: str
    detail: str = ""
    colour: str = ""


class Readout(ui.element, component=WEB / "readout.js", esm=ESM):
    """A list of lines under a title.

    Args:
        hint: shown before there is anything to show.
    """

    def __init__(self, hint: str) -> None:
        super().__init__()
        self._props["hint"] = hint

    def show(self, title: str, lines: Sequence[Line]) -> None:
        """Replace what it shows."""
        self.run_method("show", title, [line._asdict() for line in lines])
