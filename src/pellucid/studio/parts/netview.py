"""A drawn network and its ledger, linked: what is pointed at in one is marked in the other."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class NetView(ui.element, component=WEB / "netview.js", esm=ESM):
    """The drawing, zoomable, with a table beside it.

    Args:
        choose: called with the number of the box that is chosen.
    """

    def __init__(self, choose: Callable[[int], None]) -> None:
        super().__init__()

        def chosen(event: GenericEventArguments) -> None:
            choose(int(event.args))

        self.on("choose", chosen)

    def show(self, title: str, svg: str, rows: Sequence[dict[str, Any]], chosen: int) -> None:
        """Replace what it shows; ``rows`` has one for each box of the drawing."""
        self.run_method("show", title, svg, list(rows), chosen)
