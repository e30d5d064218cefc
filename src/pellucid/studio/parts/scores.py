"""Class scores as bars, each a button; changed without redrawing the page."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class Bar(NamedTuple):
    """One class.

    Attributes:
        name: of the class.
        score: of the class.
        probability: from 0 to 1, the length of its bar.
        change: of the score, with its sign; empty: none.
        role: ``target``, ``against`` or empty.
    """

    name: str
    score: str
    probability: float
    change: str = ""
    role: str = ""


class Scores(ui.element, component=WEB / "scores.js", esm=ESM):
    """A list of classes.

    Args:
        choose: called with the place of the class that is asked about.
        compare: called with the place of the class that it is compared with.
    """

    def __init__(self, choose: Callable[[int], None], compare: Callable[[int], None]) -> None:
        super().__init__()

        def called(react: Callable[[int], None]) -> Callable[[GenericEventArguments], None]:
            return lambda event: react(int(event.args))

        self.on("choose", called(choose))
        self.on("compare", called(compare))

    def show(self, bars: Sequence[Bar]) -> None:
        """Replace what it shows."""
        self.run_method("show", [bar._asdict() for bar in bars])
