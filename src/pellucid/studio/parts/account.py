"""The account of one number: its terms by what they contribute, and the way down through each."""

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from pellucid.studio.parts import ESM, WEB


class AccountView(ui.element, component=WEB / "account.js", esm=ESM):
    """A table of terms with bars, the sum, and the comparison with float64.

    Args:
        down: called with the place of the term that is followed.
        point: called with the place of the term that is pointed at; −1: none any more.
    """

    def __init__(self, down: Callable[[int], None], point: Callable[[int], None]) -> None:
        super().__init__()

        def called(react: Callable[[int], None]) -> Callable[[GenericEventArguments], None]:
            return lambda event: react(int(event.args))

        self.on("down", called(down))
        self.on("point", called(point))

    def show(self, record: dict[str, Any]) -> None:
        """Replace it; see :func:`pellucid.studio.rooms.inside.telling.told` for the record."""
        self.run_method("show", record)
